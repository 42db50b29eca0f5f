//! The bits that a number does not have.

use crate::formula::bits1;
use adjoint_autograd::OpDef;
use adjoint_kernels::algebra::Bits;
use adjoint_kernels::elementwise::BitsFormula;

struct BitwiseNot;

impl BitsFormula<1, 0> for BitwiseNot {
    #[inline(always)]
    fn eval<B: Bits>([x]: [B; 1], []: [B; 0]) -> B {
        !x
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bitwise_not",
    doc: "Returns the bits that `input` does not have, element by element: `−x − 1`.\n\n\
          Bools are negated; floats are an error. Source: PyTorch, `torch.bitwise_not`.",
    ..bits1::<BitwiseNot>()
}
.shipped();
