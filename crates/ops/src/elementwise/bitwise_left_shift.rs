//! Shifts of bits.

use crate::formula::bits2;
use adjoint_autograd::OpDef;
use adjoint_kernels::algebra::Bits;
use adjoint_kernels::elementwise::BitsFormula;

struct LeftShift;

impl BitsFormula<2, 0> for LeftShift {
    #[inline(always)]
    fn eval<B: Bits>([a, b]: [B; 2], []: [B; 0]) -> B {
        a.shl(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bitwise_left_shift",
    doc: "Returns `input` shifted left by `other` bits, element by element.\n\n\
          A count that is negative or not below the width gives 0. Shapes broadcast and dtypes promote; floats are an error. \
          Source: PyTorch, `torch.bitwise_left_shift`.",
    ..bits2::<LeftShift>()
}
.shipped();
