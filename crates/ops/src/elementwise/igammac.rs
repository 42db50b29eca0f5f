//! The regularised upper incomplete gamma function.

use super::{exp::exp, lgamma::lgamma, log::log, mul::mul, neg::neg, sub::sub};
use crate::invoke::number;
use crate::shared::samples;
use crate::shared::special::by_element::{of_input, pair, zip};
use crate::shared::special::incomplete_gamma::upper;
use adjoint_autograd::{Alias, Arg, Backward, Grads, OpDef, Sample, SampleTensor, Saves, Vjp};
use adjoint_tensor::{Error, Result};
use smallvec::smallvec;

fn vjp(b: &Backward) -> Result<Grads> {
    if b.wants(0) {
        return Err(Error::autograd(
            "the derivative by input, the parameter, is not implemented, as in PyTorch; detach it",
        ));
    }
    let (a, x) = (b.input(0)?, b.input(1)?);
    let density = exp(&sub(&sub(&mul(&sub(&a, &number(1.0)?)?, &log(&x)?)?, &x)?, &lgamma(&a)?)?)?;
    let g = mul(b.g(), &neg(&density)?)?;
    Ok(smallvec![None, Some(of_input(b, 1, &g)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "igammac",
    also: &[Alias::special("gammaincc")],
    doc: "Returns the regularised upper incomplete gamma function of the parameter `input` at `other`, element by element: \
          `1/Γ(a) ∫ t^(a−1) e^−t dt` from x to ∞.\n\n\
          NaN where either is negative. Computed in float64, within 3e−13 relative for parameters to 100. The gradient \
          of `other` only, as PyTorch. Shapes broadcast. Source: PyTorch, `torch.igammac`; Abramowitz and Stegun 6.5.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    node: "IgammacBackward0",
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0, 0b11], outputs: &[] },
    samples: || {
        let s = |label, a: &[usize], x: &[usize]| {
            let parameter = SampleTensor::new(a).range(0.5, 5.0).constant();
            Sample::new(label, vec![parameter.into(), SampleTensor::new(x).range(0.3, 6.0).into()])
        };
        vec![s("equal shapes", &[2, 3], &[2, 3]), s("a row", &[2, 1], &[3])]
    },
    errors: samples::binary_errors,
    ..pair(|call, outs| zip(call, &mut outs[0], upper))
}
.shipped();
