//! Normalization of each channel over a batch.

use super::channel_norm::channel_norm;
use crate::elementwise::{add::add, copy::copy_, lerp::lerp, mul::mul, rsqrt::rsqrt, sub::sub, to::to};
use crate::invoke::number;
use crate::shared::nn::reduction::absent;
use crate::view::{clone::clone, permute::permute, reshape::reshape};
use adjoint_autograd::modes::GradMode;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Sample, SampleArg, SampleTensor, Tensor,
};
use adjoint_kernels::norm::channels::Held;
use adjoint_tensor::dims::sort_few;
use adjoint_tensor::order::channels_last_strides;
use adjoint_tensor::{Code, DType, Dims, Error, Result};
use smallvec::smallvec;
use std::cmp::Reverse;

/// `x` as `[outer, channels, inner]`, by views where it has no gaps, and what leads back.
fn in_memory_order(x: &Tensor) -> Result<(Tensor, impl Fn(&Tensor) -> Result<Tensor> + use<>)> {
    let x = if x.array().is_dense() { x.clone() } else { clone(x)? };
    let mut order: Dims = (0..x.rank()).collect();
    let is_row_major = x.array().is_contiguous();
    if !is_row_major {
        // Dims of size 1 may be anywhere.
        sort_few(&mut order, |d| (x.shape()[d] != 1, Reverse(x.array().strides()[d])));
    }
    let sizes: Dims = order.iter().map(|&d| x.shape()[d]).collect();
    let at = order.iter().position(|&d| d == 1).unwrap_or(0);
    let flat = [sizes[..at].iter().product(), sizes[at], sizes[at + 1..].iter().product()];
    let ordered = if is_row_major { x } else { permute(&x, &order)? };
    let back = move |y: &Tensor| -> Result<Tensor> {
        let y = reshape(y, &sizes)?;
        if is_row_major {
            return Ok(y);
        }
        let mut inverse = Dims::from_elem(0, order.len());
        for (place, &d) in order.iter().enumerate() {
            inverse[d] = place;
        }
        permute(&y, &inverse)
    };
    Ok((reshape(&ordered, &flat)?, back))
}

/// Whether `x`, or each sample of a `vmap`, is contiguous, or so with channels last.
fn is_usual(x: &Tensor) -> bool {
    let channels_last =
        |strides: &[isize]| channels_last_strides(x.shape()).is_some_and(|last| last.as_slice() == strides);
    x.array().layout().is_contiguous() || channels_last(x.array().strides())
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
    let round = |y: Tensor| -> Result<Outputs> {
        Ok(smallvec![if given.dtype().is_half() { to(&y, given.dtype())? } else { y }])
    };
    let has_running = running_mean.is_some() && running_var.is_some();
    if (training && count == 0) || (channels == 0 && has_running) {
        return round(nothing(x, weight, bias, as_line)?);
    }
    let affine = |t: Option<&Tensor>| t.map(wide).transpose();
    if training {
        let others = [running_mean, running_var, weight, bias];
        // PyTorch keeps both moments in the dtype of the operands.
        let is_held = given.dtype().is_half() && others.iter().flatten().all(|t| t.dtype() == given.dtype());
        // Its kernel for bfloat16 in usual layouts keeps the sums of squares in it, too.
        let sums = given.dtype() == DType::BFloat16 && is_usual(given);
        let held = is_held.then(|| Held { dtype: given.dtype(), sums });
        let (rows, back) = in_memory_order(x)?;
        let (weight, bias) = (affine(weight)?, affine(bias)?);
        let [y, mean, var] = channel_norm([Some(&rows), weight.as_ref(), bias.as_ref()], 0, eps, held)?;
        let off = GradMode::set(false);
        let unbiased = count as f64 / (count.max(2) - 1) as f64;
        for (running, now, scale) in [(running_mean, &mean, 1.0), (running_var, &var, unbiased)] {
            if let Some(running) = running {
                let now = mul(&now.detach(), &number(scale)?)?;
                copy_(running, &lerp(&wide(&running.detach())?, &now, momentum)?)?;
            }
        }
        drop(off);
        return round(back(&y)?);
    }
    let (Some(mean), Some(var)) = (running_mean, running_var) else {
        return Err(Error::usage("expected runningMean and runningVar in evaluation, got null"));
    };
    let (mean, mut scale) = (as_line(mean)?, rsqrt(&add(&as_line(var)?, &number(eps)?)?)?);
    if let Some(weight) = weight {
        scale = mul(&scale, &as_line(weight)?)?;
    }
    let y = mul(&sub(x, &mean)?, &scale)?;
    round(if let Some(bias) = bias { add(&y, &as_line(bias)?)? } else { y })
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
