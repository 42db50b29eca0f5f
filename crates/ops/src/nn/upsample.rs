//! PyTorch's older name of `interpolate`.

use super::interpolate::interpolate;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::op::Default;
use adjoint_autograd::{Api, Arg, Attr, Body, Kind, OpDef, required};
use adjoint_tensor::Code;
use smallvec::smallvec;

const MODES: &[&str] = &["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"];

/// The op.
pub static DEF: OpDef = OpDef {
    name: "upsample",
    doc: "Returns `interpolate`, which is its newer name. Source: PyTorch, `torch.nn.functional.upsample`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("size", Kind::Ints, Default::None),
        Arg::optional("scale_factor", Kind::Floats, Default::None),
        Arg::optional("mode", Kind::Choice(MODES), Default::Word("nearest")),
        Arg::optional("align_corners", Kind::Bool, Default::None),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        let word = MODES[usize::from(attrs.get_choice(2))];
        Ok(smallvec![interpolate(required(inputs, 0), attrs.get(0), attrs.get(1), word, attrs.get(3).clone())?])
    }),
    samples: || {
        let attrs = [ints(&[3, 4]), Attr::None, Attr::Choice(3), Attr::Bool(false)];
        vec![call("bilinear", &[1, 1, 2, 3], attrs)]
    },
    errors: || {
        let attrs = [Attr::None, Attr::None, Attr::Choice(0), Attr::None];
        vec![fails(call("no size", &[1, 1, 2], attrs), Code::Usage, "got neither")]
    },
    ..OpDef::COMPOSITE
}
.shipped();
