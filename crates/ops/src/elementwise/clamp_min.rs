//! `x` cut off at a bound below.

use crate::formula::{Algebra, Loops, Ring, RingBinary, RingUnary, at_least, ring_binary, ring_unary, with_bounds};
use crate::invoke;
use crate::shared::checks;
use crate::shared::samples;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Arg, Attr, Attrs, Kind, OpDef, Sample, SampleArg, Saves, Tensor};
use adjoint_tensor::{Result, Scalar};

struct ClampMin;

impl RingUnary<1> for ClampMin {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, [bound]: [R; 1]) -> R {
        at_least(x, bound)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [bound]: [A; 1]) -> A {
        // 0 at the bound, where the selection has that of the input.
        A::select(x.gt(bound), g, A::c(0.0))
    }
}

struct ClampMinTensor;

impl RingBinary<0> for ClampMinTensor {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, bound: R, []: [R; 0]) -> R {
        x.max(bound)
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary_in(-2.0, 2.0, &[0.5]);
    for sample in &mut out {
        sample.args.push(SampleArg::from(Attr::Scalar(Scalar::Float(0.5))));
    }
    out
}

const DOC: &str = "Returns `input`, at least `min`, element by element.\n\n\
     With a number as bound the gradient is 0 at and beyond it; a tensor broadcasts and shares the gradient where they are equal. NaN \
     stays NaN. dtypes promote. Source: PyTorch, `torch.clamp_min`.";

/// The ops: with a number, and with a tensor.
pub static DEFS: &[&OpDef] = &[&NUMBER, &TENSOR];

static NUMBER: OpDef = OpDef {
    name: "clamp_min",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("min", Kind::Scalar)],
    check: Check::Attributes(|_, attrs, dtype| checks::bounds(attrs.opt_scalar(0), None, dtype)),
    node: "ClampMinBackward0",
    saves: Saves::INPUT,
    samples,
    ..with_bounds(ring_unary::<ClampMin, 1>())
}
.shipped();

static TENSOR: OpDef = OpDef {
    name: "clamp_min.tensor",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("min", Kind::TensorOrWide)],
    check: Check::Attributes(|inputs, _, dtype| checks::bounds(checks::number_at(inputs, 1)?, None, dtype)),
    node: "ClampMinBackward1",
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    ..ring_binary::<ClampMinTensor, 0>()
}
.shipped();

/// `x`, at least `bound`.
pub fn clamp_min(x: &Tensor, bound: Scalar) -> Result<Tensor> {
    invoke::with(&NUMBER, &[Some(x)], Attrs::new().scalar(bound))
}

/// The same for a bound of each element.
pub fn clamp_min_tensor(x: &Tensor, bound: &Tensor) -> Result<Tensor> {
    invoke::binary(&TENSOR, x, bound)
}
