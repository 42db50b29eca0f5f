//! The regularised lower incomplete gamma function.

use super::{exp::exp, lgamma::lgamma, log::log, mul::mul, sub::sub};
use crate::invoke::number;
use crate::shared::samples;
use crate::shared::special::by_element::{of_input, pair, zip};
use crate::shared::special::incomplete_gamma::lower;
use adjoint_autograd::{Alias, Arg, Backward, Grads, OpDef, Sample, SampleTensor, Saves, Tensor, Vjp};
use adjoint_tensor::{Error, Result};
use smallvec::smallvec;

/// The gradient of `other`: `g` times the density of the gamma distribution.
///
/// # Errors
/// The one of `input` is wanted.
pub(super) fn gradients(b: &Backward, g: &Tensor) -> Result<Grads> {
    if b.wants(0) {
        return Err(Error::autograd(
            "the derivative by input, the parameter, is not implemented, as in PyTorch; detach it",
        ));
    }
    let (a, x) = (b.input(0)?, b.input(1)?);
    let density = exp(&sub(&sub(&mul(&sub(&a, &number(1.0)?)?, &log(&x)?)?, &x)?, &lgamma(&a)?)?)?;
    Ok(smallvec![None, Some(of_input(b, 1, &mul(g, &density)?)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "igamma",
    also: &[Alias::special("gammainc")],
    doc: "Returns the regularised lower incomplete gamma function of the parameter `input` at `other`, element by element: \
          `1/Γ(a) ∫ t^(a−1) e^−t dt` from 0 to x.\n\n\
          NaN where either is negative. Computed in float64, within 3e−13 relative for parameters to 100. The gradient \
          of `other` only, as PyTorch. Shapes broadcast. Source: PyTorch, `torch.igamma`; Abramowitz and Stegun 6.5.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    node: "IgammaBackward0",
    vjp: Vjp::Fn(|b| gradients(b, b.g())),
    saves: Saves { inputs: &[0, 0b11], outputs: &[] },
    samples: || {
        let s = |label, a: &[usize], x: &[usize]| {
            let parameter = SampleTensor::new(a).range(0.5, 5.0).constant();
            Sample::new(label, vec![parameter.into(), SampleTensor::new(x).range(0.3, 6.0).into()])
        };
        vec![s("equal shapes", &[2, 3], &[2, 3]), s("a row", &[2, 1], &[3])]
    },
    errors: samples::binary_errors,
    ..pair(|call, outs| zip(call, &mut outs[0], lower))
}
.shipped();
