//! Nuttall's window.

use crate::shared::create::window::{self};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_nuttall",
    doc: "Returns Nuttall's window of `M` points: `0.3635819 − 0.4891775 cos t + 0.1365995 cos 2t − 0.0106411 cos 3t` over a turn.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.nuttall`.",
    body: Body::Kernel {
        rule: window::rule,
        run: |call, outs| {
            window::cosines(call, &outs[0], &[0.3635819, 0.4891775, 0.136_599_5, 0.010_641_1])
        },
    },
    ..window::window()
}
.shipped();
