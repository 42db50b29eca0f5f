//! A decay to both sides.

use crate::shared::create::factory::DTYPE;
use crate::shared::create::window::{self, M, SYM};
use crate::shared::view::samples::fails;
use adjoint_autograd::{Arg, Attr, Body, Default, Kind, OpDef, Sample};
use adjoint_tensor::{Code, Error};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_exponential",
    doc: "Returns `exp(−|t| / tau)` at `M` points one apart; `t` is 0 at `center`, which is the middle unless `sym` is false and it is given.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.exponential`.",
    args: &[M, Arg::optional("center", Kind::Float, Default::None), Arg::optional("tau", Kind::Float, Default::Float(1.0)), SYM, DTYPE],
    body: Body::Kernel {
        rule: window::rule,
        run: |call, outs| {
            let (n, sym) = window::sizes(call);
            let tau = call.attrs.opt_float(2).unwrap_or(1.0);
            if tau <= 0.0 {
                return Err(Error::usage(format!("tau must be positive, got {tau}")));
            }
            let given = call.attrs.opt_float(1);
            if sym && given.is_some() {
                return Err(Error::usage("center must be left out for symmetric windows; pass { sym: false }"));
            }
            let center = given.unwrap_or((if sym || n <= 1 { n.max(1) - 1 } else { n }) as f64 / 2.0);
            window::write(&outs[0], -center, 1.0, |t| (-t.abs() / tau).exp())
        },
    },
    samples: || vec![Sample::new("five points", vec![Attr::Int(5).into(), Attr::None.into(), Attr::Float(1.5).into()])],
    errors: || vec![fails(Sample::new("a center", vec![Attr::Int(3).into(), Attr::Float(1.0).into()]), Code::Usage, "symmetric windows")],
    ..window::window()
}
.shipped();
