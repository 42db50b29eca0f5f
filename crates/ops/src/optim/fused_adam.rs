//! A step of Adam, and of AdamW, which differs in what draws parameters to 0.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, STEPS, choice, number, state};
use adjoint_autograd::{Attr, Attrs, Body, ErrorSample, Facts, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct Adam {
    lr: f64,
    beta1: f64,
    beta2: f64,
    weight_decay: f64,
    eps: f64,
    is_decoupled: bool,
    maximize: bool,
    /// −lr / (1 − β₁ᵗ).
    rate: f64,
    /// √(1 − β₂ᵗ).
    correction: f64,
}

impl Adam {
    #[inline(always)]
    fn moments<L: Lane>(self, p: L, g: L, m: L, v: L) -> (L, L, L) {
        let g = if self.maximize { -g } else { g };
        let (p, g) = match (self.weight_decay == 0.0, self.is_decoupled) {
            (true, _) => (p, g),
            (false, true) => (p.times(1.0 - self.lr * self.weight_decay), g),
            (false, false) => (p, g.add_scaled(self.weight_decay, p)),
        };
        (p, m.lerp(g, 1.0 - self.beta1), v.times(self.beta2).add_product(1.0 - self.beta2, g, g))
    }

    #[inline(always)]
    fn moved<L: Lane>(self, p: L, m: L, v: L) -> L {
        p.add_quotient(self.rate, m, v.sqrt().over(self.correction).plus(self.eps))
    }
}

impl Formula<2> for Adam {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [m, v]: [L; 2]) -> (L, [L; 2]) {
        let (p, m, v) = self.moments(p, g, m, v);
        (self.moved(p, m, v), [m, v])
    }
}

impl Formula<3> for Adam {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [m, v, greatest]: [L; 3]) -> (L, [L; 3]) {
        let (p, m, v) = self.moments(p, g, m, v);
        let greatest = greatest.max(v);
        (self.moved(p, m, greatest), [m, v, greatest])
    }
}

pub(super) fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true, true, call.attrs.get_bool(6)], &[0])
}

/// The step, with weight decay through the gradient or, `is_decoupled`, directly.
pub(super) fn run(attrs: &Attrs, i: usize, step: &Step, is_decoupled: bool) -> Result<()> {
    let t = attrs.get_floats(0)?[i];
    let (lr, beta1, beta2) = (attrs.get_float(1)?, attrs.get_float(2)?, attrs.get_float(3)?);
    let by = Adam {
        lr,
        beta1,
        beta2,
        weight_decay: attrs.get_float(4)?,
        eps: attrs.get_float(5)?,
        is_decoupled,
        maximize: attrs.get_bool(7),
        rate: -lr / (1.0 - beta1.powf(t)),
        correction: (1.0 - beta2.powf(t)).sqrt(),
    };
    if attrs.get_bool(6) { step.take::<3>(by) } else { step.take::<2>(by) }
}

fn call(label: &str, decay: f64, amsgrad: bool, maximize: bool) -> Sample {
    let numbers = [0.1, 0.9, 0.99, decay, 1e-3].map(Attr::Float);
    let choices = [Attr::Bool(amsgrad), Attr::Bool(maximize)];
    let attrs = [steps::numbers([1.0, 4.0])].into_iter().chain(numbers).chain(choices).collect();
    steps::sample(label, &[true, true, amsgrad], attrs)
}

fn samples() -> Vec<Sample> {
    vec![
        call("plain", 0.0, false, false),
        call("with weight decay, uphill", 0.1, false, true),
        call("with the greatest squares", 0.1, true, false),
    ]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", 0.0, false, false))
}

/// What both have.
pub(super) const BOTH: OpDef = OpDef {
    args: &[
        PARAMS,
        GRADS,
        state("exp_avgs"),
        state("exp_avg_sqs"),
        state("max_exp_avg_sqs"),
        STEPS,
        number("lr"),
        number("beta1"),
        number("beta2"),
        number("weight_decay"),
        number("eps"),
        choice("amsgrad"),
        choice("maximize"),
    ],
    body: Body::Update { rule, run: |attrs, i, step| run(attrs, i, step, false) },
    samples,
    errors,
    ..STEP
};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_adam_",
    doc: "A step of Adam on each of the parameters `self`.\n\n\
          g ← ±g + weight_decay · p; m ← m + (1 − β₁)(g − m); v ← β₂ v + (1 − β₂) g²; p ← p − lr / (1 − β₁ᵗ) · m / (√v / \
          √(1 − β₂ᵗ) + eps) for step t, from 1. With `amsgrad` the greatest v so far takes the place of v in the denominator, \
          and `max_exp_avg_sqs` remembers it. Source: PyTorch, `torch.optim.Adam`.",
    ..BOTH
}
.shipped();
