//! Means over as many windows of volumes as are asked for.

use super::adaptive_avg_pool2d::{ARGS, span};
use super::avg_pool3d::mean;
use super::max_pool2d::{call, ints};
use super::window_mean::spans;
use crate::reduce::mean::mean_dims;
use crate::shared::pool::adaptive::counts;
use crate::shared::pool::windows::{any_planes, volume};
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Attrs, Body, ErrorSample, Half, OpDef, Sample, Tensor};
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

pub(crate) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = any_planes(inputs.first().copied().flatten(), 3)?;
    let size = volume(x.shape());
    let counts: [usize; 3] = counts(attrs.get_ints(0)?, 3, size)?;
    // One window is a volume: a reduction, as in PyTorch.
    if counts == [1, 1, 1] {
        let rank = x.rank();
        return Ok(smallvec![mean_dims(&x, &[rank - 3, rank - 2, rank - 1], true)?]);
    }
    let each = |axis: usize| spans(counts[axis], |i| span(i, counts[axis], size[axis]));
    Ok(smallvec![mean(&x, &each(0)?, each(1)?, each(2)?, None)?])
}

fn samples() -> Vec<Sample> {
    vec![
        call("fewer windows", &[1, 2, 3, 5, 4], vec![ints(&[2, 3, 2])]),
        call("more windows than elements", &[1, 2, 2, 3], vec![ints(&[3])]),
        call("one window", &[1, 2, 2, 3, 3], vec![ints(&[1])]),
        call("as deep as it is", &[1, 2, 3, 4], vec![ints(&[NULL_SIZE, 2, 2])]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |label, shape: &[usize], size: &[i64], code, message| ErrorSample {
        sample: call(label, shape, vec![ints(size)]),
        code,
        message,
    };
    vec![
        e("an input of three dims", &[2, 2, 2], &[2], Code::Shape, "an input of 5 dims"),
        e("a negative size", &[1, 1, 2, 2, 2], &[-1, 1, 1], Code::Usage, "a size or a list of 3"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "adaptive_avg_pool3d",
    doc: "Returns the means over `outputSize` windows that cover volumes evenly.\n\n\
          **Shapes**: `input` `[N, C, D, H, W]` or `[C, D, H, W]`, `outputSize` one number or three, depth first, null being the size of the \
          input, result `[N, C, oD, oH, oW]`; windows as in `adaptiveAvgPool2d`. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.adaptive_avg_pool3d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(body),
    half: Half::Once,
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
