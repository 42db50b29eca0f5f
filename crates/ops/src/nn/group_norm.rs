//! Normalization of groups of channels.

use super::channel_norm::channel_norm;
use crate::shared::nn::reduction::one;
use crate::view::reshape::reshape;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Half, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor,
};
use adjoint_tensor::{Code, Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(x), weight, bias] = *inputs else { return Err(Error::usage("expected a tensor")) };
    let groups = attrs.get_int(0)?;
    let [batch, channels, rest @ ..] = x.shape() else {
        return Err(Error::shape(format!("expected an input of at least 2 dims, got shape {:?}", x.shape())));
    };
    let each = match usize::try_from(groups) {
        Ok(n) if n > 0 && channels % n == 0 => channels / n,
        _ => {
            return Err(Error::shape(format!(
                "the number of channels must be divisible by numGroups, got an input of shape {:?} and numGroups={groups}",
                x.shape()
            )));
        }
    };
    let places: usize = rest.iter().product();
    if batch * each * places == 1 {
        return Err(Error::shape(format!(
            "expected more than 1 value per channel when training, got an input of shape {:?} in {groups} groups",
            x.shape()
        )));
    }
    if *channels == 0 {
        return Err(Error::shape(format!("expected a number of channels above 0, got shape {:?}", x.shape())));
    }
    if places == 0 {
        return Err(Error::shape(format!("expected sizes above 0 behind the channels, got shape {:?}", x.shape())));
    }
    for (name, t) in [("weight", weight), ("bias", bias)] {
        if let Some(t) = t.filter(|t| t.shape() != [*channels]) {
            return Err(Error::shape(format!(
                "expected a {name} of one element a channel, [{channels}], got {:?} for an input of shape {:?}",
                t.shape(),
                x.shape()
            )));
        }
    }
    let rows = reshape(x, &[*batch, *channels, places])?;
    let [y, _, _] = channel_norm([Some(&rows), weight, bias], each, attrs.opt_float(1).unwrap_or(1e-5), None)?;
    one(reshape(&y, x.shape())?)
}

fn sample(label: &str, shape: &[usize], groups: i64, affine: &[usize]) -> Sample {
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(shape).into(), Attr::Int(groups).into()];
    args.extend(affine.iter().map(|&n| SampleTensor::new(&[n]).into()));
    Sample::new(label, args)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "group_norm",
    doc: "Returns `(input − mean) / √(variance + eps) · weight + bias`, with mean and variance over each of `numGroups` groups of channels.\n\n\
          **Shapes**: `input` is `[N, C, *]`, with C a multiple of `numGroups`; `weight` and `bias`, which may be absent, are `[C]`. float32 or \
          float64. Source: PyTorch, `torch.nn.functional.group_norm`; Wu and He, \"Group normalization\", 2018.",
    args: &[
        Arg::tensor("input"),
        Arg::required("num_groups", Kind::Int),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::optional("eps", Kind::Float, Default::Float(1e-5)),
    ],
    surface: &[Api::Function, Api::Functional],
    node: "NativeGroupNormBackward0",
    body: Body::Composite(body),
    half: Half::Once,
    samples: || {
        vec![
            sample("two groups", &[2, 4, 3], 2, &[4, 4]),
            sample("one group", &[2, 3], 1, &[3]),
            sample("planes without a weight", &[1, 4, 2, 3], 2, &[]),
            sample("no batch", &[0, 2, 2], 1, &[2, 2]),
        ]
    },
    errors: || {
        let fails = |sample, message| ErrorSample { sample, code: Code::Shape, message };
        vec![
            fails(sample("channels that do not divide", &[2, 7, 4], 2, &[]), "numGroups=2"),
            fails(sample("no groups", &[2, 4, 4], 0, &[]), "numGroups=0"),
            fails(sample("a vector", &[3], 1, &[]), "at least 2 dims"),
            fails(sample("a weight of another size", &[2, 4, 2], 2, &[3]), "one element a channel, [4], got [3]"),
            fails(sample("one value a group", &[1, 2], 2, &[]), "more than 1 value per channel"),
            fails(sample("no channels", &[1, 0, 2], 1, &[]), "channels above 0"),
            fails(sample("no places", &[1, 2, 0], 1, &[]), "above 0"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
