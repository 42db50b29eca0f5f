//! A Vandermonde matrix, its powers falling.

use crate::create::ones::ones;
use crate::elementwise::to::to;
use crate::reduce::cumprod::cumprod;
use crate::shared::view::samples::{call, fails, int};
use crate::view::{cat::cat, expand::expand, flip::flip, narrow::narrow, unsqueeze::unsqueeze};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::array::held;
use adjoint_tensor::{Code, DType, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let &[len] = x.shape() else {
        return Err(Error::shape(format!("x must be a one-dimensional tensor, got shape {:?}", x.shape())));
    };
    let columns = match attrs.opt_int(0) {
        None => len,
        Some(n) => held(n, "N", || Error::usage(format!("N must be non-negative, got {n}")))?,
    };
    let dtype = if x.dtype().is_float() { x.dtype() } else { DType::Int64 };
    let x = to(x, dtype)?;
    let first = ones(&[len, 1], dtype)?;
    let powers = match columns {
        0 => narrow(&first, 1, 0, 0)?,
        1 => first,
        _ => cat(&[&first, &cumprod(&expand(&unsqueeze(&x, 1)?, &[len, columns - 1])?, 1)?], 1)?,
    };
    Ok(smallvec![if attrs.get_bool(1) { powers } else { flip(&powers, &[1])? }])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "vander",
    doc: "Returns the Vandermonde matrix of a vector: in row i the powers of `x_i` from N − 1 to 0, or from 0 to N − 1 where `increasing`.\n\n\
          **Shapes**: `x` is `[n]`, the result `[n, N]`; N is n where it is left out. Integers and bools give int64. \
          Source: PyTorch, `torch.vander`.",
    args: &[
        Arg::tensor("x"),
        Arg::optional("N", Kind::Int, Default::None),
        Arg::optional("increasing", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("a square", &[3], []),
            call("rising", &[2], [int(4), Attr::Bool(true)]),
        ]
    },
    errors: || {
        vec![
            fails(call("a matrix", &[2, 2], []), Code::Shape, "a one-dimensional tensor"),
            fails(call("fewer than none", &[2], [int(-1)]), Code::Usage, "non-negative"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
