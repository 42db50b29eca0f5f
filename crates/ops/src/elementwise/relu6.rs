//! `x` cut off at 0 and 6.

use crate::formula::{Algebra, Ring, RingUnary, ring_unary};
use crate::invoke;
use crate::shared::checks::not_bools;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Relu6;

impl RingUnary<0> for Relu6 {
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x.at_least(R::c(0.0)).at_most(R::c(6.0))
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        // 0 at 0 and 6, as in PyTorch, where the selection has that of the input.
        A::select(x.le(A::c(0.0)) | x.ge(A::c(6.0)), A::c(0.0), g)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "relu6",
    doc: "Returns `input`, at least 0 and at most 6, element by element.\n\n\
          The gradient at the bounds is 0. Every dtype but bool. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.relu6`.",
    node: "HardtanhBackward0",
    surface: &[Api::Functional],
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    saves: Saves::INPUT,
    flat: [1, 0],
    ..ring_unary::<Relu6, 0>()
}
.shipped();

/// `x` cut off at 0 and 6.
pub fn relu6(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
