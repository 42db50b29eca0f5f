//! Losses that ask for a margin, and what remains of likelihoods.

use super::reduction::{self, Reduction, one};
use crate::elementwise::clamp_min::clamp_min;
use crate::elementwise::logsigmoid::logsigmoid;
use crate::elementwise::minimum::minimum;
use crate::elementwise::{
    add::add, div::div, eq::eq, exp::exp, le::le, log::log, mul::mul, neg::neg, square::square, sub::sub,
    where_::where_,
};
use crate::invoke::{self, number};
use crate::reduce::{mean::mean_dims, sum::sum_dims};
use crate::samples;
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Class, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Surface, Tensor, Vjp,
};
use adjoint_tensor::{Error, Result, Scalar};

const BASE: OpDef =
    OpDef { class: Class::Composite, surface: &[Surface::Functional], vjp: Vjp::Composite, ..OpDef::BASE };

fn three<'a>(inputs: &[Option<&'a Tensor>]) -> Result<[&'a Tensor; 3]> {
    match *inputs {
        [Some(a), Some(b), Some(c), ..] => Ok([a, b, c]),
        _ => Err(Error::usage("expected three tensors")),
    }
}

/// `max(0, x)`, with the gradient 0 at 0.
fn hinge(x: &Tensor) -> Result<Tensor> {
    clamp_min(x, Scalar::Int(0))
}

fn choice(word: u8) -> Reduction {
    [Reduction::Mean, Reduction::Sum, Reduction::None][usize::from(word).min(2)]
}

fn margin_ranking(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [a, b, y] = three(inputs)?;
    if a.rank() != b.rank() || a.rank() != y.rank() {
        return Err(Error::shape(format!(
            "all input tensors should have same dimension but got sizes: input1 {:?}, input2 {:?}, target {:?}",
            a.shape(),
            b.shape(),
            y.shape()
        )));
    }
    let margin = number(attrs.opt_float(0).unwrap_or(0.0))?;
    let losses = hinge(&add(&mul(&neg(y)?, &sub(a, b)?)?, &margin)?)?;
    one(choice(attrs.get_choice(1)).apply(losses)?)
}

fn hinge_embedding(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, y) = reduction::operands(inputs)?;
    let zero = number(0.0)?;
    let far = hinge(&sub(&number(attrs.opt_float(0).unwrap_or(1.0))?, x)?)?;
    let far = where_(&eq(y, &number(1.0)?)?, &zero, &far)?;
    let near = where_(&eq(y, &number(-1.0)?)?, &zero, x)?;
    one(choice(attrs.get_choice(1)).apply(add(&far, &near)?)?)
}

fn cosine_embedding(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [a, b, y] = three(inputs)?;
    if y.rank() > 1 || (y.rank() == 1) != (a.rank() == 2) || a.rank() != b.rank() || a.rank() == 0 || a.rank() > 2 {
        return Err(Error::shape(format!(
            "expected two matrices and a vector of targets, or two vectors and a 0-dim target, got {:?}, {:?} and {:?}",
            a.shape(),
            b.shape(),
            y.shape()
        )));
    }
    let dim = a.rank() - 1;
    let dot = |p: &Tensor, q: &Tensor| sum_dims(&mul(p, q)?, &[dim], false);
    let eps = number(1e-12)?;
    let (aa, bb) = (add(&dot(a, a)?, &eps)?, add(&dot(b, b)?, &eps)?);
    let cosine = div(&dot(a, b)?, &crate::elementwise::sqrt::sqrt(&mul(&aa, &bb)?)?)?;
    let zero = number(0.0)?;
    let near = where_(&eq(y, &number(1.0)?)?, &sub(&number(1.0)?, &cosine)?, &zero)?;
    let far = hinge(&sub(&cosine, &number(attrs.opt_float(0).unwrap_or(0.0))?)?)?;
    let far = where_(&eq(y, &number(-1.0)?)?, &far, &zero)?;
    one(choice(attrs.get_choice(1)).apply(add(&near, &far)?)?)
}

