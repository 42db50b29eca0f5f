//! Hann's window.

use crate::shared::create::window::{self};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_hann",
    doc: "Returns Hann's window of `M` points: `0.5 − 0.5 cos t` over a turn.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.hann`.",
    body: Body::Kernel { rule: window::rule, run: |call, outs| window::cosines(call, &outs[0], &[0.5, 0.5]) },
    ..window::window()
}
.shipped();
