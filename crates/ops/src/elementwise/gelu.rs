//! `x` times the probability that a standard normal number is below it.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default, HalfGradient};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::Result;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

struct Gelu;

impl Unary<0> for Gelu {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x * x.ndtr()
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        g * (x.ndtr() + x * x.normal_density())
    }
}

struct GeluTanh;

/// √(2 / π), and the cubic coefficient of the approximation (Hendrycks and Gimpel, Gaussian Error
/// Linear Units, 2016).
const OUTER: f64 = FRAC_1_SQRT_2 * FRAC_2_SQRT_PI;
const CUBIC: f64 = 0.044_715;

impl Unary<0> for GeluTanh {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        let inner = A::c(OUTER) * (x + A::c(CUBIC) * x * x * x);
        A::c(0.5) * x * (A::c(1.0) + inner.tanh())
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        let (half, one) = (A::c(0.5), A::c(1.0));
        let t = (A::c(OUTER) * (x + A::c(CUBIC) * x * x * x)).tanh();
        let dinner = A::c(OUTER) * (one + A::c(3.0 * CUBIC) * x * x);
        g * (half * (one + t) + half * x * (one - t * t) * dinner)
    }
}

fn each(exact: bool) -> Vec<Sample> {
    let mut out = samples::unary();
    for sample in &mut out {
        sample.args.push(Attr::Choice(u8::from(!exact)).into());
    }
    out
}

/// The ops: the choice, the exact function and the approximation.
pub static DEFS: &[&OpDef] = &[&GELU, &EXACT, &TANH];

static GELU: OpDef = OpDef {
    name: "gelu",
    doc: "Returns `input · Φ(input)`, with Φ the distribution function of the standard normal distribution.\n\n\
          `approximate` is `\"none\"` for `0.5 x (1 + erf(x / √2))` or `\"tanh\"` for `0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))`. Integers \
          are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.gelu`.",
    args: &[Arg::tensor("input"), Arg::optional("approximate", Kind::Choice(&["none", "tanh"]), Default::Word("none"))],
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        invoke::many(if attrs.get_choice(0) == 0 { &EXACT } else { &TANH }, inputs, Attrs::new())
    }),
    samples: || {
        let mut out = each(true);
        out.extend(each(false));
        out
    },
    ..OpDef::COMPOSITE
}
.shipped();

static EXACT: OpDef = OpDef {
    name: "_gelu",
    part_of: "gelu",
    doc: "`input · Φ(input)`, element by element.",
    node: "GeluBackward0",
    surface: &[],
    in_place: false,
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Gelu, 0>()
}
.shipped();

static TANH: OpDef = OpDef {
    name: "_gelu_tanh",
    part_of: "gelu",
    doc: "An approximation of `input · Φ(input)`, element by element.",
    node: "GeluBackward0",
    surface: &[],
    in_place: false,
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<GeluTanh, 0>()
}
.shipped();

/// `x` times the probability that a standard normal number is below it.
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&EXACT, x)
}
