//! A step of Adagrad.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, STEPS, choice, number, state};
use adjoint_autograd::{Attr, Attrs, Body, ErrorSample, Facts, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct Adagrad {
    weight_decay: f64,
    eps: f64,
    maximize: bool,
    /// lr / (1 + (t − 1) · lr_decay).
    rate: f64,
}

impl Formula<1> for Adagrad {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [sum]: [L; 1]) -> (L, [L; 1]) {
        let g = if self.maximize { -g } else { g };
        let g = if self.weight_decay == 0.0 { g } else { g.add_scaled(self.weight_decay, p) };
        let sum = sum.add_product(1.0, g, g);
        (p.add_quotient(-self.rate, g, sum.sqrt().plus(self.eps)), [sum])
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true], &[0])
}

fn run(attrs: &Attrs, i: usize, step: &Step) -> Result<()> {
    let t = attrs.get_floats(0)?[i];
    step.take::<1>(Adagrad {
        rate: attrs.get_float(1)? / (1.0 + (t - 1.0) * attrs.get_float(2)?),
        weight_decay: attrs.get_float(3)?,
        eps: attrs.get_float(4)?,
        maximize: attrs.get_bool(5),
    })
}

fn call(label: &str, lr_decay: f64, decay: f64) -> Sample {
    let numbers = [0.1, lr_decay, decay, 1e-3].map(Attr::Float);
    let attrs = [steps::numbers([1.0, 4.0])].into_iter().chain(numbers).chain([Attr::Bool(decay != 0.0)]).collect();
    steps::sample(label, &[true], attrs)
}

fn samples() -> Vec<Sample> {
    vec![call("plain", 0.0, 0.0), call("with weight decay, uphill, at a rate that falls", 0.1, 0.1)]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", 0.0, 0.0))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_adagrad_",
    doc: "A step of Adagrad on each of the parameters `self`.\n\n\
          g ← ±g + weight_decay · p; s ← s + g²; p ← p − lr / (1 + (t − 1) · lr_decay) · g / (√s + eps) for step t, from 1. \
          Source: PyTorch, `torch.optim.Adagrad`.",
    args: &[
        PARAMS,
        GRADS,
        state("state_sums"),
        STEPS,
        number("lr"),
        number("lr_decay"),
        number("weight_decay"),
        number("eps"),
        choice("maximize"),
    ],
    body: Body::Update { rule, run },
    samples,
    errors,
    ..STEP
}
.shipped();
