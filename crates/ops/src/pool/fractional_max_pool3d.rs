//! The greatest element of each window of volumes, where windows are at random places.

use super::fractional_max_pool2d::{ARGS, INDEX_ARGS, body, sample};
use super::max_pool2d::ints;
use adjoint_autograd::{Api, Attr, Body, OpDef};

/// The ops: without and with indices.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES];

/// What both have.
const BOTH: OpDef = OpDef {
    name: "fractional_max_pool3d",
    doc: "Returns the greatest element of each window of volumes, where windows of `kernelSize` are at random places.\n\n\
          **Shapes**: `input` `[N, C, D, H, W]` or `[C, D, H, W]`, `_randomSamples` `[N, C, 3]`; for the rest see `fractionalMaxPool2d`. \
          Source: PyTorch, `torch.nn.functional.fractional_max_pool3d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 3)),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef {
    samples: || {
        let attrs = vec![ints(&[2]), ints(&[2, 3, 2]), Attr::None];
        vec![sample("a size", &[1, 1, 4, 5, 5], attrs, &[1, 1, 3])]
    },
    ..BOTH
}
.shipped();

static INDICES: OpDef = OpDef {
    name: "fractional_max_pool3d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: || {
        let attrs = vec![ints(&[2]), Attr::None, Attr::Floats([0.7][..].into()), Attr::Bool(true)];
        vec![sample("with indices", &[2, 4, 4, 4], attrs, &[1, 2, 3])]
    },
    ..BOTH
}
.shipped();
