//! A step of averaged stochastic gradient descent.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, choice, number, state};
use adjoint_autograd::{Arg, Attr, Attrs, Body, ErrorSample, Facts, Kind, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct Asgd {
    lambd: f64,
    weight_decay: f64,
    eta: f64,
    mu: f64,
    maximize: bool,
}

impl Formula<1> for Asgd {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [average]: [L; 1]) -> (L, [L; 1]) {
        let g = if self.maximize { -g } else { g };
        let g = if self.weight_decay == 0.0 { g } else { g.add_scaled(self.weight_decay, p) };
        let p = p.times(1.0 - self.lambd * self.eta).add_scaled(-self.eta, g);
        (p, [if self.mu == 1.0 { p } else { average + (p - average).times(self.mu) }])
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true], &[0, 1])
}

fn run(attrs: &Attrs, i: usize, step: &Step) -> Result<()> {
    step.take::<1>(Asgd {
        eta: attrs.get_floats(0)?[i],
        mu: attrs.get_floats(1)?[i],
        lambd: attrs.get_float(2)?,
        weight_decay: attrs.get_float(3)?,
        maximize: attrs.get_bool(4),
    })
}

fn call(label: &str, decay: f64) -> Sample {
    let lists = [steps::numbers([0.1, 0.05]), steps::numbers([1.0, 0.25])];
    let numbers = [1e-2, decay].map(Attr::Float);
    steps::sample(label, &[true], lists.into_iter().chain(numbers).chain([Attr::Bool(decay != 0.0)]).collect())
}

fn samples() -> Vec<Sample> {
    vec![call("plain", 0.0), call("with weight decay, uphill", 0.1)]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", 0.0))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_asgd_",
    doc: "A step of averaged stochastic gradient descent on each of the parameters `self`.\n\n\
          g ← ±g + weight_decay · p; p ← (1 − lambd · eta) · p − eta · g; the average a ← a + mu · (p − a), a = p where mu is 1. \
          `etas` and `mus` have a number for each parameter. Source: PyTorch, `torch.optim.ASGD`.",
    args: &[
        PARAMS,
        GRADS,
        state("axs"),
        Arg::required("etas", Kind::Floats),
        Arg::required("mus", Kind::Floats),
        number("lambd"),
        number("weight_decay"),
        choice("maximize"),
    ],
    body: Body::Update { rule, run },
    samples,
    errors,
    ..STEP
}
.shipped();
