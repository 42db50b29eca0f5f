//! Normalization of each channel of each sample.

use super::batch_norm;
use crate::elementwise::copy::copy_;
use crate::invoke;
use crate::reduce::mean::mean_dims;
use crate::shared::nn::reduction::absent;
use crate::view::{expand::expand, repeat::repeat, reshape::reshape, unsqueeze::unsqueeze};
use adjoint_autograd::modes::GradMode;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Sample, SampleArg, SampleTensor, Tensor,
};
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(x), running_mean, running_var, weight, bias] = *inputs else {
        return Err(Error::usage("expected an input"));
    };
    let [batch, channels, axes @ ..] = x.shape() else {
        return Err(Error::shape(format!("expected an input [N, C, …], got {:?}", x.shape())));
    };
    let training = attrs.get_bool(0);
    if training && axes.iter().product::<usize>() == 1 {
        return Err(Error::shape(format!(
            "expected more than 1 value in each channel of a sample when training, got an input of shape {:?}",
            x.shape()
        )));
    }
    if !training && (running_mean.is_none() || running_var.is_none()) {
        return Err(Error::usage("expected runningMean and runningVar where useInputStats is false, got null"));
    }
    let named = [("runningMean", running_mean), ("runningVar", running_var), ("weight", weight), ("bias", bias)];
    for (name, t) in named {
        if let Some(t) = t.filter(|t| t.shape() != [*channels]) {
            return Err(Error::shape(format!(
                "expected {name} of shape [{channels}], one a channel, got {:?}",
                t.shape()
            )));
        }
    }
    // Each channel of each sample is a channel of a batch of one.
    let mut flat = Dims::from_slice(&[1, batch * channels]);
    flat.extend(axes.iter().copied());
    let shared = |t: Option<&Tensor>| -> Result<Option<Tensor>> {
        t.map(|t| reshape(&expand(&unsqueeze(t, 0)?, &[*batch, *channels])?, &[batch * channels])).transpose()
    };
    // These are written, so each has memory of its own.
    let own = |t: Option<&Tensor>| -> Result<Option<Tensor>> { t.map(|t| repeat(&t.detach(), &[*batch])).transpose() };
    let (mean, var, weight, bias) = (own(running_mean)?, own(running_var)?, shared(weight)?, shared(bias)?);
    let given = [Some(&reshape(x, &flat)?), mean.as_ref(), var.as_ref(), weight.as_ref(), bias.as_ref()];
    let call = Attrs::new().bool(training).float(attrs.get_float(1)?).float(attrs.get_float(2)?);
    let y = invoke::with(&batch_norm::DEF, &given, call)?;
    if training && *batch > 0 {
        let _off = GradMode::set(false);
        for (running, now) in [(running_mean, &mean), (running_var, &var)] {
            if let (Some(running), Some(now)) = (running, now) {
                copy_(running, &mean_dims(&reshape(now, &[*batch, *channels])?, &[0], false)?)?;
            }
        }
    }
    Ok(smallvec![reshape(&y, x.shape())?])
}

fn call(label: &str, shape: &[usize], running: bool, affine: bool, training: bool) -> Sample {
    let channels = shape.get(1).copied().unwrap_or(1);
    let t = |given: bool, low: f64, high: f64| -> Option<SampleTensor> {
        given.then(|| SampleTensor::new(&[channels]).range(low, high))
    };
    let arg = |t: Option<SampleTensor>| -> SampleArg { t.map_or_else(absent, SampleArg::from) };
    let args = vec![
        SampleTensor::new(shape).into(),
        arg(t(running, -1.0, 1.0).map(SampleTensor::constant)),
        arg(t(running, 0.5, 2.0).map(SampleTensor::constant)),
        arg(t(affine, 0.5, 1.5)),
        arg(t(affine, -1.0, 1.0)),
        Attr::Bool(training).into(),
        Attr::Float(0.1).into(),
        Attr::Float(1e-3).into(),
    ];
    Sample::new(label, args)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "instance_norm",
    doc: "Returns `(input − mean) / √(var + eps) · weight + bias`, with mean and variance of each channel of each sample.\n\n\
          **Shapes**: `input` `[N, C, …]`, everything else `[C]` or null. With `useInputStats` mean and (biased) variance are those of the input, \
          and `runningMean` and `runningVar` move towards their means over the samples, the variance unbiased, by the fraction `momentum`; \
          otherwise they are the running ones. More than one value in a channel of a sample is needed then. \
          Source: PyTorch, `torch.nn.functional.instance_norm`; Ulyanov, Vedaldi and Lempitsky, \"Instance normalization\", 2016.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("running_mean", Kind::Tensor, Default::None),
        Arg::optional("running_var", Kind::Tensor, Default::None),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::optional("use_input_stats", Kind::Bool, Default::Bool(true)),
        Arg::optional("momentum", Kind::Float, Default::Float(0.1)),
        Arg::optional("eps", Kind::Float, Default::Float(1e-5)),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("sequences", &[2, 2, 3], false, true, true),
            call("images without weights", &[2, 2, 2, 3], false, false, true),
            call("running values", &[2, 2, 3], true, true, false),
        ]
    },
    errors: || {
        let e = |sample, code, message| ErrorSample { sample, code, message };
        vec![
            e(call("one value", &[1, 2, 1], false, true, true), Code::Shape, "more than 1 value in each channel"),
            e(call("nothing to go by", &[1, 2, 3], false, true, false), Code::Usage, "runningMean and runningVar"),
            e(call("a vector", &[3], false, false, true), Code::Shape, "an input [N, C, …]"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