fn triplet_margin(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [anchor, positive, negative] = three(inputs)?;
    if anchor.rank() != positive.rank() || anchor.rank() != negative.rank() {
        return Err(Error::shape(format!(
            "the anchor, positive, and negative tensors are expected to have the same number of dimensions, but got {}, {} and {}",
            anchor.rank(),
            positive.rank(),
            negative.rank()
        )));
    }
    let (margin, p, eps) =
        (attrs.opt_float(0).unwrap_or(1.0), attrs.opt_float(1).unwrap_or(2.0), attrs.opt_float(2).unwrap_or(1e-6));
    if margin <= 0.0 {
        return Err(Error::usage(format!("margin must be greater than 0, got {margin}")));
    }
    let distance = |a: &Tensor, b: &Tensor| {
        invoke::with(super::normalize::DEFS[2], &[Some(a), Some(b)], Attrs::new().float(p).float(eps).bool(false))
    };
    let mut far = distance(anchor, negative)?;
    if attrs.get_bool(3) {
        far = minimum(&far, &distance(positive, negative)?)?;
    }
    let losses = hinge(&add(&sub(&distance(anchor, positive)?, &far)?, &number(margin)?)?)?;
    one(choice(attrs.get_choice(4)).apply(losses)?)
}

fn soft_margin(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, y) = reduction::operands(inputs)?;
    // As −log σ(target · input), whose derivatives do not cancel for large arguments.
    one(choice(attrs.get_choice(0)).apply(neg(&logsigmoid(&mul(y, x)?)?)?)?)
}

fn multilabel_soft_margin(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, y) = reduction::operands(inputs)?;
    if x.rank() == 0 {
        return Err(Error::shape("input needs a dim of classes, got a 0-dim tensor"));
    }
    let positive = mul(y, &logsigmoid(x)?)?;
    let negative = mul(&sub(&number(1.0)?, y)?, &logsigmoid(&neg(x)?)?)?;
    let mut losses = neg(&add(&positive, &negative)?)?;
    if let Some(weight) = inputs.get(2).copied().flatten() {
        losses = mul(&losses, weight)?;
    }
    one(choice(attrs.get_choice(0)).apply(mean_dims(&losses, &[x.rank() - 1], false)?)?)
}

fn poisson_nll(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, y) = reduction::operands(inputs)?;
    let eps = number(attrs.opt_float(2).unwrap_or(1e-8))?;
    let mut losses =
        if attrs.get_bool(0) { sub(&exp(x)?, &mul(y, x)?)? } else { sub(x, &mul(y, &log(&add(x, &eps)?)?)?)? };
    if attrs.get_bool(1) {
        // Stirling's formula for log y!, above 1.
        let half = mul(&log(&mul(y, &number(2.0 * std::f64::consts::PI)?)?)?, &number(0.5)?)?;
        let stirling = add(&sub(&mul(y, &log(y)?)?, y)?, &half)?;
        losses = add(&losses, &where_(&le(y, &number(1.0)?)?, &number(0.0)?, &stirling)?)?;
    }
    one(choice(attrs.get_choice(3)).apply(losses)?)
}

