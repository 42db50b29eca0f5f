//! The bits that one of the two has.

use crate::formula::bits2;
use crate::invoke;
use adjoint_autograd::{OpDef, Tensor};
use adjoint_kernels::algebra::Bits;
use adjoint_kernels::elementwise::BitsFormula;
use adjoint_tensor::Result;

struct BitwiseXor;

impl BitsFormula<2, 0> for BitwiseXor {
    #[inline(always)]
    fn eval<B: Bits>([a, b]: [B; 2], []: [B; 0]) -> B {
        a ^ b
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bitwise_xor",
    doc: "Returns the bits that one of the two has, element by element.\n\n\
          Bools by `logicalXor`. Shapes broadcast and dtypes promote; floats are an error. \
          Source: PyTorch, `torch.bitwise_xor`.",
    ..bits2::<BitwiseXor>()
}
.shipped();

/// The bits that one of the two has.
pub fn bitwise_xor(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
