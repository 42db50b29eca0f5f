//! A triangle.

use crate::shared::create::window::{self};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_bartlett",
    doc: "Returns a triangle of `M` points: `1 − |2k/(M − 1) − 1|`, 0 at its ends.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.bartlett`.",
    body: Body::Kernel {
        rule: window::rule,
        run: |call, outs| {
            let (n, sym) = window::sizes(call);
            if n == 1 {
                return window::write(&outs[0], 0.0, 0.0, |_| 1.0);
            }
            let step = 2.0 / (if sym { n.max(2) - 1 } else { n.max(1) }) as f64;
            window::write(&outs[0], -1.0, step, |t| 1.0 - t.abs())
        },
    },
    ..window::window()
}
.shipped();
