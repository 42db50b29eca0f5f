//! `log(1 + exp(x))`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default, HalfGradient};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::Result;

struct Softplus;

impl Unary<2> for Softplus {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, [beta, threshold]: [A; 2]) -> A {
        let z = beta * x;
        A::select(z.gt(threshold), x, (z.max(A::c(0.0)) + (-z.abs()).log1p_exp()) / beta)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [beta, threshold]: [A; 2]) -> A {
        let z = beta * x;
        // At the threshold itself the slope counts as constant, as in PyTorch.
        let inner = A::select(z.eq(threshold), threshold, z);
        A::select(z.gt(threshold), g, g * inner.sigmoid())
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary();
    for sample in &mut out {
        sample.args.extend([Attr::Float(1.0).into(), Attr::Float(20.0).into()]);
    }
    out
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "softplus",
    doc: "Returns `log(1 + exp(beta · input)) / beta`, and `input` itself where `beta · input` is above `threshold`.\n\n\
          A smooth `relu`. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.softplus`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("beta", Kind::Float, Default::Float(1.0)),
        Arg::optional("threshold", Kind::Float, Default::Float(20.0)),
    ],
    node: "SoftplusBackward0",
    surface: &[Api::Functional],
    in_place: false,
    saves: Saves::INPUT,
    samples,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Softplus, 2>()
}
.shipped();

/// `log(1 + exp(x))`.
pub fn softplus(x: &Tensor, beta: f64, threshold: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(beta).float(threshold))
}
