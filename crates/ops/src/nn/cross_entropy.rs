//! The cross entropy of classes or probabilities.

use super::log_softmax::log_softmax;
use super::nll_loss::{IGNORE, nll_loss, nll_node, total_weight};
use super::rows_cross_entropy::rows_cross_entropy;
use crate::elementwise::{add::add, div::div, eq::eq, mul::mul, neg::neg, where_::where_};
use crate::invoke::{self, number};
use crate::reduce::sum::{sum_all, sum_dims};
use crate::shared::nn::reduction::{self, Reduction, one, operands};
use crate::view::reshape::reshape;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, NodeNaming, OpDef, Sample, SampleArg, SampleTensor, Tensor, given,
};
use adjoint_tensor::{Code, Dims, Error, Result, Scalar};

struct Options<'a> {
    weight: Option<&'a Tensor>,
    ignore: i64,
    reduction: Reduction,
    smoothing: f64,
    /// The dim of the classes.
    dim: usize,
    classes: usize,
}

impl Options<'_> {
    /// Losses of classes with the weight, which is one a class, at the right position.
    fn weighted(&self, x: &Tensor) -> Result<Tensor> {
        let Some(w) = self.weight else { return Ok(x.clone()) };
        let mut shape = Dims::from_elem(1, x.rank());
        shape[self.dim] = self.classes;
        mul(x, &reshape(w, &shape)?)
    }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, target) = operands(inputs)?;
    if x.rank() == 0 {
        return Err(Error::shape("expected an input of 1 or more dims, got a 0-dim tensor"));
    }
    let dim = usize::from(x.rank() > 1);
    let options = Options {
        weight: given(inputs, 2),
        ignore: attrs.opt_int(0).unwrap_or(IGNORE),
        reduction: Reduction::of(attrs, 1),
        smoothing: attrs.opt_float(2).unwrap_or(0.0),
        dim,
        classes: x.shape()[dim],
    };
    if !(0.0..=1.0).contains(&options.smoothing) {
        return Err(Error::usage(format!("labelSmoothing must be between 0 and 1, got {}", options.smoothing)));
    }
    if let Some(w) = options.weight.filter(|w| w.shape() != [options.classes]) {
        return Err(Error::shape(format!(
            "expected a weight of shape [{}], one a class, got {:?}",
            options.classes,
            w.shape()
        )));
    }
    // Halves are rounded between the two, as in PyTorch.
    let log_p = || log_softmax(x, dim);
    one(if target.shape() == x.shape() {
        if !target.dtype().is_float() {
            return Err(Error::dtype(format!(
                "expected a floating-point target for class probabilities (the target has the shape of the input), got {}",
                target.dtype().name()
            )));
        }
        if options.ignore >= 0 {
            return Err(Error::usage("ignoreIndex is not supported for a target of class probabilities"));
        }
        of_probabilities(&log_p()?, target, &options)?
    } else if x.rank() == 1 || (x.rank() == 2 && !x.dtype().is_half()) {
        of_classes(x, target, &options)?
    } else if options.smoothing == 0.0 {
        nll_loss(&log_p()?, target, options.weight, options.ignore, options.reduction)?
    } else {
        smoothed(&log_p()?, target, &options)?
    })
}

/// PyTorch's loss of classes is a log-softmax and `nll_loss`; smoothing adds a term, and probabilities have ops of their own.
fn name_of_result(inputs: &[Option<&Tensor>], attrs: &Attrs) -> &'static str {
    let (Some(x), Some(target)) = (given(inputs, 0), given(inputs, 1)) else { return "" };
    let reduction = Reduction::of(attrs, 1);
    if target.dtype().is_float() {
        return match reduction {
            Reduction::Mean => "DivBackward1",
            _ => "NegBackward0",
        };
    }
    if attrs.opt_float(2).is_some_and(|smoothing| smoothing > 0.0) {
        return "AddBackward0";
    }
    nll_node(x.rank(), reduction)
}

/// Scores of classes, in one pass.
fn of_classes(x: &Tensor, target: &Tensor, o: &Options) -> Result<Tensor> {
    if x.rank() == 2 {
        return rows_cross_entropy(x, target, o.weight, o.ignore, o.reduction, o.smoothing);
    }
    of_class(x, target, o)
}

/// The scores of one sample.
#[inline(never)]
fn of_class(x: &Tensor, target: &Tensor, o: &Options) -> Result<Tensor> {
    if target.rank() != 0 {
        return Err(Error::shape(format!(
            "expected a target of shape [] for input {:?}, got {:?}",
            x.shape(),
            target.shape()
        )));
    }
    let (row, class) = (reshape(x, &[1, o.classes])?, reshape(target, &[1])?);
    reshape(&rows_cross_entropy(&row, &class, o.weight, o.ignore, o.reduction, o.smoothing)?, &[])
}

