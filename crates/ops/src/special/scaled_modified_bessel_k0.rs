//! Returns `e^x K₀(x)`, the scaled modified Bessel function of the second kind of order 0.

use crate::shared::samples;
use crate::shared::special::{by_element, modified_bessel};
use adjoint_autograd::{Api, Arg, Body, OpDef, Vjp};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "scaled_modified_bessel_k0",
    doc: "Returns `e^x K₀(x)`, the scaled modified Bessel function of the second kind of order 0, element by element.\n\n\
          About 1e−14 relative. ∞ at 0 and NaN below. Computed in float64; integers give float32. Without a derivative, as PyTorch. \
          Source: PyTorch, `torch.special.scaled_modified_bessel_k0`.",
    args: &[Arg::tensor("x")],
    surface: &[Api::Special],
    body: Body::Kernel {
        rule: by_element::rule,
        run: |call, outs| by_element::map(call, &mut outs[0], |x| modified_bessel::scaled_k(0.0, x)),
    },
    vjp: Vjp::None("PyTorch has none either"),
    samples: || samples::unary_in(0.3, 4.0, &[]),
    ..OpDef::BASE
}
.shipped();
