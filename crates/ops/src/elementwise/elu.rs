//! The exponential linear unit.

use crate::formula::{Algebra, Loops, Unary, negative_part, unary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default, HalfGradient};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::Result;

struct Elu;

impl Unary<1> for Elu {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, [alpha]: [A; 1]) -> A {
        let zero = A::c(0.0);
        A::select(x.gt(zero), x, alpha * x.expm1())
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [alpha]: [A; 1]) -> A {
        // NaN passes the gradient on, as in PyTorch.
        let zero = A::c(0.0);
        A::select(x.le(zero), g * alpha * negative_part(x).exp(), g)
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
    name: "elu",
    doc: "Returns `input` where it is positive, else `alpha · (exp(input) − 1)`.\n\n\
          The gradient at 0 is `alpha`. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.elu`.",
    args: &[Arg::tensor("input"), Arg::optional("alpha", Kind::Float, Default::Float(1.0))],
    node: "EluBackward0",
    surface: &[Api::Functional],
    in_place: true,
    saves: Saves::INPUT,
    samples,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Elu, 1>()
}
.shipped();

/// The exponential linear unit.
pub fn elu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(alpha))
}
