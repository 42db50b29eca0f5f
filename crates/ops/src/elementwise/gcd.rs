//! The greatest common divisor of input and other.

use crate::shared::checks;
use crate::shared::special::by_element::{self, zip_integers};
use adjoint_autograd::{Arg, Call, Check, OpDef, Promotion, Sample, SampleTensor, Vjp};
use adjoint_tensor::{Array, DType, Result};

/// Euclid's algorithm; not negative but for the least integer, which has no other sign.
pub(super) fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a as i64
}

const ARGS: &[Arg] = &[Arg::tensor("input"), Arg::tensor("other")];

/// What `gcd` and `lcm` have.
pub(super) const fn of_integers(run: fn(&Call, &mut [Array]) -> Result<()>) -> OpDef {
    OpDef {
        args: ARGS,
        promotion: Promotion::Common,
        check: Check::Attributes(|_, _, dtype| integers(dtype)),
        vjp: Vjp::None("the result is integers"),
        samples: || {
            let s = |label, a: &[usize], b: &[usize]| {
                Sample::new(label, vec![SampleTensor::ints(a, -9, 9).into(), SampleTensor::ints(b, -7, 7).into()])
            };
            vec![s("equal shapes", &[2, 3], &[2, 3]), s("a row", &[2, 3], &[3])]
        },
        ..by_element::pair(run)
    }
}

/// Refuses floats and bools.
fn integers(dtype: DType) -> Result<()> {
    if dtype.is_float() || dtype == DType::Bool {
        return Err(checks::wrong_integers("input and other", "int64 or another integer", dtype));
    }
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "gcd",
    doc: "Returns the greatest common divisor of `input` and `other`, element by element.\n\n\
          Not negative; shapes broadcast and integer dtypes promote; floats are an error. Source: PyTorch, `torch.gcd`.",
    ..of_integers(|call, outs| zip_integers(call, &mut outs[0], gcd))
}
.shipped();
