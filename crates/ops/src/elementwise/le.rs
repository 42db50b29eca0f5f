//! Whether x ≤ other.

use crate::formula::{Ring, predicate2};
use crate::invoke;
use adjoint_autograd::{Alias, OpDef, Tensor};
use adjoint_kernels::elementwise::Predicate;
use adjoint_tensor::Result;

struct Le;

impl Predicate<2, 0> for Le {
    #[inline(always)]
    fn test<R: Ring>([a, b]: [R; 2], []: [R; 0]) -> R::Mask {
        a.le(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "le",
    also: &[Alias::both("less_equal")],
    doc: "Returns a bool tensor that says where `input` ≤ other.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.le`.",
    ..predicate2::<Le, 0>()
}
.shipped();

/// Whether x ≤ other.
pub fn le(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
