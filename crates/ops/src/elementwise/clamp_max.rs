//! `x` cut off at a bound above.

use crate::formula::{Algebra, Loops, Ring, RingBinary, RingUnary, at_most, ring_binary, ring_unary, with_bounds};
use crate::invoke;
use crate::shared::checks;
use crate::shared::samples;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Arg, Attr, Attrs, Kind, OpDef, Sample, SampleArg, Saves, Tensor};
use adjoint_tensor::{Result, Scalar};

struct ClampMax;

impl RingUnary<1> for ClampMax {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, [bound]: [R; 1]) -> R {
        at_most(x, bound)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [bound]: [A; 1]) -> A {
        // 0 at the bound, where the selection has that of the input.
        A::select(x.lt(bound), g, A::c(0.0))
    }
}

struct ClampMaxTensor;

impl RingBinary<0> for ClampMaxTensor {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, bound: R, []: [R; 0]) -> R {
        x.min(bound)
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary_in(-2.0, 2.0, &[0.5]);
    for sample in &mut out {
        sample.args.push(SampleArg::from(Attr::Scalar(Scalar::Float(0.5))));
    }
    out
}

const DOC: &str = "Returns `input`, at most `max`, element by element.\n\n\
     With a number as bound the gradient is 0 at and beyond it; a tensor broadcasts and shares the gradient where they are equal. NaN \
     stays NaN. dtypes promote. Source: PyTorch, `torch.clamp_max`.";

/// The ops: with a number, and with a tensor.
pub static DEFS: &[&OpDef] = &[&NUMBER, &TENSOR];

static NUMBER: OpDef = OpDef {
    name: "clamp_max",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("max", Kind::Scalar)],
    check: Check::Attributes(|_, attrs, dtype| checks::bounds(None, attrs.opt_scalar(0), dtype)),
    node: "ClampMaxBackward0",
    saves: Saves::INPUT,
    samples,
    ..with_bounds(ring_unary::<ClampMax, 1>())
}
.shipped();

static TENSOR: OpDef = OpDef {
    name: "clamp_max.tensor",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("max", Kind::TensorOrWide)],
    check: Check::Attributes(|inputs, _, dtype| checks::bounds(None, checks::number_at(inputs, 1)?, dtype)),
    node: "ClampMaxBackward1",
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    ..ring_binary::<ClampMaxTensor, 0>()
}
.shipped();

/// `x`, at most `bound`.
pub fn clamp_max(x: &Tensor, bound: Scalar) -> Result<Tensor> {
    invoke::with(&NUMBER, &[Some(x)], Attrs::new().scalar(bound))
}

/// The same for a bound of each element.
pub fn clamp_max_tensor(x: &Tensor, bound: &Tensor) -> Result<Tensor> {
    invoke::binary(&TENSOR, x, bound)
}
