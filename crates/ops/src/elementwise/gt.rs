//! Whether x > other.

use crate::formula::{Ring, predicate2};
use crate::invoke;
use adjoint_autograd::{Alias, OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct Gt;

impl Predicate<2, 0> for Gt {
    #[inline(always)]
    fn test<R: Ring>([a, b]: [R; 2], []: [R; 0]) -> R::Mask {
        a.gt(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "gt",
    also: &[Alias::both("greater")],
    doc: "Returns a bool tensor that says where `input` > other.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.gt`.",
    ..predicate2::<Gt, 0>()
}
.shipped();

/// Whether x > other.
pub fn gt(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
