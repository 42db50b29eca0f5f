//! The inverse of the sigmoid.

use super::{gt::gt, lt::lt, where_::where_};
use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke::{self, number};
use crate::shared::checks::only;
use crate::shared::samples;
use crate::shared::view::samples::call;
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Saves, Tensor};
use adjoint_tensor::Result;
use smallvec::smallvec;

struct Logit;

impl Unary<0> for Logit {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        (x / (A::c(1.0) - x)).log()
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        let (zero, one) = (A::c(0.0), A::c(1.0));
        // Without the sign of a zero, which −0 would give to the infinite gradient.
        A::select(x.lt(zero) | x.gt(one), A::c(f64::NAN), g / (x * (one - x)).abs())
    }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = only(inputs)?;
    let Some(eps) = attrs.opt_float(0) else { return invoke::many(&LOGIT, &[Some(x)], Attrs::new()) };
    let (low, high) = (number(eps)?, number(1.0 - eps)?);
    let inside = where_(&lt(x, &low)?, &low, &where_(&gt(x, &high)?, &high, x)?)?;
    Ok(smallvec![invoke::unary(&LOGIT, &inside)?])
}

/// The ops: with bounds, and the formula.
pub static DEFS: &[&OpDef] = &[&DEF, &LOGIT];

static DEF: OpDef = OpDef {
    name: "logit",
    doc: "Returns `log(x / (1 − x))`, element by element: the inverse of `sigmoid`.\n\n\
          With `eps`, `input` is first moved into `[eps, 1 − eps]`, and the gradient is 0 where it was. NaN outside \
          [0, 1]. Integers give float32. Source: PyTorch, `torch.logit`.",
    args: &[Arg::tensor("input"), Arg::optional("eps", Kind::Float, Default::None)],
    surface: &[Api::Function, Api::Method, Api::Special],
    in_place: true,
    body: Body::Composite(body),
    samples: || {
        let mut all = samples::unary_in(0.1, 0.9, &[]);
        let mut bounded = call("moved inside", &[5], [Attr::Float(0.3)]);
        bounded.args[0] = adjoint_autograd::SampleTensor::new(&[5]).range(0.0, 1.0).avoid(&[0.3, 0.7]).into();
        all.push(bounded);
        all
    },
    ..OpDef::COMPOSITE
}
.shipped();

static LOGIT: OpDef = OpDef {
    name: "_logit",
    part_of: "logit",
    doc: "`log(x / (1 − x))`.",
    surface: &[],
    node: "LogitBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(0.1, 0.9, &[]),
    ..unary::<Logit, 0>()
}
.shipped();
