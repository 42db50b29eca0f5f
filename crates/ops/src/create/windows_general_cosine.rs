//! A sum of waves.

use crate::shared::create::factory::DTYPE;
use crate::shared::create::window::{self, M, SYM};
use crate::shared::view::samples::fails;
use adjoint_autograd::{Arg, Attr, Body, Kind, OpDef, Sample};
use adjoint_tensor::{Code, Error};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_general_cosine",
    doc: "Returns `Σ (−1)^i a_i cos(i t)` at `M` points over a turn.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.general_cosine`.",
    args: &[M, Arg::required("a", Kind::Floats), SYM, DTYPE],
    body: Body::Kernel {
        rule: window::rule,
        run: |call, outs| {
            let a = call.attrs.get_floats(1)?;
            if a.is_empty() {
                return Err(Error::usage("coefficients cannot be empty"));
            }
            window::cosines(call, &outs[0], a)
        },
    },
    samples: || {
        vec![Sample::new("five points", vec![Attr::Int(5).into(), Attr::Floats([0.6, 0.3, 0.1].into()).into()])]
    },
    errors: || {
        vec![fails(
            Sample::new("no coefficients", vec![Attr::Int(3).into(), Attr::Floats([].into()).into()]),
            Code::Usage,
            "cannot be empty",
        )]
    },
    ..window::window()
}
.shipped();
