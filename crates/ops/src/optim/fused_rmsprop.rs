//! A step of RMSprop.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, choice, number, state};
use adjoint_autograd::{Attr, Attrs, Body, ErrorSample, Facts, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct RmsProp {
    lr: f64,
    alpha: f64,
    eps: f64,
    weight_decay: f64,
    momentum: f64,
    is_centered: bool,
    maximize: bool,
}

/// The average of squares, then that of gradients where it is centered, then the velocity where
/// there is momentum.
impl<const N: usize> Formula<N> for RmsProp {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, mut state: [L; N]) -> (L, [L; N]) {
        let g = if self.maximize { -g } else { g };
        let g = if self.weight_decay == 0.0 { g } else { g.add_scaled(self.weight_decay, p) };
        let squares = state[0].times(self.alpha).add_product(1.0 - self.alpha, g, g);
        state[0] = squares;
        let root = if self.is_centered {
            let mean = state[1].lerp(g, 1.0 - self.alpha);
            state[1] = mean;
            squares.add_product(-1.0, mean, mean).sqrt()
        } else {
            squares.sqrt()
        };
        let root = root.plus(self.eps);
        if self.momentum == 0.0 {
            return (p.add_quotient(-self.lr, g, root), state);
        }
        let v = state[N - 1].times(self.momentum).add_quotient(1.0, g, root);
        state[N - 1] = v;
        (p.add_scaled(-self.lr, v), state)
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true, call.attrs.get_bool(5), call.attrs.get_float(4)? != 0.0], &[])
}

fn run(attrs: &Attrs, _: usize, step: &Step) -> Result<()> {
    let by = RmsProp {
        lr: attrs.get_float(0)?,
        alpha: attrs.get_float(1)?,
        eps: attrs.get_float(2)?,
        weight_decay: attrs.get_float(3)?,
        momentum: attrs.get_float(4)?,
        is_centered: attrs.get_bool(5),
        maximize: attrs.get_bool(6),
    };
    match step.state.len() {
        1 => step.take::<1>(by),
        2 => step.take::<2>(by),
        _ => step.take::<3>(by),
    }
}

fn call(label: &str, decay: f64, momentum: f64, centered: bool) -> Sample {
    let numbers = [0.1, 0.9, 1e-3, decay, momentum].map(Attr::Float);
    let attrs = numbers.into_iter().chain([Attr::Bool(centered), Attr::Bool(decay != 0.0)]).collect();
    // The mean of squares is at least the square of the mean.
    let mut sample = steps::sample(label, &[true, centered, momentum != 0.0], attrs);
    if centered {
        sample.args[2] = steps::list(2.0, 4.0);
        sample.args[3] = steps::list(-0.5, 0.5);
    }
    sample
}

fn samples() -> Vec<Sample> {
    vec![
        call("plain", 0.0, 0.0, false),
        call("with momentum and weight decay, uphill", 0.1, 0.9, false),
        call("centered", 0.0, 0.0, true),
        call("centered, with momentum", 0.0, 0.9, true),
    ]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", 0.0, 0.0, false))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_rmsprop_",
    doc: "A step of RMSprop on each of the parameters `self`.\n\n\
          g ← ±g + weight_decay · p; s ← alpha · s + (1 − alpha) · g²; r = √s, or, `centered`, a ← a + (1 − alpha)(g − a) and \
          r = √(s − a²); p ← p − lr · g / (r + eps), with momentum v ← momentum · v + g / (r + eps) and p ← p − lr · v. \
          Source: PyTorch, `torch.optim.RMSprop`.",
    args: &[
        PARAMS,
        GRADS,
        state("square_avgs"),
        state("grad_avgs"),
        state("momentum_buffer_list"),
        number("lr"),
        number("alpha"),
        number("eps"),
        number("weight_decay"),
        number("momentum"),
        choice("centered"),
        choice("maximize"),
    ],
    body: Body::Update { rule, run },
    samples,
    errors,
    ..STEP
}
.shipped();
