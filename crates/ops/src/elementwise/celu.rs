//! The continuously differentiable exponential linear unit.

use crate::formula::{Algebra, Unary, negative_part, unary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default, HalfGradient};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::{Error, Result};

struct Celu;

impl Unary<1> for Celu {
    fn f<A: Algebra>(x: A, [alpha]: [A; 1]) -> A {
        let zero = A::c(0.0);
        A::select(x.gt(zero), x, alpha * (x / alpha).expm1())
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [alpha]: [A; 1]) -> A {
        // NaN passes the gradient on, as in PyTorch.
        let zero = A::c(0.0);
        A::select(x.le(zero), g * (negative_part(x) / alpha).exp(), g)
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary();
    for sample in &mut out {
        sample.args.extend([Attr::Float(1.0).into()]);
    }
    out
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "celu",
    doc: "Returns `input` where it is positive, else `alpha · (exp(input / alpha) − 1)`.\n\n\
          The gradient at 0 is 1. `alpha` must not be 0. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.celu`.",
    args: &[Arg::tensor("input"), Arg::optional("alpha", Kind::Float, Default::Float(1.0))],
    node: "CeluBackward0",
    surface: &[Api::Function, Api::Functional],
    in_place: true,
    check: Check::Attributes(|inputs, attrs, _| match attrs.get_float(0)? {
        0.0 => Err(Error::usage("division by zero, alpha cannot be 0")),
        _ => floats(inputs),
    }),
    saves: Saves::INPUT,
    samples,
    half_gradient: HalfGradient::Once,
    ..unary::<Celu, 1>()
}
.shipped();

/// The continuously differentiable exponential linear unit.
pub fn celu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(alpha))
}
