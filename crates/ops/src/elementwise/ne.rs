//! Whether x ≠ other.

use crate::formula::{Ring, predicate2};
use crate::invoke;
use adjoint_autograd::{Alias, OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct Ne;

impl Predicate<2, 0> for Ne {
    #[inline(always)]
    fn test<R: Ring>([a, b]: [R; 2], []: [R; 0]) -> R::Mask {
        a.ne(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ne",
    also: &[Alias::both("not_equal")],
    doc: "Returns a bool tensor that says where `input` ≠ other.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.ne`.",
    ..predicate2::<Ne, 0>()
}
.shipped();

/// Whether x ≠ other.
pub fn ne(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
