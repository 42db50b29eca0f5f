//! Whether x is −∞.

use crate::formula::{Ring, predicate1};
use adjoint_autograd::OpDef;
use adjoint_kernels::elementwise::Predicate;

struct Isneginf;

impl Predicate<1, 0> for Isneginf {
    #[inline(always)]
    #[allow(clippy::eq_op, reason = "x − x is 0 for finite numbers and NaN for the others")]
    fn test<R: Ring>([x]: [R; 1], []: [R; 0]) -> R::Mask {
        x.lt(R::c(0.0)) & (x - x).ne(R::c(0.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "isneginf",
    doc: "Returns a bool tensor that says where `input` is −∞.\n\nEvery dtype. Source: PyTorch, `torch.isneginf`.",
    ..predicate1::<Isneginf, 0>()
}
.shipped();
