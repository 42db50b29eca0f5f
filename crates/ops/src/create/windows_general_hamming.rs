//! A wave on a base.

use crate::shared::create::factory::DTYPE;
use crate::shared::create::window::{self, M, SYM};
use adjoint_autograd::{Arg, Attr, Body, Default, Kind, OpDef, Sample};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_general_hamming",
    doc: "Returns `alpha − (1 − alpha) cos t` at `M` points over a turn.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.general_hamming`.",
    args: &[M, Arg::optional("alpha", Kind::Float, Default::Float(0.54)), SYM, DTYPE],
    body: Body::Kernel {
        rule: window::rule,
        run: |call, outs| {
            let alpha = call.attrs.opt_float(1).unwrap_or(0.54);
            window::cosines(call, &outs[0], &[alpha, 1.0 - alpha])
        },
    },
    samples: || vec![Sample::new("five points", vec![Attr::Int(5).into(), Attr::Float(0.6).into()])],
    ..window::window()
}
.shipped();
