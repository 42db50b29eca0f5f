//! A margin of a number around the last dims.

use crate::invoke;
use crate::nn::pad;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef};
use adjoint_tensor::Code;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "constant_pad_nd",
    doc: "Returns `input` with a margin of `value` around its last dims, as `pad` does. \
          Source: PyTorch, `torch.constant_pad_nd`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("pad", Kind::Ints),
        Arg::optional("value", Kind::Factor, Default::Int(0)),
    ],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, attrs| {
        let how = Attrs::new().with(attrs.get(0).clone()).with(Attr::Choice(0)).with(attrs.get(1).clone());
        invoke::many(&pad::DEF, inputs, how)
    }),
    samples: || vec![call("a number", &[2, 3], [ints(&[1, 2]), Attr::Float(1.5)])],
    errors: || vec![fails(call("an odd list", &[2, 3], [ints(&[1])]), Code::Usage, "divisible by 2")],
    ..OpDef::COMPOSITE
}
.shipped();
