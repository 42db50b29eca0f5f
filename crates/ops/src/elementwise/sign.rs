//! −1, 0 or 1 by the sign of `x`.

use crate::formula::{Ring, RingUnary, ring_unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Sign;

impl RingUnary<0> for Sign {
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        R::select(x.gt(R::c(0.0)), R::c(1.0), R::select(x.lt(R::c(0.0)), R::c(-1.0), R::c(0.0)))
    }
}

/// The op, under both its names.
pub static DEFS: &[&OpDef] = &[&DEF, &SGN];

static DEF: OpDef = OpDef {
    name: "sign",
    doc: "Returns −1, 0 or 1 by the sign of `input`, element by element.\n\n\
          The gradient is 0. Every dtype. Any shape; returns a new tensor. Source: PyTorch, `torch.sign`.",
    node: "SignBackward0",
    saves: Saves::NOTHING,
    ..ring_unary::<Sign, 0>()
}
.shipped();

static SGN: OpDef = OpDef {
    name: "sgn",
    doc: "Returns −1, 0 or 1 by the sign of `input`, as `sign` does: the two differ for complex numbers only. Source: PyTorch, `torch.sgn`.",
    node: "SgnBackward0",
    ..DEF
}
.shipped();

/// −1, 0 or 1 by the sign of `x`.
pub fn sign(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
