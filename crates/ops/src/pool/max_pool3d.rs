//! The greatest element of each window of volumes.

use super::max_pool2d::{ARGS, INDEX_ARGS, call, ints};
use super::window_max::window_max;
use crate::shared::pool::windows::{Windows, planes, volume};
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Attr, Attrs, Body, ErrorSample, OpDef, Sample, Tensor};
use adjoint_kernels::pool::Reach;
use adjoint_tensor::{Code, Result, scratch};
use smallvec::smallvec;

/// The ops: without and with indices.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES];

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = planes(inputs.first().copied().flatten(), 3)?;
    let size = volume(x.shape());
    let windows: Windows<3> = Windows::new(attrs, 3, Some(attrs.get_ints(3)?), attrs.get_bool(4), size)?;
    let axis = |axis: usize| -> Result<Vec<Reach>> {
        let (step, padding) = (windows.dilation[axis], windows.padding[axis]);
        scratch::collected((0..windows.output[axis]).map(|i| {
            // The first element that is not before the volume.
            let from = i * windows.stride[axis];
            let skipped = padding.saturating_sub(from).div_ceil(step);
            let left = windows.kernel[axis].saturating_sub(skipped);
            let start = (from + skipped * step).saturating_sub(padding).min(size[axis]);
            let end = if left == 0 { start } else { (start + (left - 1) * step + 1).min(size[axis]) };
            Reach { start, end, step }
        }))
    };
    let [values, indices] = window_max(&x, [&axis(0)?, &axis(1)?, &axis(2)?])?;
    Ok(if attrs.get_bool(5) { smallvec![values, indices] } else { smallvec![values] })
}

fn attrs(kernel: &[i64], stride: Attr, padding: i64, dilation: &[i64], ceil: bool) -> Vec<Attr> {
    vec![ints(kernel), stride, ints(&[padding]), ints(dilation), Attr::Bool(ceil)]
}

fn samples() -> Vec<Sample> {
    vec![
        call("side by side", &[1, 2, 2, 4, 4], attrs(&[2], Attr::None, 0, &[1], false)),
        call("overlapping and padded", &[1, 3, 4, 3], attrs(&[3, 2, 2], ints(&[1, 2, 1]), 1, &[1], false)),
        call("a last window cut off", &[1, 3, 3, 5], attrs(&[2], Attr::None, 0, &[1], true)),
        call("dilation", &[1, 3, 5, 4], attrs(&[2], ints(&[1]), 0, &[1, 2, 3], false)),
        call("an empty batch", &[0, 2, 2, 2, 2], attrs(&[2], Attr::None, 0, &[1], false)),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |label, shape: &[usize], kernel: &[i64], padding, code, message| ErrorSample {
        sample: call(label, shape, attrs(kernel, Attr::None, padding, &[1], false)),
        code,
        message,
    };
    vec![
        e("an input of three dims", &[4, 4, 4], &[2], 0, Code::Shape, "an input of 5 dims"),
        e("no columns", &[1, 2, 4, 4, 0], &[2], 0, Code::Shape, "only the batch is empty"),
        e("two sizes", &[1, 4, 4, 4], &[2, 2], 0, Code::Usage, "one integer or a list of 3"),
        e("too much padding", &[1, 4, 4, 4], &[2], 2, Code::Usage, "at most half the kernel"),
        e("no room", &[1, 2, 2, 2], &[3], 0, Code::Shape, "room for a window"),
    ]
}

fn index_samples() -> Vec<Sample> {
    let mut attrs = attrs(&[2], Attr::None, 1, &[1], true);
    attrs.push(Attr::Bool(true));
    vec![call("with indices", &[1, 2, 2, 3, 4], attrs)]
}

/// What both have.
const BOTH: OpDef = OpDef {
    name: "max_pool3d",
    doc: "Returns the greatest element of each window of volumes.\n\n\
          **Shapes**: `input` `[N, C, D, H, W]` or `[C, D, H, W]`, result `[N, C, oD, oH, oW]`; sizes are one number or three, depth first. \
          `returnIndices` gives the places in their volumes, int64, as well. For the rest see `maxPool2d`. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.max_pool3d`.",
    args: &ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(body),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static INDICES: OpDef = OpDef {
    name: "max_pool3d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: index_samples,
    ..BOTH
}
.shipped();
