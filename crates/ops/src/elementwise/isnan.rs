//! Whether x is NaN.

use crate::formula::{Ring, predicate1};
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct Isnan;

impl Predicate<1, 0> for Isnan {
    #[inline(always)]
    fn test<R: Ring>([x]: [R; 1], []: [R; 0]) -> R::Mask {
        x.is_nan()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "isnan",
    doc: "Returns a bool tensor that says where `input` is NaN.\n\nEvery dtype. Source: PyTorch, `torch.isnan`.",
    ..predicate1::<Isnan, 0>()
}
.shipped();

/// Whether x is NaN.
pub fn isnan(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
