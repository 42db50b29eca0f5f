//! Whether x is neither infinite nor NaN.

use crate::formula::{Ring, predicate1};
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct Isfinite;

impl Predicate<1, 0> for Isfinite {
    #[inline(always)]
    #[allow(clippy::eq_op, reason = "x − x is 0 for finite numbers and NaN for the others")]
    fn test<R: Ring>([x]: [R; 1], []: [R; 0]) -> R::Mask {
        // Infinite and NaN less themselves are NaN; integers are 0, and need no infinity to be
        // compared with.
        (x - x).eq(R::c(0.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "isfinite",
    doc: "Returns a bool tensor that says where `input` is neither infinite nor NaN.\n\nEvery dtype. Source: PyTorch, `torch.isfinite`.",
    ..predicate1::<Isfinite, 0>()
}
.shipped();

/// Whether x is neither infinite nor NaN.
pub fn isfinite(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
