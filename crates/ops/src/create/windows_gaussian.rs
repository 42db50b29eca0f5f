//! A bell.

use crate::shared::create::factory::DTYPE;
use crate::shared::create::window::{self, M, SYM};
use crate::shared::view::samples::fails;
use adjoint_autograd::{Arg, Attr, Body, Default, Kind, OpDef, Sample};
use adjoint_tensor::{Code, Error};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_gaussian",
    doc: "Returns `exp(−½ (t / std)²)` at `M` points one apart, in the middle of which `t` is 0.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.gaussian`.",
    args: &[M, Arg::optional("std", Kind::Float, Default::Float(1.0)), SYM, DTYPE],
    body: Body::Kernel {
        rule: window::rule,
        run: |call, outs| {
            let (n, sym) = window::sizes(call);
            let std = call.attrs.opt_float(1).unwrap_or(1.0);
            if std <= 0.0 {
                return Err(Error::usage(format!("standard deviation must be positive, got {std}")));
            }
            let start = -((if sym || n <= 1 { n.max(1) - 1 } else { n }) as f64) / 2.0;
            window::write(&outs[0], start, 1.0, |t| (-0.5 * (t / std) * (t / std)).exp())
        },
    },
    samples: || vec![Sample::new("five points", vec![Attr::Int(5).into(), Attr::Float(1.5).into()])],
    errors: || {
        vec![fails(
            Sample::new("no width", vec![Attr::Int(3).into(), Attr::Float(-1.0).into()]),
            Code::Usage,
            "must be positive",
        )]
    },
    ..window::window()
}
.shipped();
