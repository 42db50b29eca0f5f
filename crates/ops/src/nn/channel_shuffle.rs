//! Channels in another order.

use crate::shared::view::samples::{call, fails, int};
use crate::view::{reshape::reshape, transpose::transpose};
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Alias, Api, Arg, Attrs, Body, Kind, OpDef, Tensor, required};
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let [batch, channels, rest @ ..] = x.shape() else {
        return Err(Error::shape(format!("expected an input of at least 3 dims, got shape {:?}", x.shape())));
    };
    if rest.is_empty() {
        return Err(Error::shape(format!("expected an input of at least 3 dims, got shape {:?}", x.shape())));
    }
    let groups = match attrs.get_int(0)? {
        n @ 1..=0x1000_0000 => n as usize,
        n => return Err(Error::usage(format!("expected groups of at least 1, got {n}"))),
    };
    if !channels.is_multiple_of(groups) {
        return Err(Error::shape(format!(
            "expected an input whose channels are divisible by groups={groups}, got {channels} in {:?}",
            x.shape()
        )));
    }
    let apart: Dims = [*batch, groups, channels / groups].iter().chain(rest).copied().collect();
    Ok(smallvec![reshape(&transpose(&reshape(x, &apart)?, 1, 2)?, x.shape())?])
}

const BOTH: &[Api] = &[Api::Function, Api::Functional];

/// The op.
pub static DEF: OpDef = OpDef {
    name: "channel_shuffle",
    doc: "Returns the channels of `groups` groups in turn, one of each.\n\n\
          **Shapes**: `input` and result `[N, C, *]`, of at least 3 dims, with C a multiple of `groups`. Any dtype. \
          Source: PyTorch, `torch.nn.functional.channel_shuffle`; Zhang, Zhou, Lin and Sun, \"ShuffleNet\", CVPR 2018.",
    args: &[Arg::tensor("input"), Arg::required("groups", Kind::Int)],
    surface: BOTH,
    also: &[Alias { name: "native_channel_shuffle", surface: BOTH }],
    body: Body::Composite(body),
    samples: || vec![call("two groups", &[2, 4, 3], [int(2)]), call("three groups", &[1, 6, 1, 2], [int(3)])],
    errors: || {
        vec![
            fails(call("channels that do not divide", &[1, 4, 2], [int(3)]), Code::Shape, "divisible by groups=3"),
            fails(call("a matrix", &[4, 4], [int(2)]), Code::Shape, "at least 3 dims"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
