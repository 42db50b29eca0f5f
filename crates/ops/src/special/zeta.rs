//! The Hurwitz zeta function.

use crate::elementwise::polygamma;
use crate::shared::special::by_element::{pair, zip};
use adjoint_autograd::{Api, OpDef, Sample, SampleTensor, Vjp};

/// `Σ_{k ≥ 0} (q + k)^−s`.
fn value(s: f64, q: f64) -> f64 {
    if s == 1.0 {
        return f64::INFINITY;
    }
    if s.is_nan() || q.is_nan() || s < 1.0 {
        return f64::NAN;
    }
    if q <= 0.0 {
        if q == q.floor() {
            return f64::INFINITY;
        }
        // A negative number has no power that is not whole.
        return if s == s.floor() { polygamma::zeta_below(s, q) } else { f64::NAN };
    }
    polygamma::zeta(s, q)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "zeta",
    doc: "Returns the Hurwitz zeta function `Σ_{k ≥ 0} (other + k)^−input`, element by element.\n\n\
          ∞ at `input` 1 and where `other` is 0 or a negative integer; NaN for `input` below 1. Relative error about 1e−14. \
          Without a derivative, as PyTorch. Shapes broadcast. Source: PyTorch, `torch.special.zeta`.",
    surface: &[Api::Special],
    in_place: false,
    vjp: Vjp::None("PyTorch has none either"),
    samples: || {
        let s = |label, a: &[usize], b: &[usize]| {
            let (a, b) = (SampleTensor::new(a).range(1.2, 6.0), SampleTensor::new(b).range(0.3, 6.0));
            Sample::new(label, vec![a.constant().into(), b.constant().into()])
        };
        vec![s("equal shapes", &[2, 3], &[2, 3]), s("a row", &[2, 1], &[3])]
    },
    ..pair(|call, outs| zip(call, &mut outs[0], value))
}
.shipped();