fn gaussian_nll(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, y, var] = three(inputs)?;
    let eps = attrs.opt_float(1).unwrap_or(1e-6);
    let mut var = var.clone();
    if var.shape() != x.shape() {
        if x.rank() > 0 && var.shape() == &x.shape()[..x.rank() - 1] {
            var = crate::view::unsqueeze::unsqueeze(&var, var.rank())?;
        } else if adjoint_tensor::dims::broadcast(x.shape(), var.shape()).map_or(true, |s| s.as_slice() != x.shape())
            || var.rank() != x.rank()
        {
            return Err(Error::shape(format!("var is of incorrect size {:?} for input {:?}", var.shape(), x.shape())));
        }
    }
    if var.array().to_vec_f64()?.iter().any(|&v| v < 0.0) {
        return Err(Error::usage("var has negative entry/entries"));
    }
    // The bound is a constant: the gradient passes it as if it were not there.
    let low = clamp_min(&var.detach(), Scalar::Float(eps))?;
    let bounded = add(&var, &sub(&low, &var.detach())?)?;
    let mut losses = mul(&add(&log(&bounded)?, &div(&square(&sub(x, y)?)?, &bounded)?)?, &number(0.5)?)?;
    if attrs.get_bool(0) {
        losses = add(&losses, &number(0.5 * (2.0 * std::f64::consts::PI).ln())?)?;
    }
    one(choice(attrs.get_choice(2)).apply(losses)?)
}

const MARGIN: Arg = Arg::optional("margin", Kind::Float, Default::Float(0.0));

fn t(low: f64, high: f64) -> SampleTensor {
    SampleTensor::new(&[3]).range(low, high).distinct()
}

