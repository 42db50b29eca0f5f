//! Normalization by the channels around each channel.

use crate::elementwise::{add::add, div::div, mul::mul, pow::pow};
use crate::invoke::number;
use crate::pool::window_sum::{Weights, window_sum};
use crate::shared::view::samples::{call, fails, int};
use crate::view::clone::clone;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Kind, OpDef, Tensor, required};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    if x.rank() < 3 {
        return Err(Error::shape(format!("expected an input of at least 3 dims, got shape {:?}", x.shape())));
    }
    let size = match attrs.get_int(0)? {
        n @ 1..=0x1000_0000 => n as usize,
        n => return Err(Error::usage(format!("expected a size of at least 1, got {n}"))),
    };
    if x.numel() == 0 {
        return Ok(smallvec![clone(x)?]);
    }
    let channels = x.shape()[1];
    let mut weights = Weights::with_room(channels, size.min(channels))?;
    for c in 0..channels {
        // Beyond the first and the last channel there are zeros, which count.
        let (start, end) = (c.saturating_sub(size / 2), (c + (size - 1) / 2 + 1).min(channels));
        weights.push(start, (start..end).map(|_| 1.0 / size as f64));
    }
    let means = window_sum(&mul(x, x)?, 1, &weights)?;
    let [alpha, beta, k] = [1, 2, 3].map(|i| attrs.get_float(i));
    let divisor = pow(&add(&mul(&means, &number(alpha?)?)?, &number(k?)?)?, &number(beta?)?)?;
    Ok(smallvec![div(x, &divisor)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "local_response_norm",
    doc: "Returns `input / (k + alpha · mean(input²))^beta`, with the mean over `size` channels around each, as if there were zeros beyond the \
          ends.\n\n\
          **Shapes**: `input` and result `[N, C, *]`, of at least 3 dims. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.local_response_norm`; Krizhevsky, Sutskever and Hinton, 2012.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Int),
        Arg::optional("alpha", Kind::Float, Default::Float(1e-4)),
        Arg::optional("beta", Kind::Float, Default::Float(0.75)),
        Arg::optional("k", Kind::Float, Default::Float(1.0)),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(body),
    samples: || {
        let attrs = |size| [int(size), Attr::Float(0.5), Attr::Float(0.75), Attr::Float(2.0)];
        vec![
            call("an odd size", &[2, 4, 3], attrs(3)),
            call("an even size", &[1, 3, 2, 2], attrs(2)),
            call("more than there are", &[1, 2, 3], attrs(7)),
        ]
    },
    errors: || {
        let attrs = |size| [int(size), Attr::Float(0.5), Attr::Float(0.75), Attr::Float(2.0)];
        vec![
            fails(call("a matrix", &[2, 2], attrs(2)), Code::Shape, "at least 3 dims"),
            fails(call("a size of 0", &[2, 2, 2], attrs(0)), Code::Usage, "at least 1"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
