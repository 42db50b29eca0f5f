//! Whether x is infinite.

use crate::formula::{Ring, predicate1};
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct Isinf;

impl Predicate<1, 0> for Isinf {
    #[inline(always)]
    #[allow(clippy::eq_op, reason = "x − x is 0 for finite numbers and NaN for the others")]
    fn test<R: Ring>([x]: [R; 1], []: [R; 0]) -> R::Mask {
        // Less itself an infinite number is NaN, and no integer is.
        x.eq(x) & (x - x).ne(R::c(0.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "isinf",
    doc: "Returns a bool tensor that says where `input` is infinite.\n\nEvery dtype. Source: PyTorch, `torch.isinf`.",
    ..predicate1::<Isinf, 0>()
}
.shipped();

/// Whether x is infinite.
pub fn isinf(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
