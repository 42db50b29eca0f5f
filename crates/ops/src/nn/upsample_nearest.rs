//! PyTorch's older name of the nearest mode of `interpolate`.

use super::interpolate::interpolate;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::op::Default;
use adjoint_autograd::{Api, Arg, Attr, Body, Kind, OpDef, required};
use adjoint_tensor::Code;
use smallvec::smallvec;

/// The parameters.
pub(super) static ARGS: [Arg; 3] = [
    Arg::tensor("input"),
    Arg::optional("size", Kind::Ints, Default::None),
    Arg::optional("scale_factor", Kind::Floats, Default::None),
];

/// The op.
pub static DEF: OpDef = OpDef {
    name: "upsample_nearest",
    doc: "Returns `interpolate` with mode \"nearest\", which is its newer name. \
          Source: PyTorch, `torch.nn.functional.upsample_nearest`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        Ok(smallvec![interpolate(required(inputs, 0), attrs.get(0), attrs.get(1), "nearest", Attr::None)?])
    }),
    samples: || vec![call("a size", &[1, 1, 2, 3], [ints(&[3, 4]), Attr::None])],
    errors: || vec![fails(call("no size", &[1, 1, 2], [Attr::None, Attr::None]), Code::Usage, "got neither")],
    ..OpDef::COMPOSITE
}
.shipped();
