//! Normalization of each channel over a batch.

use crate::elementwise::{add::add, copy::copy_, lerp::lerp, mul::mul, rsqrt::rsqrt, sub::sub, to::to};
use crate::invoke::number;
use crate::reduce::var_mean::var_mean;
use crate::shared::nn::reduction::absent;
use crate::view::reshape::reshape;
use adjoint_autograd::modes::GradMode;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Sample, SampleArg, SampleTensor, Tensor,
};
use adjoint_tensor::{Code, DType, Dims, Error, Result};
use smallvec::smallvec;

/// The values of `t` rounded to `dtype`, with the derivative of `t`.
fn held(t: &Tensor, dtype: DType) -> Result<Tensor> {
    let exact = t.detach();
    add(t, &sub(&to(&to(&exact, dtype)?, t.dtype())?, &exact)?)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(given), running_mean, running_var, weight, bias] = *inputs else {
        return Err(Error::usage("expected an input"));
    };
    // Halves are computed in float32 and rounded once; the other operands may be float32 beside
    // them.
    let wide = |t: &Tensor| to(t, t.dtype().widened());
    let x = &wide(given)?;
    let (training, momentum, eps) = (attrs.get_bool(0), attrs.get_float(1)?, attrs.get_float(2)?);
    if x.rank() == 1 && x.numel() == 0 {
        return Ok(smallvec![given.clone()]);
    }
    if x.rank() < 2 {
        return Err(Error::shape(format!("expected an input [N, C, …], got {:?}", x.shape())));
    }
    let channels = x.shape()[1];
    let named = [("runningMean", running_mean), ("runningVar", running_var), ("weight", weight), ("bias", bias)];
    for (name, t) in named {
        if let Some(t) = t.filter(|t| t.shape() != [channels]) {
            return Err(Error::shape(format!(
                "expected {name} of shape [{channels}], one a channel, got {:?}",
                t.shape()
            )));
        }
    }
    if channels == 0 && weight.or(bias).is_some() {
        return Err(Error::shape(format!(
            "expected an input of at least 1 channel for weight and bias, got {:?}; leave them out to normalise nothing",
            x.shape()
        )));
    }
    let count = x.numel().checked_div(channels).unwrap_or(0);
    let mut line = Dims::from_elem(1, x.rank());
    line[1] = channels;
    let as_line = |t: &Tensor| reshape(&wide(t)?, &line);
    if training && count == 1 {
        return Err(Error::shape(format!(
            "expected more than 1 value per channel when training, got an input of shape {:?}",
            x.shape()
        )));
    }
    let has_running = running_mean.is_some() && running_var.is_some();
    if (training && count == 0) || (channels == 0 && has_running) {
        let y = nothing(x, weight, bias, as_line)?;
        return Ok(smallvec![if given.dtype().is_half() { to(&y, given.dtype())? } else { y }]);
    }
    let (mean, var) = if training {
        let dims: Dims = (0..x.rank()).filter(|&d| d != 1).collect();
        let [var, mean] = var_mean(x, &dims, 0.0, true)?;
        let _off = GradMode::set(false);
        let unbiased = count as f64 / (count.max(2) - 1) as f64;
        for (running, now, scale) in [(running_mean, &mean, 1.0), (running_var, &var, unbiased)] {
            if let Some(running) = running {
                let now = reshape(&mul(&now.detach(), &number(scale)?)?, &[channels])?;
                copy_(running, &lerp(&wide(&running.detach())?, &now, momentum)?)?;
            }
        }
        (mean, var)
    } else {
        match (running_mean, running_var) {
            (Some(mean), Some(var)) => (as_line(mean)?, as_line(var)?),
            _ => return Err(Error::usage("expected runningMean and runningVar in evaluation, got null")),
        }
    };
    let (mut mean, mut scale) = (mean, rsqrt(&add(&var, &number(eps)?)?)?);
    let others = [running_mean, running_var, weight, bias];
    if training && given.dtype().is_half() && others.iter().flatten().all(|t| t.dtype() == given.dtype()) {
        // PyTorch keeps both in the dtype of the operands.
        (mean, scale) = (held(&mean, given.dtype())?, held(&scale, given.dtype())?);
    }
    if let Some(weight) = weight {
        scale = mul(&scale, &as_line(weight)?)?;
    }
    let y = mul(&sub(x, &mean)?, &scale)?;
    let y = if let Some(bias) = bias { add(&y, &as_line(bias)?)? } else { y };
    Ok(smallvec![if given.dtype().is_half() { to(&y, given.dtype())? } else { y }])
}

/// What a batch of no elements gives in training, or one without channels. It has no moments: the
/// running ones stay as they are, and weight and bias, which take part for their gradients' sake,
/// get zeros.
fn nothing(
    x: &Tensor,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    as_line: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let y = match weight {
        Some(weight) => mul(x, &as_line(weight)?)?,
        None => mul(x, &number(1.0)?)?,
    };
    if let Some(bias) = bias { add(&y, &as_line(bias)?) } else { Ok(y) }
}

fn call(label: &str, shape: &[usize], running: usize, affine: usize, training: bool) -> Sample {
    let each = |n: usize, low: f64, high: f64| -> SampleArg {
        if n == 0 { absent() } else { SampleTensor::new(&[n]).range(low, high).into() }
    };
    let fixed = |low: f64, high: f64| -> SampleArg {
        if running == 0 { absent() } else { SampleTensor::new(&[running]).range(low, high).constant().into() }
    };
    let args = vec![
        SampleTensor::new(shape).into(),
        fixed(-1.0, 1.0),
        fixed(0.5, 2.0),
        each(affine, 0.5, 1.5),
        each(affine, -1.0, 1.0),
        Attr::Bool(training).into(),
        Attr::Float(0.1).into(),
        Attr::Float(1e-3).into(),
    ];
    Sample::new(label, args)
}

fn samples() -> Vec<Sample> {
    vec![
        call("training", &[3, 2, 2], 0, 2, true),
        call("training without weights", &[2, 2, 2, 3], 0, 0, true),
        call("evaluation", &[3, 2], 2, 2, false),
        call("training on nothing", &[0, 2, 3], 0, 2, true),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |sample, code, message| ErrorSample { sample, code, message };
    vec![
        e(call("a weight of another size", &[2, 2], 2, 3, false), Code::Shape, "weight of shape [2]"),
        e(call("one value", &[1, 2], 0, 2, true), Code::Shape, "more than 1 value per channel"),
        e(call("nothing to evaluate with", &[2, 2], 0, 2, false), Code::Usage, "runningMean and runningVar"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "batch_norm",
    doc: "Returns `(input − mean) / √(var + eps) · weight + bias`, with mean and variance of each channel.\n\n\
          **Shapes**: `input` `[N, C, …]`, everything else `[C]` or null. With `training` mean and (biased) variance are those of the batch, and \
          `runningMean` and `runningVar` move towards them, the variance unbiased, by the fraction `momentum`; otherwise they are the running \
          ones. More than one value a channel is needed in training; a batch of no elements leaves the running ones as they are. Source: PyTorch, `torch.nn.functional.batch_norm`; Ioffe and Szegedy 2015.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("running_mean", Kind::Tensor, Default::None),
        Arg::optional("running_var", Kind::Tensor, Default::None),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::optional("training", Kind::Bool, Default::Bool(false)),
        Arg::optional("momentum", Kind::Float, Default::Float(0.1)),
        Arg::optional("eps", Kind::Float, Default::Float(1e-5)),
    ],
    surface: &[Api::Functional],
    node: "NativeBatchNormBackward0",
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
