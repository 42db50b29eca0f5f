//! Means over windows of images.

use super::max_pool2d::{call, ints};
use super::window_mean::{Spans, spans, window_mean};
use crate::shared::pool::windows::{Windows, area, planes, result};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Sample, Tensor};
use adjoint_kernels::pool::Span;
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

/// The parameters, of which sequences have all but the last.
pub(super) static ARGS: [Arg; 7] = [
    Arg::tensor("input"),
    Arg::required("kernel_size", Kind::Ints),
    Arg::optional("stride", Kind::Ints, Default::None),
    Arg::optional("padding", Kind::Ints, Default::Int(0)),
    Arg::optional("ceil_mode", Kind::Bool, Default::Bool(false)),
    Arg::optional("count_include_pad", Kind::Bool, Default::Bool(true)),
    Arg::optional("divisor_override", Kind::Int, Default::None),
];

/// Pooling over `dims` axes.
pub(super) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Outputs> {
    let x = planes(inputs.first().copied().flatten(), dims)?;
    let windows: Windows = Windows::new(attrs, dims, None, attrs.get_bool(3), area(x.shape()))?;
    let divisor = attrs.opt_int(5);
    if divisor == Some(0) {
        return Err(Error::usage("divisorOverride must not be 0"));
    }
    let spans = |axis: usize| {
        spans(windows.output[axis], |i| span(&windows, axis, area(x.shape())[axis], attrs.get_bool(4), i))
    };
    let spans = Spans { rows: spans(0)?, cols: spans(1)?, divisor: divisor.unwrap_or(0) as f64 };
    Ok(smallvec![result(&window_mean(&x, &spans)?, dims)?])
}

/// Window `i` along an axis of `size`; with `include` padding counts.
pub(super) fn span<const N: usize>(windows: &Windows<N>, axis: usize, size: usize, include: bool, i: usize) -> Span {
    let padding = windows.padding[axis];
    // Counted from the first place of the padding.
    let from = i * windows.stride[axis];
    let to = (from + windows.kernel[axis]).min(size + 2 * padding);
    let start = from.saturating_sub(padding).min(size);
    let end = to.saturating_sub(padding).clamp(start, size);
    let counted = if include { to.saturating_sub(from) } else { end - start };
    Span { start, end, size: counted.max(1) }
}

fn samples() -> Vec<Sample> {
    let rest = |kernel: &[i64], stride, padding: i64, ceil, include, divisor| {
        vec![ints(kernel), stride, ints(&[padding]), Attr::Bool(ceil), Attr::Bool(include), divisor]
    };
    vec![
        call("side by side", &[2, 2, 4, 6], rest(&[2], Attr::None, 0, false, true, Attr::None)),
        call("padding counted", &[1, 2, 5, 4], rest(&[3], ints(&[1, 2]), 1, false, true, Attr::None)),
        call("padding not counted", &[2, 5, 5], rest(&[2, 3], ints(&[2]), 1, true, false, Attr::None)),
        call("another divisor", &[1, 3, 4], rest(&[2], ints(&[1]), 0, false, true, Attr::Int(3))),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let rest = |kernel: &[i64], padding: i64, divisor| {
        vec![ints(kernel), Attr::None, ints(&[padding]), Attr::Bool(false), Attr::Bool(true), divisor]
    };
    let e = |label, attrs, code, message| ErrorSample { sample: call(label, &[1, 4, 4], attrs), code, message };
    vec![
        e("a divisor of 0", rest(&[2], 0, Attr::Int(0)), Code::Usage, "must not be 0"),
        e("too much padding", rest(&[2], 2, Attr::None), Code::Usage, "at most half the kernel"),
        e("no room", rest(&[5], 0, Attr::None), Code::Shape, "room for a window"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "avg_pool2d",
    doc: "Returns the mean over each window of images.\n\n\
          **Shapes**: `input` `[N, C, H, W]` or `[C, H, W]`, result `[N, C, oH, oW]` with `oH = ⌊(H + 2·padding − kernelSize) / stride⌋ + 1`, rounded up \
          instead with `ceilMode` where the last window still begins inside. `kernelSize`, `stride` (the kernel's by default) and `padding` \
          (at most half the kernel) are one number or two, rows first. Padding is zeros, which count unless `countIncludePad` is \
          false; `divisorOverride` divides instead of the count. float32 and float64. Source: PyTorch, `torch.nn.functional.avg_pool2d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2)),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
