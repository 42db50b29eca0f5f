//! Half a wave.

use crate::shared::create::window::{self};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_cosine",
    doc: "Returns half a wave of `M` points: `sin((k + ½) π/M)`.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.cosine`.",
    body: Body::Kernel {
        rule: window::rule,
        run: |call, outs| {
            let (n, sym) = window::sizes(call);
            let step = std::f64::consts::PI / (if sym || n <= 1 { n } else { n + 1 }) as f64;
            window::write(&outs[0], 0.5 * step, step, f64::sin)
        },
    },
    ..window::window()
}
.shipped();
