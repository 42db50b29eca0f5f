//! A product added to a tensor.

use crate::formula::{Algebra, Loops, Ring, RingTernary, ring_ternary};
use crate::invoke;
use crate::shared::checks;
use adjoint_autograd::op::{Check, Default};
use adjoint_autograd::{Arg, Attr, Attrs, ErrorSample, Kind, OpDef, Sample, SampleTensor, Saves, Tensor};
use adjoint_tensor::{Code, Result, Scalar};

struct Addcmul;

impl RingTernary<1> for Addcmul {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>([x, a, b]: [R; 3], [value]: [R; 1]) -> R {
        x + value * a * b
    }
    fn vjp<A: Algebra>(g: A, [_x, a, b]: [A; 3], _y: A, [value]: [A; 1]) -> [A; 3] {
        [g, g * (b * value), g * (a * value)]
    }
}

/// The parameters of `addcmul` and `addcdiv`.
pub(super) const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::tensor("tensor1"),
    Arg::tensor("tensor2"),
    Arg::optional("value", Kind::Factor, Default::Int(1)),
];

/// Calls of both; `tensor2` stays away from 0.
pub(super) fn samples() -> Vec<Sample> {
    let t = SampleTensor::new;
    let s = |label: &str, shapes: [&[usize]; 3], value| {
        let [x, a, b] = shapes;
        let last = t(b).range(0.4, 2.0);
        let value = Attr::Scalar(Scalar::Float(value));
        Sample::new(label, vec![t(x).into(), t(a).into(), last.into(), value.into()])
    };
    vec![
        s("equal shapes", [&[2, 3], &[2, 3], &[2, 3]], -0.5),
        s("broadcast shapes", [&[3], &[2, 1], &[1, 3]], 2.0),
        s("0-dim tensors", [&[], &[], &[]], 1.0),
    ]
}

/// Shapes that do not broadcast.
pub(super) fn errors() -> Vec<ErrorSample> {
    let t = SampleTensor::new;
    let value = Attr::Scalar(Scalar::Int(1));
    vec![ErrorSample {
        sample: Sample::new(
            "shapes that do not broadcast",
            vec![t(&[2]).into(), t(&[3]).into(), t(&[2]).into(), value.into()],
        ),
        code: Code::Shape,
        message: "[2] and [3]",
    }]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "addcmul",
    doc: "Returns `input + value · tensor1 · tensor2`, element by element.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.addcmul`.",
    args: ARGS,
    node: "AddcmulBackward0",
    check: Check::Attributes(|inputs, attrs, dtype| {
        checks::not_bools(inputs)?;
        checks::factor("value", attrs.opt_scalar(0), dtype.widened())
    }),
    saves: Saves { inputs: &[0, 0b100, 0b010], outputs: &[] },
    samples,
    errors,
    ..ring_ternary::<Addcmul, 1>()
}
.shipped();

/// `x + value · a · b`.
pub fn addcmul(x: &Tensor, a: &Tensor, b: &Tensor, value: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(a), Some(b)], Attrs::new().scalar(value))
}
