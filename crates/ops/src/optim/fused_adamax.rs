//! A step of Adamax.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, STEPS, choice, number, state};
use adjoint_autograd::{Attr, Attrs, Body, ErrorSample, Facts, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct Adamax {
    beta1: f64,
    beta2: f64,
    weight_decay: f64,
    eps: f64,
    maximize: bool,
    /// lr / (1 − β₁ᵗ).
    rate: f64,
}

impl Formula<2> for Adamax {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [m, greatest]: [L; 2]) -> (L, [L; 2]) {
        let g = if self.maximize { -g } else { g };
        let g = if self.weight_decay == 0.0 { g } else { g.add_scaled(self.weight_decay, p) };
        let m = m.lerp(g, 1.0 - self.beta1);
        let greatest = greatest.times(self.beta2).max(g.abs().plus(self.eps));
        (p.add_quotient(-self.rate, m, greatest), [m, greatest])
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true, true], &[0])
}

fn run(attrs: &Attrs, i: usize, step: &Step) -> Result<()> {
    let t = attrs.get_floats(0)?[i];
    let beta1 = attrs.get_float(2)?;
    step.take::<2>(Adamax {
        rate: attrs.get_float(1)? / (1.0 - beta1.powf(t)),
        beta1,
        beta2: attrs.get_float(3)?,
        weight_decay: attrs.get_float(4)?,
        eps: attrs.get_float(5)?,
        maximize: attrs.get_bool(6),
    })
}

fn call(label: &str, decay: f64) -> Sample {
    let numbers = [0.1, 0.9, 0.99, decay, 1e-3].map(Attr::Float);
    let attrs = [steps::numbers([1.0, 4.0])].into_iter().chain(numbers).chain([Attr::Bool(decay != 0.0)]).collect();
    steps::sample(label, &[true, true], attrs)
}

fn samples() -> Vec<Sample> {
    vec![call("plain", 0.0), call("with weight decay, uphill", 0.1)]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", 0.0))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_adamax_",
    doc: "A step of Adamax on each of the parameters `self`.\n\n\
          g ← ±g + weight_decay · p; m ← m + (1 − β₁)(g − m); u ← max(β₂ u, |g| + eps); p ← p − lr / (1 − β₁ᵗ) · m / u for \
          step t, from 1. Source: PyTorch, `torch.optim.Adamax`.",
    args: &[
        PARAMS,
        GRADS,
        state("exp_avgs"),
        state("exp_infs"),
        STEPS,
        number("lr"),
        number("beta1"),
        number("beta2"),
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
