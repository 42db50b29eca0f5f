//! All products of two vectors.

use crate::elementwise::mul::mul;
use crate::invoke;
use crate::shared::contract::operands::rank;
use crate::shared::contract::samples::{call, fails};
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{Alias, Arg, Body, OpDef, Tensor};
use adjoint_tensor::{Error, Result};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "outer",
    also: &[Alias::both("ger")],
    doc: "Returns all products of the elements of two vectors, `out_ij = input_i · vec2_j`.\n\n\
          **Shapes**: `input` is `[m]`, `vec2` `[n]`, the result `[m, n]`; dtypes promote. Source: PyTorch, `torch.outer`.",
    args: &[Arg::tensor("input"), Arg::tensor("vec2")],
    body: Body::Composite(|inputs, _| match *inputs {
        [Some(x), Some(y)] => {
            rank("input", x.shape(), 1, "a vector")?;
            rank("vec2", y.shape(), 1, "a vector")?;
            Ok(smallvec![mul(&unsqueeze(x, 1)?, y)?])
        }
        _ => Err(Error::usage("expected two tensors")),
    }),
    samples: || vec![call("two vectors", &[&[3], &[4]]), call("an empty vector", &[&[0], &[2]])],
    errors: || vec![fails("a matrix", &[&[2, 2], &[2]], "input must be a vector")],
    ..OpDef::COMPOSITE
}
.shipped();

/// All products of two vectors.
pub fn outer(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, y)
}
