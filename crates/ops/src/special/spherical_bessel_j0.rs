//! Returns `sin x / x`, the spherical Bessel function of the first kind of order 0.

use crate::shared::samples;
use crate::shared::special::{bessel, by_element};
use adjoint_autograd::{Api, Arg, Body, OpDef, Vjp};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "spherical_bessel_j0",
    doc: "Returns `sin x / x`, the spherical Bessel function of the first kind of order 0, element by element.\n\n\
          Within 2 ULP. Computed in float64; integers give float32. Without a derivative, as PyTorch. \
          Source: PyTorch, `torch.special.spherical_bessel_j0`.",
    args: &[Arg::tensor("x")],
    surface: &[Api::Special],
    body: Body::Kernel {
        rule: by_element::rule,
        run: |call, outs| by_element::map(call, &mut outs[0], bessel::spherical_j0),
    },
    vjp: Vjp::None("PyTorch has none either"),
    samples: || samples::unary_in(-3.0, 3.0, &[]),
    ..OpDef::BASE
}
.shipped();
