//! The continuously differentiable exponential linear unit.

use crate::formula::{Algebra, Unary, unary};
use crate::{invoke, samples};
use adjoint_autograd::op::{Check, Default};
use adjoint_autograd::{Arg, Attr, Attrs, Kind, OpDef, Sample, Saves, Surface, Tensor};
use adjoint_tensor::{Error, Result};

struct Celu;

impl Unary<1> for Celu {
    fn f<A: Algebra>(x: A, [alpha]: [A; 1]) -> A {
        let zero = A::c(0.0);
        A::select(x.gt(zero), x, alpha * (x / alpha).min(zero).expm1())
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [alpha]: [A; 1]) -> A {
        let zero = A::c(0.0);
        A::select(x.le(zero), g * (x / alpha).min(zero).exp(), g)
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
          The gradient at 0 is 1. `alpha` must not be 0. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.celu`.",
    args: &[Arg::tensor("input"), Arg::optional("alpha", Kind::Float, Default::Float(1.0))],
    node: "CeluBackward0",
    surface: &[Surface::Function, Surface::Functional],
    in_place: true,
    check: Check::Attributes(|_, attrs, _| match attrs.get_float(0)? {
        0.0 => Err(Error::usage("ZeroDivisionError: alpha cannot be 0")),
        _ => Ok(()),
    }),
    saves: Saves::INPUT,
    samples,
    ..unary::<Celu, 1>()
}
.shipped();

/// The continuously differentiable exponential linear unit.
pub fn celu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(alpha))
}
