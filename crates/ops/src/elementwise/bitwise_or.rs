//! The bits that either has.

use crate::formula::bits2;
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::algebra::Bits;
use adjoint_kernels::elementwise::BitsFormula;
use adjoint_tensor::Result;

struct BitwiseOr;

impl BitsFormula<2, 0> for BitwiseOr {
    #[inline(always)]
    fn eval<B: Bits>([a, b]: [B; 2], []: [B; 0]) -> B {
        a | b
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bitwise_or",
    doc: "Returns the bits that either has, element by element.\n\n\
          Bools by `logicalOr`. Shapes broadcast and dtypes promote; floats are an error. \
          Source: PyTorch, `torch.bitwise_or`.",
    ..bits2::<BitwiseOr>()
}
.shipped();

/// The bits that either has.
pub fn bitwise_or(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
