//! Hamming's window.

use crate::shared::create::window::{self};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_hamming",
    doc: "Returns Hamming's window of `M` points: `0.54 − 0.46 cos t` over a turn.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.hamming`.",
    body: Body::Kernel { rule: window::rule, run: |call, outs| window::cosines(call, &outs[0], &[0.54, 0.46]) },
    ..window::window()
}
.shipped();
