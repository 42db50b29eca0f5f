//! Whether one of them is not 0.

use crate::formula::{Ring, predicate2};
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct LogicalOr;

impl Predicate<2, 0> for LogicalOr {
    #[inline(always)]
    fn test<R: Ring>([a, b]: [R; 2], []: [R; 0]) -> R::Mask {
        a.ne(R::c(0.0)) | b.ne(R::c(0.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logical_or",
    doc: "Returns a bool tensor that says where one of them is not 0.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.logical_or`.",
    ..predicate2::<LogicalOr, 0>()
}
.shipped();

/// Whether one of them is not 0.
pub fn logical_or(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
