//! A step of stochastic gradient descent.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, choice, number, state};
use adjoint_autograd::{Arg, Attr, Attrs, Body, ErrorSample, Facts, Kind, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct Sgd {
    weight_decay: f64,
    momentum: f64,
    lr: f64,
    dampening: f64,
    nesterov: bool,
    maximize: bool,
    is_first: bool,
}

impl Sgd {
    #[inline(always)]
    fn direction<L: Lane>(self, p: L, g: L) -> L {
        let g = if self.maximize { -g } else { g };
        if self.weight_decay == 0.0 { g } else { g.add_scaled(self.weight_decay, p) }
    }
}

impl Formula<0> for Sgd {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, []: [L; 0]) -> (L, [L; 0]) {
        (p.add_scaled(-self.lr, self.direction(p, g)), [])
    }
}

impl Formula<1> for Sgd {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [v]: [L; 1]) -> (L, [L; 1]) {
        let g = self.direction(p, g);
        let v = if self.is_first { g } else { v.mix(self.momentum, g, 1.0 - self.dampening) };
        let way = if self.nesterov { g.add_scaled(self.momentum, v) } else { v };
        (p.add_scaled(-self.lr, way), [v])
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[call.attrs.get_float(1)? != 0.0], &[6])
}

fn run(attrs: &Attrs, i: usize, step: &Step) -> Result<()> {
    let by = Sgd {
        weight_decay: attrs.get_float(0)?,
        momentum: attrs.get_float(1)?,
        lr: attrs.get_float(2)?,
        dampening: attrs.get_float(3)?,
        nesterov: attrs.get_bool(4),
        maximize: attrs.get_bool(5),
        is_first: attrs.get_floats(6)?[i] != 0.0,
    };
    if by.momentum == 0.0 { step.take::<0>(by) } else { step.take::<1>(by) }
}

fn call(label: &str, decay: f64, momentum: f64, dampening: f64, nesterov: bool, first: [f64; 2]) -> Sample {
    let [decay, velocity, lr, dampening] = [decay, momentum, 0.1, dampening].map(Attr::Float);
    let choices = [Attr::Bool(nesterov), Attr::Bool(decay != Attr::Float(0.0)), steps::numbers(first)];
    let attrs = [decay, velocity, lr, dampening].into_iter().chain(choices).collect();
    steps::sample(label, &[momentum != 0.0], attrs)
}

fn samples() -> Vec<Sample> {
    vec![
        call("plain", 0.0, 0.0, 0.0, false, [0.0, 0.0]),
        call("with weight decay, uphill", 0.1, 0.0, 0.0, false, [0.0, 0.0]),
        call("with momentum, of which one begins", 0.0, 0.9, 0.3, false, [1.0, 0.0]),
        call("with Nesterov's momentum", 0.1, 0.9, 0.0, true, [0.0, 0.0]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", 0.0, 0.9, 0.0, false, [0.0, 0.0]))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_sgd_",
    doc: "A step of stochastic gradient descent on each of the parameters `self`.\n\n\
          g ← ±g + weight_decay · p; v ← momentum · v + (1 − dampening) · g, or v ← g where `is_first_step` is not 0; \
          p ← p − lr · v, with Nesterov's momentum p ← p − lr · (g + momentum · v), without momentum, and then without a list \
          of v, p ← p − lr · g. Source: PyTorch, `torch.optim.SGD`.",
    args: &[
        PARAMS,
        GRADS,
        state("momentum_buffer_list"),
        number("weight_decay"),
        number("momentum"),
        number("lr"),
        number("dampening"),
        choice("nesterov"),
        choice("maximize"),
        Arg::required("is_first_step", Kind::Floats),
    ],
    body: Body::Update { rule, run },
    samples,
    errors,
    ..STEP
}
.shipped();
