//! `x` moved towards 0.

use crate::formula::{Algebra, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Half, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::{Error, Result};

struct Softshrink;

impl Unary<1> for Softshrink {
    fn f<A: Algebra>(x: A, [lambd]: [A; 1]) -> A {
        A::select(x.gt(lambd), x - lambd, A::select(x.lt(-lambd), x + lambd, A::c(0.0) * x))
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [lambd]: [A; 1]) -> A {
        // NaN passes the gradient on, as in PyTorch.
        A::select(x.ge(-lambd) & x.le(lambd), A::c(0.0), g)
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
    name: "softshrink",
    doc: "Returns `input` moved towards 0 by `lambd`, and 0 where it is no further than that.\n\n\
          The gradient at ±`lambd` is 0. `lambd` must not be negative. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.softshrink`.",
    args: &[Arg::tensor("input"), Arg::optional("lambd", Kind::Float, Default::Float(0.5))],
    node: "SoftshrinkBackward0",
    surface: &[Api::Functional],
    in_place: false,
    check: Check::Attributes(|inputs, attrs, _| match attrs.get_float(0)? {
        v if v < 0.0 => Err(Error::usage(format!("lambd must be greater or equal to 0, got {v}"))),
        _ => floats(inputs),
    }),
    saves: Saves::INPUT,
    flat: [1, 0],
    samples,
    half: Half::RoundedParams,
    ..unary::<Softshrink, 1>()
}
.shipped();

/// `x` moved towards 0.
pub fn softshrink(x: &Tensor, lambd: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(lambd))
}
