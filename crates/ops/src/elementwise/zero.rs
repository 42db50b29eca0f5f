//! Zeros in place.

use crate::formula::{Algebra, Ring, RingUnary, nothing, ring_unary};
use crate::invoke;
use adjoint_autograd::{Api, Attrs, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Zero;

impl RingUnary<0> for Zero {
    fn f<R: Ring>(_x: R, []: [R; 0]) -> R {
        R::c(0.0)
    }
    fn vjp<A: Algebra>(g: A, _x: A, _y: A, []: [A; 0]) -> A {
        nothing(g)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "zero",
    doc: "Writes 0 into every element of `input`.\n\n\
          Only the in-place form `zero_` is public: `x.grad.zero_()`. The gradient of what was there is 0. \
          Source: PyTorch, `Tensor.zero_`.",
    surface: &[Api::InPlaceMethod],
    node: "ZeroBackward0",
    uniform: true,
    saves: Saves::NOTHING,
    ..ring_unary::<Zero, 0>()
}
.shipped();

/// Writes 0 into every element of `x`.
pub fn zero_(x: &Tensor) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x)], Attrs::new())
}
