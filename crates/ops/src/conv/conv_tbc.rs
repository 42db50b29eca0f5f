//! Convolution of sequences whose first dim is time.

use super::conv1d::convolved;
use crate::shared::view::samples::int;
use crate::view::permute::permute;
use adjoint_autograd::{
    Api, Arg, Attrs, Body, Default, ErrorSample, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required,
};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, weight, bias] = [0, 1, 2].map(|i| required(inputs, i));
    for (name, t, rank, dims) in [
        ("an input", x, 3, "time, batch and channels"),
        ("a weight", weight, 3, "kernel, input channels and output channels"),
        ("a bias", bias, 1, "output channels"),
    ] {
        if t.rank() != rank {
            return Err(Error::shape(format!("expected {name} of {rank} dims, {dims}, got shape {:?}", t.shape())));
        }
    }
    if x.shape()[2] != weight.shape()[1] || bias.shape()[0] != weight.shape()[2] {
        return Err(Error::shape(format!(
            "expected a weight [kernel, {}, {}], the channels of input and bias, got shape {:?}",
            x.shape()[2],
            bias.shape()[0],
            weight.shape()
        )));
    }
    let out = convolved(&permute(x, &[1, 2, 0])?, &permute(weight, &[2, 1, 0])?, bias, attrs.opt_int(0).unwrap_or(0))?;
    Ok(smallvec![permute(&out, &[2, 0, 1])?])
}

fn call(label: &str, shapes: [&[usize]; 3], pad: i64) -> Sample {
    let mut args: Vec<_> = shapes.iter().map(|shape| SampleTensor::new(shape).into()).collect();
    args.push(int(pad).into());
    Sample::new(label, args)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "conv_tbc",
    doc: "Returns the convolution of sequences with `weight`, plus `bias`, with `pad` zeros at both ends of time: `conv1d` with dims in \
          another order.\n\n\
          **Shapes**: `input` `[T, N, C]`, `weight` `[k, C, F]`, `bias` `[F]`, result `[T + 2·pad − k + 1, N, F]`. \
          Source: PyTorch, `torch.conv_tbc`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("weight"),
        Arg::tensor("bias"),
        Arg::optional("pad", Kind::Int, Default::Int(0)),
    ],
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("two sequences", [&[4, 2, 3], &[2, 3, 2], &[2]], 0),
            call("padded", [&[3, 1, 2], &[3, 2, 1], &[1]], 1),
        ]
    },
    errors: || {
        let fails = |sample, message| ErrorSample { sample, code: Code::Shape, message };
        vec![
            fails(call("a matrix", [&[4, 2], &[2, 3, 2], &[2]], 0), "of 3 dims"),
            fails(call("other channels", [&[4, 2, 3], &[2, 2, 2], &[2]], 0), "the channels of input and bias"),
            fails(call("another bias", [&[4, 2, 3], &[2, 3, 2], &[3]], 0), "the channels of input and bias"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
