//! The regularised upper incomplete gamma function.

use super::{igamma::gradients, neg::neg};
use crate::shared::special::by_element::{pair_rule, zip};
use crate::shared::special::incomplete_gamma::upper;
use adjoint_autograd::{Alias, Body, OpDef, Vjp};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "igammac",
    also: &[Alias::special("gammaincc")],
    doc: "Returns the regularised upper incomplete gamma function of the parameter `input` at `other`, element by element: \
          `1/Γ(a) ∫ t^(a−1) e^−t dt` from x to ∞.\n\n\
          NaN where either is negative. Computed in float64, within 3e−13 relative for parameters to 100. The gradient \
          of `other` only, as PyTorch. Shapes broadcast. Source: PyTorch, `torch.igammac`; Abramowitz and Stegun 6.5.",
    node: "IgammacBackward0",
    vjp: Vjp::Fn(|b| gradients(b, &neg(b.g())?)),
    body: Body::Kernel { rule: pair_rule, run: |call, outs| zip(call, &mut outs[0], upper) },
    ..super::igamma::DEF
}
.shipped();
