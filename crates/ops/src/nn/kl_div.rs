//! The Kullback–Leibler divergence.

use crate::elementwise::{div::div, exp::exp, mul::mul, sub::sub, xlogy::xlogy};
use crate::invoke::number;
use crate::reduce::{mean::mean_all, sum::sum_all};
use crate::shared::checks::floating;
use crate::shared::nn::reduction::{self, one, operands};
use crate::shared::samples;
use adjoint_autograd::{Api, Arg, Attr, Body, Default, Kind, OpDef, Sample, SampleTensor};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "kl_div",
    doc: "Returns `target · (log target − input)`, reduced: the divergence of the distribution `exp(input)` from `target`.\n\n\
          `input` holds logarithms, and so does `target` with `log_target`. `reduction` is \"mean\" over all elements, \"batchmean\" for the sum \
          divided by the size of dim 0, \"sum\" or \"none\". Shapes broadcast. Source: PyTorch, `torch.nn.functional.kl_div`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("reduction", Kind::Choice(&["mean", "sum", "none", "batchmean"]), Default::Word("mean")),
        Arg::optional("log_target", Kind::Bool, Default::Bool(false)),
    ],
    older: reduction::OlderAt::<2, 3>::ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        let (x, target) = operands(inputs)?;
        floating("an input", x.dtype())?;
        floating("a target", target.dtype())?;
        let losses = if attrs.get_bool(1) {
            mul(&exp(target)?, &sub(target, x)?)?
        } else {
            sub(&xlogy(target, target)?, &mul(target, x)?)?
        };
        one(match attrs.get_choice(0) {
            0 => mean_all(&losses)?,
            1 => sum_all(&losses)?,
            3 => {
                let n = x.shape().first().copied().unwrap_or(1);
                div(&sum_all(&losses)?, &number(n as f64)?)?
            }
            _ => losses,
        })
    }),
    samples: || {
        let s = |label: &str, reduction: u8, log: bool| {
            let t = |low: f64| SampleTensor::new(&[2, 3]).range(low, 1.0);
            let args = vec![t(-2.0).into(), t(0.2).into(), Attr::Choice(reduction).into(), Attr::Bool(log).into()];
            Sample::new(label, args)
        };
        vec![s("the mean", 0, false), s("logarithms", 3, true), s("no reduction", 2, false)]
    },
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}.shipped();
