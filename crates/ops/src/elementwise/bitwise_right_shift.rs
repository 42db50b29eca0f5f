//! Shifts of bits.

use crate::formula::bits2;
use adjoint_autograd::OpDef;
use adjoint_kernels::algebra::Bits;
use adjoint_kernels::elementwise::BitsFormula;

struct RightShift;

impl BitsFormula<2, 0> for RightShift {
    #[inline(always)]
    fn eval<B: Bits>([a, b]: [B; 2], []: [B; 0]) -> B {
        a.shr(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bitwise_right_shift",
    doc: "Returns `input` shifted right by `other` bits, filled with its sign, element by element.\n\n\
          A count that is negative or not below the width shifts everything out. Shapes broadcast and dtypes promote; floats are an error. \
          Source: PyTorch, `torch.bitwise_right_shift`.",
    ..bits2::<RightShift>()
}
.shipped();
