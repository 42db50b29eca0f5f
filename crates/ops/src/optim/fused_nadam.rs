//! A step of NAdam.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, STEPS, choice, number, state};
use adjoint_autograd::{Arg, Attr, Attrs, Body, ErrorSample, Facts, Kind, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct NAdam {
    lr: f64,
    beta1: f64,
    beta2: f64,
    weight_decay: f64,
    eps: f64,
    is_decoupled: bool,
    maximize: bool,
    /// 1 − β₂ᵗ.
    correction: f64,
    /// The factors of the gradient and of the average.
    rates: [f64; 2],
}

impl Formula<2> for NAdam {
    #[inline(always)]
    fn step<L: Lane>(self, p: L, g: L, [m, v]: [L; 2]) -> (L, [L; 2]) {
        let g = if self.maximize { -g } else { g };
        let (p, g) = match (self.weight_decay == 0.0, self.is_decoupled) {
            (true, _) => (p, g),
            (false, true) => (p.times(1.0 - self.lr * self.weight_decay), g),
            (false, false) => (p, g.add_scaled(self.weight_decay, p)),
        };
        let m = m.lerp(g, 1.0 - self.beta1);
        let v = v.times(self.beta2).add_product(1.0 - self.beta2, g, g);
        let root = v.over(self.correction).sqrt().plus(self.eps);
        (p.add_quotient(self.rates[0], g, root).add_quotient(self.rates[1], m, root), [m, v])
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true, true], &[0, 1])
}

fn run(attrs: &Attrs, i: usize, step: &Step) -> Result<()> {
    let (t, product) = (attrs.get_floats(0)?[i], attrs.get_floats(1)?[i]);
    let (lr, beta1, beta2) = (attrs.get_float(2)?, attrs.get_float(3)?, attrs.get_float(4)?);
    let momentum_decay = attrs.get_float(7)?;
    let mu = |t: f64| beta1 * (1.0 - 0.5 * 0.96_f64.powf(t * momentum_decay));
    step.take::<2>(NAdam {
        lr,
        beta1,
        beta2,
        weight_decay: attrs.get_float(5)?,
        eps: attrs.get_float(6)?,
        is_decoupled: attrs.get_bool(8),
        maximize: attrs.get_bool(9),
        correction: 1.0 - beta2.powf(t),
        rates: [-lr * (1.0 - mu(t)) / (1.0 - product), -lr * mu(t + 1.0) / (1.0 - product * mu(t + 1.0))],
    })
}

fn call(label: &str, decay: f64, decoupled: bool) -> Sample {
    let numbers = [0.1, 0.9, 0.99, decay, 1e-3, 4e-3].map(Attr::Float);
    let choices = [Attr::Bool(decoupled), Attr::Bool(decay != 0.0)];
    let lists = [steps::numbers([1.0, 4.0]), steps::numbers([0.5, 0.1])];
    steps::sample(label, &[true, true], lists.into_iter().chain(numbers).chain(choices).collect())
}

fn samples() -> Vec<Sample> {
    vec![
        call("plain", 0.0, false),
        call("with weight decay, uphill", 0.1, false),
        call("with decoupled weight decay, uphill", 0.1, true),
    ]
}

fn errors() -> Vec<ErrorSample> {
    steps::errors(call("", 0.0, false))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_nadam_",
    doc: "A step of NAdam on each of the parameters `self`.\n\n\
          g, m and v as in `_fused_adam_`, or, `decoupled_weight_decay`, as in `_fused_adamw_`; μ(t) = β₁ · (1 − 0.96^(t · \
          momentum_decay) / 2); r = √(v / (1 − β₂ᵗ)) + eps; p ← p − lr · (1 − μ(t)) / (1 − Π) · g / r − lr · μ(t + 1) / (1 − Π · \
          μ(t + 1)) · m / r, where Π, in `mu_products`, is the product of all μ up to that of step t. Source: PyTorch, \
          `torch.optim.NAdam`.",
    args: &[
        PARAMS,
        GRADS,
        state("exp_avgs"),
        state("exp_avg_sqs"),
        STEPS,
        Arg::required("mu_products", Kind::Floats),
        number("lr"),
        number("beta1"),
        number("beta2"),
        number("weight_decay"),
        number("eps"),
        number("momentum_decay"),
        choice("decoupled_weight_decay"),
        choice("maximize"),
    ],
    body: Body::Update { rule, run },
    samples,
    errors,
    ..STEP
}
.shipped();
