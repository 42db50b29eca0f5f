//! Whether x is 0.

use crate::formula::{Ring, predicate1};
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct LogicalNot;

impl Predicate<1, 0> for LogicalNot {
    #[inline(always)]
    fn test<R: Ring>([x]: [R; 1], []: [R; 0]) -> R::Mask {
        x.eq(R::c(0.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logical_not",
    doc: "Returns a bool tensor that says where `input` is 0.\n\nEvery dtype. Source: PyTorch, `torch.logical_not`.",
    in_place: true,
    ..predicate1::<LogicalNot, 0>()
}
.shipped();

/// Whether x is 0.
pub fn logical_not(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
