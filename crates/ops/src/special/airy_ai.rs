//! Returns the Airy function `Ai(x)`.

use crate::shared::samples;
use crate::shared::special::{airy, by_element};
use adjoint_autograd::{Api, Arg, Body, OpDef, Vjp};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "airy_ai",
    doc: "Returns the Airy function `Ai(x)`, element by element.\n\n\
          Relative error about 1e−14 above 1; below, the error is at most 1e−10. Computed in float64; integers give float32. Without a derivative, as PyTorch. \
          Source: PyTorch, `torch.special.airy_ai`.",
    args: &[Arg::tensor("x")],
    surface: &[Api::Special],
    body: Body::Kernel {
        rule: by_element::rule,
        run: |call, outs| by_element::map(call, &mut outs[0], airy::ai),
    },
    vjp: Vjp::None("PyTorch has none either"),
    samples: || samples::unary_in(-3.0, 3.0, &[]),
    ..OpDef::BASE
}
.shipped();
