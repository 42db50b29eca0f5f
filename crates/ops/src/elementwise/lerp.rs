//! Between two tensors.

use crate::formula::{Algebra, Binary, Loops, Ternary, binary, ternary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Arg, Attr, Attrs, Kind, OpDef, Sample, SampleTensor, Saves, Tensor};
use adjoint_tensor::{Result, Scalar};

/// Starts from the nearer end, so that weights 0 and 1 give the ends exactly.
fn between<A: Algebra>(start: A, end: A, weight: A) -> A {
    let (d, one) = (end - start, A::c(1.0));
    A::select(weight.abs().lt(A::c(0.5)), start + weight * d, end - d * (one - weight))
}

struct LerpNumber;

impl Binary<1> for LerpNumber {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(start: A, end: A, [weight]: [A; 1]) -> A {
        between(start, end, weight)
    }
    fn vjp<A: Algebra>(g: A, _start: A, _end: A, _y: A, [weight]: [A; 1]) -> [A; 2] {
        [g * (A::c(1.0) - weight), g * weight]
    }
}

struct LerpTensor;

impl Ternary<0> for LerpTensor {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>([start, end, weight]: [A; 3], []: [A; 0]) -> A {
        between(start, end, weight)
    }
    fn vjp<A: Algebra>(g: A, [start, end, weight]: [A; 3], _y: A, []: [A; 0]) -> [A; 3] {
        [g * (A::c(1.0) - weight), g * weight, g * (end - start)]
    }
}

const DOC: &str = "Returns `input + weight · (end − input)`: `input` for a weight of 0, `end` for 1, both exactly.\n\n\
     `weight` is a number or a tensor. Shapes broadcast. Source: PyTorch, `torch.lerp`.";

/// The ops: with a number, and with a tensor.
pub static DEFS: &[&OpDef] = &[&NUMBER, &TENSOR];

static NUMBER: OpDef = OpDef {
    name: "lerp",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::tensor("end"), Arg::required("weight", Kind::Factor)],
    node: "LerpBackward0",
    saves: Saves::NOTHING,
    samples: || {
        let mut out = samples::binary();
        for (sample, weight) in out.iter_mut().zip([0.3, 0.7, -0.2, 1.4, 0.5]) {
            sample.args.push(Attr::Scalar(Scalar::Float(weight)).into());
        }
        out
    },
    errors: || {
        let mut out = samples::binary_errors();
        for error in &mut out {
            error.sample.args.push(Attr::Scalar(Scalar::Float(0.5)).into());
        }
        out
    },
    ..binary::<LerpNumber, 1>()
}
.shipped();

static TENSOR: OpDef = OpDef {
    name: "lerp.tensor",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::tensor("end"), Arg::tensor("weight")],
    node: "LerpBackward1",
    saves: Saves { inputs: &[0b100, 0b100, 0b011], outputs: &[] },
    samples: || {
        let t = SampleTensor::new;
        let weight = |shape: &[usize]| SampleTensor::new(shape).range(0.0, 1.0).avoid(&[0.5]);
        vec![
            Sample::new("equal shapes", vec![t(&[2, 3]).into(), t(&[2, 3]).into(), weight(&[2, 3]).into()]),
            Sample::new("broadcast shapes", vec![t(&[2, 3]).into(), t(&[3]).into(), weight(&[2, 1]).into()]),
        ]
    },
    ..ternary::<LerpTensor, 0>()
}
.shipped();

/// `start + weight · (end − start)`.
pub fn lerp(start: &Tensor, end: &Tensor, weight: f64) -> Result<Tensor> {
    invoke::with(&NUMBER, &[Some(start), Some(end)], Attrs::new().scalar(weight))
}
