//! How losses of elements become one.

use crate::elementwise::{clamp_min::clamp_min, div::div, mul::mul};
use crate::reduce::{mean::mean_all, sum::sum_all};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Kind, Older, OpDef, Sample, SampleArg, SampleTensor, Tensor};
use adjoint_tensor::{Error, Result, Scalar};
use smallvec::smallvec;

/// The words. The first is what `Attrs` without the attribute mean.
const WORDS: &[&str] = &["mean", "sum", "none"];

/// The parameter.
pub const ARG: Arg = Arg::optional("reduction", Kind::Choice(WORDS), Default::Word("mean"));

/// PyTorch's older way to say that, at these places of its list of parameters.
pub struct OlderAt<const SIZE_AVERAGE: usize, const REDUCE: usize>;

impl<const SIZE_AVERAGE: usize, const REDUCE: usize> OlderAt<SIZE_AVERAGE, REDUCE> {
    /// Both default to true, and where either is given they win over `reduction`.
    pub const ARGS: Older = Older {
        args: &[
            (SIZE_AVERAGE, Arg::optional("size_average", Kind::Bool, Default::None)),
            (REDUCE, Arg::optional("reduce", Kind::Bool, Default::None)),
        ],
        word: Some(("reduction", |given| match *given {
            [_, Some(false)] => "none",
            [Some(false), _] => "sum",
            _ => "mean",
        })),
    };
}

/// What is done with the losses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// Nothing.
    None,
}

impl Reduction {
    /// Attribute `i`.
    pub fn of(attrs: &Attrs, i: usize) -> Self {
        match attrs.get_choice(i) {
            0 => Reduction::Mean,
            1 => Reduction::Sum,
            _ => Reduction::None,
        }
    }

    /// As an attribute.
    pub fn attr(self) -> Attr {
        Attr::Choice(self as u8)
    }

    /// The losses reduced.
    pub fn apply(self, losses: Tensor) -> Result<Tensor> {
        match self {
            Reduction::Mean => mean_all(&losses),
            Reduction::Sum => sum_all(&losses),
            Reduction::None => Ok(losses),
        }
    }

    /// The losses times `weight`, which has their shape; the mean is divided by the sum of the
    /// weights.
    pub fn apply_weighted(self, losses: &Tensor, weight: &Tensor) -> Result<Tensor> {
        if losses.shape() != weight.shape() {
            return Err(Error::shape(format!(
                "weight and input must have the same shape, got {:?} and {:?}",
                weight.shape(),
                losses.shape()
            )));
        }
        let weighted = mul(losses, weight)?;
        match self {
            Reduction::Mean => div(&sum_all(&weighted)?, &sum_all(weight)?),
            other => other.apply(weighted),
        }
    }
}

/// Input and target of a loss.
pub fn operands<'a>(inputs: &[Option<&'a Tensor>]) -> Result<(&'a Tensor, &'a Tensor)> {
    match *inputs {
        [Some(x), Some(target), ..] => Ok((x, target)),
        _ => Err(Error::usage("expected an input and a target")),
    }
}

/// One output.
pub fn one(t: Tensor) -> Result<Outputs> {
    Ok(smallvec![t])
}

/// A tensor left out.
pub fn absent() -> SampleArg {
    SampleArg::Tensors(vec![None])
}

/// Calls of a loss of two tensors with each reduction; `rest` are the arguments after `reduction`.
pub fn samples(input: SampleTensor, target: SampleTensor, rest: &[SampleArg]) -> Vec<Sample> {
    [(Reduction::Mean, "the mean"), (Reduction::Sum, "the sum"), (Reduction::None, "no reduction")]
        .into_iter()
        .map(|(reduction, label)| {
            let mut args: Vec<SampleArg> = vec![input.clone().into(), target.clone().into(), reduction.attr().into()];
            args.extend(rest.iter().cloned());
            Sample::new(label, args)
        })
        .collect()
}

/// What losses composed of other ops have; their files write `..reduction::COMPOSITE_LOSS`.
pub const COMPOSITE_LOSS: OpDef = OpDef { surface: &[Api::Functional], ..OpDef::COMPOSITE };

/// The first three inputs, which the parameters ask for.
pub fn three<'a>(inputs: &[Option<&'a Tensor>]) -> Result<[&'a Tensor; 3]> {
    match *inputs {
        [Some(a), Some(b), Some(c), ..] => Ok([a, b, c]),
        _ => Err(Error::usage("expected three tensors")),
    }
}

/// `max(0, x)`, with the gradient 0 at 0.
pub fn hinge(x: &Tensor) -> Result<Tensor> {
    clamp_min(x, Scalar::Int(0))
}

/// A call with tensors and then attributes.
pub fn sample(label: &str, tensors: Vec<SampleTensor>, attrs: Vec<Attr>) -> Sample {
    Sample::new(label, tensors.into_iter().map(Into::into).chain(attrs.into_iter().map(Into::into)).collect())
}

/// Three numbers within bounds.
pub fn three_numbers(low: f64, high: f64) -> SampleTensor {
    SampleTensor::new(&[3]).range(low, high).distinct()
}
