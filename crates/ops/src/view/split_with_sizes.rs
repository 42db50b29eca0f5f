//! `split` with given sizes.

use super::split;
use crate::invoke;
use adjoint_autograd::{Alias, Arg, Body, Default, Kind, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "split_with_sizes",
    doc: "Returns views of `input` cut along `dim` into pieces of the given sizes, as `split` does. \
          Source: PyTorch, `torch.split_with_sizes`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("split_sizes", Kind::Ints),
        Arg::optional("dim", Kind::Int, Default::Int(0)),
    ],
    also: &[Alias::both("unsafe_split_with_sizes")],
    outputs: &[],
    body: Body::Composite(|inputs, attrs| invoke::many(&split::SIZES, inputs, attrs.clone())),
    samples: split::size_samples,
    errors: split::size_errors,
    ..OpDef::COMPOSITE
}
.shipped();
