//! `x` where it is far from 0.

use crate::formula::{Algebra, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Half, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::Result;

struct Hardshrink;

impl Unary<1> for Hardshrink {
    fn f<A: Algebra>(x: A, [lambd]: [A; 1]) -> A {
        A::select(x.ge(-lambd) & x.le(lambd), A::c(0.0), x)
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary_in(-2.0, 2.0, &[-0.5, 0.5]);
    for sample in &mut out {
        sample.args.extend([Attr::Float(0.5).into()]);
    }
    out
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hardshrink",
    doc: "Returns `input` where `|input|` is above `lambd`, else 0.\n\n\
          The gradient at ±`lambd` is 0. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.hardshrink`.",
    args: &[Arg::tensor("input"), Arg::optional("lambd", Kind::Float, Default::Float(0.5))],
    node: "HardshrinkBackward0",
    surface: &[Api::Function, Api::Method, Api::Functional],
    in_place: false,
    saves: Saves::INPUT,
    flat: [1, 0],
    samples,
    half: Half::RoundedParams,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    ..unary::<Hardshrink, 1>()
}
.shipped();

/// `x` where it is far from 0.
pub fn hardshrink(x: &Tensor, lambd: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(lambd))
}
