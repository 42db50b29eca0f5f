//! Means over windows of volumes.

use super::avg_pool2d::{ARGS, span};
use super::max_pool2d::{call, ints};
use super::window_mean::{Spans, spans, window_mean};
use super::window_sum::{Weights, window_sum};
use crate::shared::pool::windows::{Windows, planes, volume};
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Attr, Attrs, Body, ErrorSample, Half, OpDef, Sample, Tensor};
use adjoint_kernels::pool::Span;
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = planes(inputs.first().copied().flatten(), 3)?;
    let size = volume(x.shape());
    let windows: Windows<3> = Windows::new(attrs, 3, None, attrs.get_bool(3), size)?;
    let divisor = attrs.opt_int(5);
    if divisor == Some(0) {
        return Err(Error::usage("divisorOverride must not be 0"));
    }
    let window = |axis: usize, i: usize| span(&windows, axis, size[axis], attrs.get_bool(4), i);
    let each = |axis: usize| spans(windows.output[axis], |i| window(axis, i));
    let depth: Vec<Span> = each(0)?;
    Ok(smallvec![mean(&x, &depth, each(1)?, each(2)?, divisor.map(|n| n as f64))?])
}

/// Means over windows of volumes: of their planes first, then along their depth. `divisor` in place
/// of a window's size.
pub(super) fn mean(
    x: &Tensor,
    depth: &[Span],
    rows: Vec<Span>,
    cols: Vec<Span>,
    divisor: Option<f64>,
) -> Result<Tensor> {
    let planes = window_mean(x, &Spans { rows, cols, divisor: if divisor.is_some() { 1.0 } else { 0.0 } })?;
    let most = depth.iter().map(|w| w.end - w.start).max().unwrap_or(0);
    let mut weights = Weights::with_room(depth.len(), most)?;
    for w in depth {
        let share = 1.0 / divisor.unwrap_or(w.size as f64);
        weights.push(w.start, (w.start..w.end).map(|_| share));
    }
    window_sum(&planes, x.rank() - 3, &weights)
}

fn attrs(kernel: &[i64], stride: Attr, padding: i64, ceil: bool, include: bool, divisor: Attr) -> Vec<Attr> {
    vec![ints(kernel), stride, ints(&[padding]), Attr::Bool(ceil), Attr::Bool(include), divisor]
}

fn samples() -> Vec<Sample> {
    vec![
        call("side by side", &[1, 2, 2, 4, 4], attrs(&[2], Attr::None, 0, false, true, Attr::None)),
        call("padding counted", &[1, 2, 3, 4, 3], attrs(&[3], ints(&[1, 2, 1]), 1, false, true, Attr::None)),
        call("padding not counted", &[1, 3, 3, 5], attrs(&[2, 3, 2], ints(&[2]), 1, true, false, Attr::None)),
        call("another divisor", &[1, 2, 3, 4], attrs(&[2], ints(&[1]), 0, false, true, Attr::Int(3))),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e =
        |label, shape: &[usize], attrs, code, message| ErrorSample { sample: call(label, shape, attrs), code, message };
    let volumes: &[usize] = &[1, 4, 4, 4];
    vec![
        e(
            "a divisor of 0",
            volumes,
            attrs(&[2], Attr::None, 0, false, true, Attr::Int(0)),
            Code::Usage,
            "must not be 0",
        ),
        e(
            "too much padding",
            volumes,
            attrs(&[2], Attr::None, 2, false, true, Attr::None),
            Code::Usage,
            "at most half",
        ),
        e("no room", volumes, attrs(&[5], Attr::None, 0, false, true, Attr::None), Code::Shape, "room for a window"),
        e(
            "three dims",
            &[4, 4, 4],
            attrs(&[2], Attr::None, 0, false, true, Attr::None),
            Code::Shape,
            "an input of 5 dims",
        ),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "avg_pool3d",
    doc: "Returns the mean over each window of volumes.\n\n\
          **Shapes**: `input` `[N, C, D, H, W]` or `[C, D, H, W]`, result `[N, C, oD, oH, oW]`; sizes are one number or three, depth first. \
          For the rest see `avgPool2d`. The means of planes are written on the way, oH·oW elements for each of them. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.avg_pool3d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(body),
    half: Half::Once,
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
