//! A step of RAdam.

use crate::shared::optim::steps::{self, GRADS, PARAMS, STEP, STEPS, choice, number, state};
use adjoint_autograd::{Attr, Attrs, Body, ErrorSample, Facts, OpDef, Sample};
use adjoint_cpu::optimizer::Step;
use adjoint_kernels::optimizer::{Formula, Lane};
use adjoint_tensor::Result;

#[derive(Clone, Copy)]
struct RAdam {
    lr: f64,
    beta1: f64,
    beta2: f64,
    weight_decay: f64,
    eps: f64,
    is_decoupled: bool,
    maximize: bool,
    /// 1 − β₁ᵗ.
    correction: f64,
    /// √(1 − β₂ᵗ).
    root_correction: f64,
    /// What the variance is rectified by, once it is tractable.
    rectified: Option<f64>,
}

impl RAdam {
    /// Length of the moving average in step t: where it is more than 5 the variance is tractable.
    fn rectified(beta2: f64, t: f64) -> Option<f64> {
        let limit = 2.0 / (1.0 - beta2) - 1.0;
        let power = beta2.powf(t);
        let length = limit - 2.0 * t * power / (1.0 - power);
        let ratio = (length - 4.0) * (length - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * length);
        (length > 5.0).then(|| ratio.sqrt())
    }
}

impl Formula<2> for RAdam {
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
        let way = m.over(self.correction).times(self.lr);
        let way = match self.rectified {
            None => way,
            Some(by) => (way * v.sqrt().plus(self.eps).reciprocal().times(self.root_correction)).times(by),
        };
        (p - way, [m, v])
    }
}

fn rule(call: &Facts) -> Result<()> {
    steps::check(call, &[true, true], &[0])
}

fn run(attrs: &Attrs, i: usize, step: &Step) -> Result<()> {
    let t = attrs.get_floats(0)?[i];
    let (beta1, beta2) = (attrs.get_float(2)?, attrs.get_float(3)?);
    step.take::<2>(RAdam {
        lr: attrs.get_float(1)?,
        beta1,
        beta2,
        weight_decay: attrs.get_float(4)?,
        eps: attrs.get_float(5)?,
        is_decoupled: attrs.get_bool(6),
        maximize: attrs.get_bool(7),
        correction: 1.0 - beta1.powf(t),
        root_correction: (1.0 - beta2.powf(t)).sqrt(),
        rectified: RAdam::rectified(beta2, t),
    })
}

fn call(label: &str, decay: f64, decoupled: bool) -> Sample {
    let numbers = [0.1, 0.9, 0.99, decay, 1e-3].map(Attr::Float);
    let choices = [Attr::Bool(decoupled), Attr::Bool(decay != 0.0)];
    // Step 9 rectifies, step 1 does not.
    let attrs = [steps::numbers([1.0, 9.0])].into_iter().chain(numbers).chain(choices).collect();
    steps::sample(label, &[true, true], attrs)
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
    name: "_fused_radam_",
    doc: "A step of RAdam on each of the parameters `self`.\n\n\
          g, m and v as in `_fused_adam_`, or, `decoupled_weight_decay`, as in `_fused_adamw_`; for step t, from 1, \
          ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ), where ρ∞ = 2 / (1 − β₂) − 1; p ← p − lr · m / (1 − β₁ᵗ), where ρ > 5 times √(1 − β₂ᵗ) / \
          (√v + eps) · √((ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ)). Source: PyTorch, `torch.optim.RAdam`.",
    args: &[
        PARAMS,
        GRADS,
        state("exp_avgs"),
        state("exp_avg_sqs"),
        STEPS,
        number("lr"),
        number("beta1"),
        number("beta2"),
        number("weight_decay"),
        number("eps"),
        choice("decoupled_weight_decay"),
        choice("maximize"),
    ],
    body: Body::Update { rule, run },
    samples,
    errors,
    ..STEP
}
.shipped();
