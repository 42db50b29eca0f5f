//! A step of Adadelta.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, choice, number, state};
use adjoint_autograd::{Attr, Attrs, Body, ErrorSample, Facts, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct Adadelta {
    lr: f64,
    rho: f64,
    eps: f64,
    weight_decay: f64,
    maximize: bool,
}

impl Formula<2> for Adadelta {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [squares, deltas]: [L; 2]) -> (L, [L; 2]) {
        let g = if self.maximize { -g } else { g };
        let g = if self.weight_decay == 0.0 { g } else { g.add_scaled(self.weight_decay, p) };
        let squares = squares.times(self.rho).add_product(1.0 - self.rho, g, g);
        let delta = deltas.plus(self.eps).sqrt() / squares.plus(self.eps).sqrt() * g;
        let deltas = deltas.times(self.rho).add_product(1.0 - self.rho, delta, delta);
        (p.add_scaled(-self.lr, delta), [squares, deltas])
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true, true], &[])
}

fn run(attrs: &Attrs, _: usize, step: &Step) -> Result<()> {
    step.take::<2>(Adadelta {
        lr: attrs.get_float(0)?,
        rho: attrs.get_float(1)?,
        eps: attrs.get_float(2)?,
        weight_decay: attrs.get_float(3)?,
        maximize: attrs.get_bool(4),
    })
}

fn call(label: &str, decay: f64) -> Sample {
    let numbers = [0.5, 0.9, 1e-3, decay].map(Attr::Float);
    steps::sample(label, &[true, true], numbers.into_iter().chain([Attr::Bool(decay != 0.0)]).collect())
}

fn samples() -> Vec<Sample> {
    vec![call("plain", 0.0), call("with weight decay, uphill", 0.1)]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", 0.0))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_adadelta_",
    doc: "A step of Adadelta on each of the parameters `self`.\n\n\
          g ← ±g + weight_decay · p; s ← rho · s + (1 − rho) · g²; d = √(a + eps) / √(s + eps) · g; \
          a ← rho · a + (1 − rho) · d²; p ← p − lr · d. Source: PyTorch, `torch.optim.Adadelta`.",
    args: &[
        PARAMS,
        GRADS,
        state("square_avgs"),
        state("acc_deltas"),
        number("lr"),
        number("rho"),
        number("eps"),
        number("weight_decay"),
        choice("maximize"),
    ],
    body: Body::Update { rule, run },
    samples,
    errors,
    ..STEP
}
.shipped();
