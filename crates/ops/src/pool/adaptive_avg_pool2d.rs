//! Means over as many windows of images as are asked for.

use super::max_pool2d::{call, ints};
use super::window_mean::{Spans, spans, window_mean};
use crate::reduce::mean::mean_dims;
use crate::shared::pool::adaptive::{counts, window};
use crate::shared::pool::windows::{any_planes, area, result};
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Arg, Attrs, Body, ErrorSample, Kind, NodeNaming, OpDef, Sample, Tensor};
use adjoint_kernels::pool::Span;
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

/// The parameters.
pub(super) static ARGS: [Arg; 2] = [Arg::tensor("input"), Arg::required("output_size", Kind::OptionalSizes)];

/// Pooling over `dims` axes.
pub(crate) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Outputs> {
    let x = any_planes(inputs.first().copied().flatten(), dims)?;
    let size = area(x.shape());
    let counts = counts(attrs.get_ints(0)?, dims, size)?;
    let spans = |axis: usize| spans(counts[axis], |i| span(i, counts[axis], size[axis]));
    let (rows, cols) = (spans(0)?, spans(1)?);
    // One window is a plane: a reduction, as in PyTorch.
    if rows.len() == 1 && cols.len() == 1 {
        let y = mean_dims(&x, &[x.rank() - 2, x.rank() - 1], true)?;
        return Ok(smallvec![result(&y, dims)?]);
    }
    let y = window_mean(&x, &Spans { rows, cols, divisor: 0.0 })?;
    Ok(smallvec![result(&y, dims)?])
}

/// Window `i` of `count` along an axis.
pub(super) fn span(i: usize, count: usize, size: usize) -> Span {
    let (start, end) = window(i, count, size);
    Span { start, end, size: end - start }
}

fn samples() -> Vec<Sample> {
    vec![
        call("fewer windows", &[2, 2, 5, 4], vec![ints(&[2, 3])]),
        call("more windows than elements", &[2, 2, 3], vec![ints(&[4])]),
        call("one window", &[1, 2, 3, 3], vec![ints(&[1])]),
        call("as many rows as there are", &[1, 2, 3, 4], vec![ints(&[NULL_SIZE, 2])]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |label, shape: &[usize], size: &[i64], code, message| ErrorSample {
        sample: call(label, shape, vec![ints(size)]),
        code,
        message,
    };
    vec![
        e("an input of two dims", &[2, 2], &[2], Code::Shape, "an input of 4 dims"),
        e("no size", &[1, 2, 3, 4], &[], Code::Usage, "a size or a list of 2"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "adaptive_avg_pool2d",
    doc: "Returns the means over `outputSize` windows that cover images evenly.\n\n\
          **Shapes**: `input` `[N, C, H, W]` or `[C, H, W]`, `outputSize` one number or two, rows first, null being the size of the input, result `[N, C, oH, oW]`. Window i of n along \
          an axis of size L is the elements from `⌊i·L/n⌋` to `⌈(i + 1)·L/n⌉`; windows overlap where n does not divide L. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.adaptive_avg_pool2d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    shown: NodeNaming::of_result(|_, attrs| match attrs.opt_ints(0) {
        // One mean for all, in PyTorch too.
        Some(sizes) if sizes.iter().all(|&size| size == 1) => "",
        _ => "AdaptiveAvgPool2DBackward0",
    }),
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2)),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
