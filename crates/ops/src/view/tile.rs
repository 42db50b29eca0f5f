//! `repeat` with missing repeats of 1.

use super::repeat;
use crate::invoke;
use crate::shared::view::samples::{call, ints};
use adjoint_autograd::{Arg, Attrs, Body, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::Result;
use smallvec::smallvec;

#[allow(clippy::disallowed_methods, reason = "the call has asked for it")]
fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let given = attrs.get_ints(0)?;
    let mut repeats = vec![1; x.rank().saturating_sub(given.len())];
    repeats.extend_from_slice(given);
    Ok(smallvec![invoke::with(&repeat::DEF, &inputs[..1], Attrs::new().ints(&repeats))?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "tile",
    doc: "Returns copies of `input` side by side, as `repeat` does; where fewer repeats than dims are given, those of the first dims \
          are 1.\n\nSource: PyTorch, `torch.tile`.",
    args: &[Arg::tensor("input"), Arg::required("dims", Kind::IntsSpread)],
    body: Body::Composite(body),
    samples: || vec![call("fewer than dims", &[2, 3], [ints(&[2])]), call("more than dims", &[2], [ints(&[2, 2])])],
    ..OpDef::COMPOSITE
}
.shipped();
