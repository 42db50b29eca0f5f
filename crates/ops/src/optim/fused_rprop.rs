//! A step of Rprop.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, choice, number, state};
use adjoint_autograd::{Attr, Attrs, Body, ErrorSample, Facts, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct Rprop {
    eta_minus: f64,
    eta_plus: f64,
    least: f64,
    most: f64,
    maximize: bool,
}

impl Formula<2> for Rprop {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [previous, size]: [L; 2]) -> (L, [L; 2]) {
        let g = if self.maximize { -g } else { g };
        let product = g * previous;
        let factor = product.by_sign(g.filled(self.eta_minus), g.filled(1.0), g.filled(self.eta_plus));
        let size = (size * factor).clamp(self.least, self.most);
        // Where the sign turned, this step goes nowhere and the next one is free.
        let g = product.by_sign(g.filled(0.0), g, g);
        let sign = g.by_sign(g.filled(-1.0), g.filled(0.0), g.filled(1.0));
        (p.add_product(-1.0, sign, size), [g, size])
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true, true], &[])
}

fn run(attrs: &Attrs, _: usize, step: &Step) -> Result<()> {
    step.take::<2>(Rprop {
        eta_minus: attrs.get_float(0)?,
        eta_plus: attrs.get_float(1)?,
        least: attrs.get_float(2)?,
        most: attrs.get_float(3)?,
        maximize: attrs.get_bool(4),
    })
}

fn call(label: &str, maximize: bool) -> Sample {
    let numbers = [0.5, 1.2, 1e-6, 1.0].map(Attr::Float);
    let mut sample = steps::sample(label, &[true, true], numbers.into_iter().chain([Attr::Bool(maximize)]).collect());
    sample.args[2] = steps::list(-2.0, 2.0);
    sample
}

fn samples() -> Vec<Sample> {
    vec![call("downhill", false), call("uphill", true)]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", false))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_rprop_",
    doc: "A step of Rprop on each of the parameters `self`.\n\n\
          Each element has a step size s of its own. Where the gradient has the sign it had before, s grows by `etaplus`; where \
          it turned, s shrinks by `etaminus` and the gradient counts as 0; s stays in [step_size_min, step_size_max]. Then \
          p ← p − sign(g) · s. Source: PyTorch, `torch.optim.Rprop`.",
    args: &[
        PARAMS,
        GRADS,
        state("prevs"),
        state("step_sizes"),
        number("etaminus"),
        number("etaplus"),
        number("step_size_min"),
        number("step_size_max"),
        choice("maximize"),
    ],
    body: Body::Update { rule, run },
    samples,
    errors,
    ..STEP
}
.shipped();
