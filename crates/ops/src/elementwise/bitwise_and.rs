//! The bits that both have.

use crate::formula::bits2;
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::algebra::Bits;
use adjoint_kernels::elementwise::BitsFormula;
use adjoint_tensor::Result;

struct BitwiseAnd;

impl BitsFormula<2, 0> for BitwiseAnd {
    #[inline(always)]
    fn eval<B: Bits>([a, b]: [B; 2], []: [B; 0]) -> B {
        a & b
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bitwise_and",
    doc: "Returns the bits that both have, element by element.\n\n\
          Bools by `logicalAnd`. Shapes broadcast and dtypes promote; floats are an error. \
          Source: PyTorch, `torch.bitwise_and`.",
    ..bits2::<BitwiseAnd>()
}
.shipped();

/// The bits that both have.
pub fn bitwise_and(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
