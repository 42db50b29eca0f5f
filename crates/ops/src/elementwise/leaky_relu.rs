//! `x` where it is positive, a fraction of it elsewhere.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::Result;

struct LeakyRelu;

impl Unary<1> for LeakyRelu {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, [negative_slope]: [A; 1]) -> A {
        A::select(x.gt(A::c(0.0)), x, negative_slope * x)
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary();
    for sample in &mut out {
        sample.args.extend([Attr::Float(0.01).into()]);
    }
    out
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "leaky_relu",
    doc: "Returns `input` where it is positive, else `negativeSlope · input`.\n\n\
          The gradient at 0 is `negativeSlope`. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.leaky_relu`.",
    args: &[Arg::tensor("input"), Arg::optional("negative_slope", Kind::Float, Default::Float(0.01))],
    node: "LeakyReluBackward0",
    surface: &[Api::Functional],
    in_place: true,
    saves: Saves::INPUT,
    flat: [1, 0],
    samples,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    ..unary::<LeakyRelu, 1>()
}
.shipped();

/// `x` where it is positive, a fraction of it elsewhere.
pub fn leaky_relu(x: &Tensor, negative_slope: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(negative_slope))
}
