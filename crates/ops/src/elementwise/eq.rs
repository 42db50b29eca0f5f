//! Whether x = other.

use crate::formula::{Ring, predicate2};
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct Eq;

impl Predicate<2, 0> for Eq {
    #[inline(always)]
    fn test<R: Ring>([a, b]: [R; 2], []: [R; 0]) -> R::Mask {
        a.eq(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "eq",
    doc: "Returns a bool tensor that says where `input` = other.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.eq`.",
    ..predicate2::<Eq, 0>()
}
.shipped();

/// Whether x = other.
pub fn eq(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
