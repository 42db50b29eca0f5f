//! Blackman's window.

use crate::shared::create::window::{self};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_blackman",
    doc: "Returns Blackman's window of `M` points: `0.42 − 0.5 cos t + 0.08 cos 2t` over a turn.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.blackman`.",
    body: Body::Kernel { rule: window::rule, run: |call, outs| window::cosines(call, &outs[0], &[0.42, 0.5, 0.08]) },
    ..window::window()
}
.shipped();