/// `−Σ target · log p`, smoothed towards equal probabilities.
#[inline(never)]
fn of_probabilities(log_p: &Tensor, target: &Tensor, o: &Options) -> Result<Tensor> {
    let target = if o.smoothing > 0.0 {
        add(&mul(target, &number(1.0 - o.smoothing)?)?, &number(o.smoothing / o.classes as f64)?)?
    } else {
        target.clone()
    };
    let losses = neg(&sum_dims(&o.weighted(&mul(log_p, &target)?)?, &[o.dim], false)?)?;
    match o.reduction {
        Reduction::Mean => div(&sum_all(&losses)?, &number((log_p.numel() / o.classes.max(1)) as f64)?),
        Reduction::Sum => sum_all(&losses),
        Reduction::None => Ok(losses),
    }
}

/// A mixture of the loss of the target and the mean loss of all classes.
#[inline(never)]
fn smoothed(log_p: &Tensor, target: &Tensor, o: &Options) -> Result<Tensor> {
    let loss = nll_loss(log_p, target, o.weight, o.ignore, o.reduction)?;
    let all = neg(&sum_dims(&o.weighted(log_p)?, &[o.dim], false)?)?;
    let ignored = eq(target, &Tensor::number(Scalar::Int(o.ignore))?)?;
    let all = where_(&ignored, &number(0.0)?, &all)?;
    let all = match o.reduction {
        Reduction::Mean => div(&sum_all(&all)?, &total_weight(target, o.weight, o.ignore, log_p)?)?,
        other => other.apply(all)?,
    };
    add(&mul(&loss, &number(1.0 - o.smoothing)?)?, &mul(&all, &number(o.smoothing / o.classes as f64)?)?)
}

fn call(label: &str, shape: &[usize], target: SampleTensor, weight: bool, rest: [Attr; 3]) -> Sample {
    let weight = if weight { SampleTensor::new(&[3]).range(0.5, 1.5).constant().into() } else { reduction::absent() };
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(shape).into(), target.into(), weight];
    args.extend(rest.into_iter().map(Into::into));
    Sample::new(label, args)
}

fn samples() -> Vec<Sample> {
    let classes = |shape: &[usize]| SampleTensor::ints(shape, 0, 3);
    let probabilities = |shape: &[usize]| SampleTensor::new(shape).range(0.1, 0.9);
    let rest = |ignore, reduction: Reduction, smoothing| [Attr::Int(ignore), reduction.attr(), Attr::Float(smoothing)];
    vec![
        call("classes", &[4, 3], classes(&[4]), false, rest(IGNORE, Reduction::Mean, 0.0)),
        call("weights and an ignored class", &[4, 3], classes(&[4]), true, rest(1, Reduction::Mean, 0.2)),
        call("smoothing without reduction", &[2, 3, 2], classes(&[2, 2]), true, rest(IGNORE, Reduction::None, 0.1)),
        call("probabilities", &[4, 3], probabilities(&[4, 3]), true, rest(IGNORE, Reduction::Mean, 0.1)),
        call("one sample", &[3], classes(&[]), false, rest(IGNORE, Reduction::Sum, 0.0)),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let rest = |smoothing| [Attr::Int(IGNORE), Reduction::Mean.attr(), Attr::Float(smoothing)];
    let e = |sample, code, message| ErrorSample { sample, code, message };
    let classes = |shape: &[usize], high| SampleTensor::ints(shape, high - 1, high);
    vec![
        e(call("a class that does not exist", &[2, 3], classes(&[2], 4), false, rest(0.0)), Code::Index, "target 3"),
        e(call("too much smoothing", &[2, 3], classes(&[2], 1), false, rest(1.5)), Code::Usage, "between 0 and 1"),
        e(call("sizes that differ", &[2, 3], classes(&[1], 1), false, rest(0.0)), Code::Shape, "a target of shape [2]"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cross_entropy",
    doc: "Returns the cross entropy of unnormalised scores and classes, or class probabilities.\n\n\
          **Shapes**: `input` holds scores, `[N, C]`, `[N, C, …]` or `[C]`. `target` is either int64 classes, `[N]`, `[N, …]` or 0-dim, or floating \
          probabilities of the shape of `input`. `weight`, one a class, is `[C]`. Classes equal to `ignoreIndex` count for nothing. \
          `labelSmoothing` mixes the target with equal probabilities. `reduction` is `\"mean\"` (for classes divided by the sum of the weights \
          that count, for probabilities by the number of samples), `\"sum\"` or `\"none\"`. For classes this is \
          `nllLoss(logSoftmax(input), target)`, in one pass over rows of scores. Source: PyTorch, `torch.nn.functional.cross_entropy`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("ignore_index", Kind::Int, Default::Int(IGNORE)),
        reduction::ARG,
        Arg::optional("label_smoothing", Kind::Float, Default::Float(0.0)),
    ],
    older: reduction::OlderAt::<3, 5>::ARGS,
    surface: &[Api::Functional],
    shown: NodeNaming::of_result(name_of_result),
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// The mean cross entropy of scores and classes.
pub fn cross_entropy(x: &Tensor, target: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(target), None], Attrs::new())
}