fn call(label: &str, tensors: Vec<SampleTensor>, attrs: Vec<Attr>) -> Sample {
    Sample::new(label, tensors.into_iter().map(Into::into).chain(attrs.into_iter().map(Into::into)).collect())
}

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[
    &OpDef {
        name: "cosine_embedding_loss",
        doc: "Returns `1 − cos(input1, input2)` where `target` is 1 and `max(0, cos(input1, input2) − margin)` where it is −1, reduced.\n\n\
              **Shapes**: `input1`, `input2`: `[n, d]` and `target: [n]`, or `[d]` and a 0-dim target. Source: PyTorch, \
              `torch.nn.functional.cosine_embedding_loss`.",
        args: &[Arg::tensor("input1"), Arg::tensor("input2"), Arg::tensor("target"), MARGIN, reduction::ARG],
        body: Body::Composite(cosine_embedding),
        samples: || {
            let pair = |shape: &[usize]| SampleTensor::new(shape).avoid(&[0.0]).distinct();
            vec![call("two pairs", vec![pair(&[2, 3]), pair(&[2, 3]), SampleTensor::new(&[2]).range(1.0, 1.0).constant()], vec![])]
        },
        ..BASE
    }.shipped(),
    &OpDef {
        name: "gaussian_nll_loss",
        doc: "Returns `½ (log var + (input − target)² / var)`, with `var` not below `eps`, reduced; `full` adds `½ log 2π`.\n\n\
              `var` has the shape of `input`, or lacks or has a 1 for its last dim. Source: PyTorch, `torch.nn.functional.gaussian_nll_loss`.",
        args: &[
            Arg::tensor("input"),
            Arg::tensor("target"),
            Arg::tensor("var"),
            Arg::optional("full", Kind::Bool, Default::Bool(false)),
            Arg::optional("eps", Kind::Float, Default::Float(1e-6)),
            reduction::ARG,
        ],
        body: Body::Composite(gaussian_nll),
        samples: || vec![call("three", vec![t(-2.0, 2.0), t(-2.0, 2.0), t(0.4, 2.0)], vec![])],
        ..BASE
    }.shipped(),
    &OpDef {
        name: "hinge_embedding_loss",
        doc: "Returns `input` where `target` is 1 and `max(0, margin − input)` where it is −1, reduced. Source: PyTorch, \
              `torch.nn.functional.hinge_embedding_loss`.",
        args: &[
            Arg::tensor("input"),
            Arg::tensor("target"),
            Arg::optional("margin", Kind::Float, Default::Float(1.0)),
            reduction::ARG,
        ],
        body: Body::Composite(hinge_embedding),
        samples: || vec![call("near", vec![t(-2.0, 0.8), SampleTensor::new(&[3]).range(1.0, 1.0).constant()], vec![])],
        ..BASE
    }.shipped(),
    &OpDef {
        name: "margin_ranking_loss",
        doc: "Returns `max(0, −target · (input1 − input2) + margin)`, reduced. Source: PyTorch, \
              `torch.nn.functional.margin_ranking_loss`.",
        args: &[Arg::tensor("input1"), Arg::tensor("input2"), Arg::tensor("target"), MARGIN, reduction::ARG],
        body: Body::Composite(margin_ranking),
        samples: || vec![call("three", vec![t(-2.0, -0.5), t(0.5, 2.0), t(0.5, 1.0)], vec![Attr::Float(0.1)])],
        ..BASE
    }.shipped(),
    &OpDef {
        name: "multilabel_soft_margin_loss",
        doc: "Returns the mean over the last dim of the cross entropy of `sigmoid(input)` and `target`, reduced. Source: PyTorch, \
              `torch.nn.functional.multilabel_soft_margin_loss`.",
        args: &[
            Arg::tensor("input"),
            Arg::tensor("target"),
            Arg::optional("weight", Kind::Tensor, Default::None),
            reduction::ARG,
        ],
        body: Body::Composite(multilabel_soft_margin),
        samples: || {
            let args = vec![SampleTensor::new(&[2, 3]).into(), SampleTensor::new(&[2, 3]).range(0.1, 0.9).into()];
            vec![Sample::new("two rows", args)]
        },
        errors: samples::binary_errors,
        ..BASE
    }.shipped(),
    &OpDef {
        name: "poisson_nll_loss",
        doc: "Returns `exp(input) − target · input`, or `input − target · log(input + eps)` without `log_input`, reduced; `full` adds Stirling's \
              approximation of `log target!` for targets above 1. Source: PyTorch, `torch.nn.functional.poisson_nll_loss`.",
        args: &[
            Arg::tensor("input"),
            Arg::tensor("target"),
            Arg::optional("log_input", Kind::Bool, Default::Bool(true)),
            Arg::optional("full", Kind::Bool, Default::Bool(false)),
            Arg::optional("eps", Kind::Float, Default::Float(1e-8)),
            reduction::ARG,
        ],
        body: Body::Composite(poisson_nll),
        samples: || vec![call("three", vec![t(-2.0, 2.0), t(0.4, 0.9)], vec![Attr::Bool(true)])],
        errors: samples::binary_errors,
        ..BASE
    }.shipped(),
    &OpDef {
        name: "soft_margin_loss",
        doc: "Returns `log(1 + exp(−target · input))`, reduced. Source: PyTorch, `torch.nn.functional.soft_margin_loss`.",
        args: &[Arg::tensor("input"), Arg::tensor("target"), reduction::ARG],
        body: Body::Composite(soft_margin),
        samples: || reduction::samples(SampleTensor::new(&[3]), SampleTensor::new(&[3]), &[]),
        errors: samples::binary_errors,
        ..BASE
    }.shipped(),
    &OpDef {
        name: "triplet_margin_loss",
        doc: "Returns `max(0, d(anchor, positive) − d(anchor, negative) + margin)`, reduced, with `d` the `pairwiseDistance` of order `p`.\n\n\
              With `swap` the smaller of the distances to `negative` from `anchor` and from `positive` counts. Source: PyTorch, \
              `torch.nn.functional.triplet_margin_loss`.",
        args: &[
            Arg::tensor("anchor"),
            Arg::tensor("positive"),
            Arg::tensor("negative"),
            Arg::optional("margin", Kind::Float, Default::Float(1.0)),
            Arg::optional("p", Kind::Float, Default::Float(2.0)),
            Arg::optional("eps", Kind::Float, Default::Float(1e-6)),
            Arg::optional("swap", Kind::Bool, Default::Bool(false)),
            reduction::ARG,
        ],
        body: Body::Composite(triplet_margin),
        samples: || {
            let x = || SampleTensor::new(&[2, 3]).distinct();
            vec![call("two", vec![x(), x(), x()], vec![Attr::Float(9.0)])]
        },
        ..BASE
    }.shipped(),
];
