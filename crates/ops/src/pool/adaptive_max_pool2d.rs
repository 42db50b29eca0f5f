//! The greatest elements of as many windows of images as are asked for.

use super::adaptive_avg_pool2d::ARGS;
use super::max_pool2d::{call, ints};
use super::window_max::window_max;
use crate::shared::pool::adaptive::{counts, window};
use crate::shared::pool::windows::planes;
use crate::view::{squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Sample, Tensor};
use adjoint_kernels::pool::Reach;
use adjoint_tensor::{Code, Result, scratch};

/// The ops: without and with indices.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES];

/// The parameters where indices may be returned.
pub(super) static INDEX_ARGS: [Arg; 3] = {
    let [input, size] = ARGS;
    [input, size, Arg::required("return_indices", Kind::Bool)]
};

/// Pooling over `dims` axes.
pub(super) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Outputs> {
    let x = planes(inputs.first().copied().flatten(), dims)?;
    // Images are volumes of one plane, and sequences came as images of one row.
    let x = if dims == 3 { x } else { unsqueeze(&x, x.rank() - 2)? };
    let size: [usize; 3] = std::array::from_fn(|i| x.shape()[x.rank() - 3 + i]);
    let counts = counts(attrs.get_ints(0)?, dims, size)?;
    let axis = |axis: usize| -> Result<Vec<Reach>> {
        scratch::collected((0..counts[axis]).map(|i| {
            let (start, end) = window(i, counts[axis], size[axis]);
            Reach { start, end, step: 1 }
        }))
    };
    let both = window_max(&x, [&axis(0)?, &axis(1)?, &axis(2)?])?;
    let mut out = Outputs::new();
    for y in both.iter().take(if attrs.get_bool(1) { 2 } else { 1 }) {
        let mut y = y.clone();
        for _ in dims..3 {
            y = squeeze(&y, x.rank() - 3)?;
        }
        out.push(y);
    }
    Ok(out)
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
        e("a negative size", &[1, 1, 2, 2], &[-1, 1], Code::Usage, "a size or a list of 2"),
    ]
}

/// What both have.
const BOTH: OpDef = OpDef {
    name: "adaptive_max_pool2d",
    doc: "Returns the greatest elements of `outputSize` windows that cover images evenly.\n\n\
          **Shapes**: `input` `[N, C, H, W]` or `[C, H, W]`, `outputSize` one number or two, rows first, null being the size of the input, \
          result `[N, C, oH, oW]`; windows as in `adaptiveAvgPool2d`, and the gradient goes to the element chosen, the first of equals. \
          `returnIndices` gives the places in their planes, int64, as well. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.adaptive_max_pool2d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2)),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static INDICES: OpDef = OpDef {
    name: "adaptive_max_pool2d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: || vec![call("with indices", &[2, 2, 3, 4], vec![ints(&[2]), Attr::Bool(true)])],
    ..BOTH
}
.shipped();
