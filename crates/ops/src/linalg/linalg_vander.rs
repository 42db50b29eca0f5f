//! Vandermonde matrices.

use crate::create::ones::ones;
use crate::reduce::cumprod::cumprod;
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{call, fails, int};
use crate::view::{cat::cat, expand::expand, reshape::reshape, unsqueeze::unsqueeze};
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef, Tensor, required};
use adjoint_tensor::{Code, DType, Dims, Error, Result};
use smallvec::smallvec;

/// The powers from 0 to n − 1 of the elements, in a last dim.
fn powers(x: &Tensor, n: i64) -> Result<Tensor> {
    let n = usize::try_from(n)
        .ok()
        .filter(|n| *n > 1)
        .ok_or_else(|| Error::usage(format!("N must be greater than 1, got {n}")))?;
    let factors = unsqueeze(x, x.rank())?;
    let shape = |last: usize| -> Dims { x.shape().iter().copied().chain([last]).collect() };
    let higher = cumprod(&expand(&factors, &shape(n - 1))?, x.rank())?;
    let dtype = if x.dtype().is_float() { x.dtype() } else { DType::Int64 };
    cat(&[&ones(&shape(1), dtype)?, &higher], x.rank())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linalg_vander",
    doc: "Returns Vandermonde matrices: in row i the powers of `x_i` from 0 to N − 1.\n\n\
          **Shapes**: `x` is `[*, n]`, the result `[*, n, N]`; N is n where it is left out, and at least 2. Integers and bools give int64. \
          Source: PyTorch, `torch.linalg.vander`.",
    args: &[Arg::tensor("x"), Arg::optional("N", Kind::Int, Default::None)],
    body: Body::Composite(|inputs, attrs| {
        let x = required(inputs, 0);
        let x = if x.rank() == 0 { reshape(x, &[1])? } else { x.clone() };
        let n = attrs.opt_int(0).unwrap_or(x.shape()[x.rank() - 1] as i64);
        Ok(smallvec![powers(&x, n)?])
    }),
    samples: || vec![call("a square", &[3], []), call("a batch", &[2, 3], [int(4)]), call("a number", &[], [int(2)])],
    errors: || vec![fails(call("no powers", &[3], [int(1)]), Code::Usage, "greater than 1")],
    ..COMPOSITE
}
.shipped();
