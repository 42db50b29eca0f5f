//! Means over as many windows of images as are asked for.

use super::max_pool2d::{call, ints};
use super::window_mean::{Spans, spans, window_mean};
use crate::reduce::mean::mean_dims;
use crate::shared::pool::windows::{any_planes, area, result};
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Arg, Attrs, Body, ErrorSample, Kind, OpDef, Sample, Tensor};
use adjoint_kernels::pool::Span;
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

/// The parameters.
pub(super) static ARGS: [Arg; 2] = [Arg::tensor("input"), Arg::required("output_size", Kind::OptionalSizes)];

/// Pooling over `dims` axes.
pub(super) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Outputs> {
    let x = any_planes(inputs.first().copied().flatten(), dims)?;
    let given = attrs.get_ints(0)?;
    let is_size = |n: i64| (0..1 << 28).contains(&n) || (n == NULL_SIZE && dims > 1);
    if (given.len() != 1 && given.len() != dims) || !given.iter().all(|&n| is_size(n)) {
        let lists =
            if dims == 1 { "a list of one".to_string() } else { format!("a list of {dims}, null for the input's own") };
        let got: Vec<String> =
            given.iter().map(|&n| if n == NULL_SIZE { "null".to_string() } else { n.to_string() }).collect();
        return Err(Error::usage(format!("expected outputSize to be a size or {lists}, got [{}]", got.join(", "))));
    }
    let spans = |count: i64, size: usize| {
        let count = if count == NULL_SIZE { size } else { count as usize };
        spans(count, |i| {
            let (i, size, count) = (i as u64, size as u64, count as u64);
            let (start, end) = ((i * size / count) as usize, ((i + 1) * size).div_ceil(count) as usize);
            Span { start, end, size: end - start }
        })
    };
    let [height, width] = area(x.shape());
    let rows = spans(if dims == 1 { 1 } else { given[0] }, height)?;
    let cols = spans(given[given.len() - 1], width)?;
    // One window is a plane: a reduction, as in PyTorch.
    if rows.len() == 1 && cols.len() == 1 {
        let y = mean_dims(&x, &[x.rank() - 2, x.rank() - 1], true)?;
        return Ok(smallvec![result(&y, dims)?]);
    }
    let y = window_mean(&x, &Spans { rows, cols, divisor: 0.0 })?;
    Ok(smallvec![result(&y, dims)?])
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
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2)),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
