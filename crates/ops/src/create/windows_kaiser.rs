//! Kaiser's window.

use crate::shared::create::factory::DTYPE;
use crate::shared::create::window::{self, M, SYM};
use crate::shared::special::modified_bessel;
use crate::shared::view::samples::fails;
use adjoint_autograd::{Arg, Attr, Body, Default, Kind, OpDef, Sample};
use adjoint_tensor::{Code, Error};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "windows_kaiser",
    doc: "Returns Kaiser's window of `M` points: `I₀(√(beta² − t²)) / I₀(beta)` for `t` from −beta to beta.\n\n\
          `sym` makes it its own mirror image; otherwise it is a period of one with a point more. float32 or float64. \
          Source: PyTorch, `torch.signal.windows.kaiser`.",
    args: &[M, Arg::optional("beta", Kind::Float, Default::Float(12.0)), SYM, DTYPE],
    body: Body::Kernel {
        rule: window::rule,
        run: |call, outs| {
            let (n, sym) = window::sizes(call);
            let beta = call.attrs.opt_float(1).unwrap_or(12.0);
            if beta < 0.0 {
                return Err(Error::usage(format!("beta must be non-negative, got {beta}")));
            }
            if n == 1 {
                return window::write(&outs[0], 0.0, 0.0, |_| 1.0);
            }
            let step = 2.0 * beta / (if sym { n.max(2) - 1 } else { n.max(1) }) as f64;
            let whole = modified_bessel::scaled_i(0, beta);
            window::write(&outs[0], -beta, step, |t| {
                let root = (beta * beta - t * t).max(0.0).sqrt();
                modified_bessel::scaled_i(0, root) / whole * (root - beta).exp()
            })
        },
    },
    samples: || vec![Sample::new("five points", vec![Attr::Int(5).into(), Attr::Float(6.0).into()])],
    errors: || {
        vec![fails(
            Sample::new("a negative width", vec![Attr::Int(3).into(), Attr::Float(-1.0).into()]),
            Code::Usage,
            "non-negative",
        )]
    },
    ..window::window()
}
.shipped();
