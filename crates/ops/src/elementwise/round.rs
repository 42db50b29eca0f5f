//! The integer nearest to `x`, halves to even.

use super::{div::div, mul::mul};
use crate::formula::{Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use crate::shared::checks::not_bools;
use adjoint_autograd::op::Check;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Half, Kind, OpDef, Outputs, Sample, SampleTensor, Saves, Tensor,
};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

struct Round;

impl RingUnary<0> for Round {
    const LOOPS: Loops = Loops::Neither;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x.round()
    }
}

static DEF: OpDef = OpDef {
    name: "round",
    surface: &[Api::Function, Api::Method, Api::Special],
    doc: "Returns the integer nearest to `input`, halves to even, element by element.\n\n\
          The gradient is 0. Integers stay as they are; bool is an error. Any shape; returns a new tensor. Source: PyTorch, `torch.round`.",
    node: "RoundBackward0",
    saves: Saves::NOTHING,
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    ..ring_unary::<Round, 0>()
}
.shipped();

/// `x` to a number of decimals: the nearest integer of the scaled value, scaled back, as PyTorch
/// does it.
fn to_decimals(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let decimals = attrs.get_int(0)?;
    if !x.dtype().is_float() {
        return Err(Error::dtype(format!("decimals need a floating-point input, got {}", x.dtype().name())));
    }
    if decimals == 0 {
        return Ok(smallvec![round(x)?]);
    }
    let scale = invoke::number(10f64.powi(decimals.unsigned_abs().min(400) as i32))?;
    Ok(smallvec![if decimals > 0 {
        div(&round(&mul(x, &scale)?)?, &scale)?
    } else {
        mul(&round(&div(x, &scale)?)?, &scale)?
    }])
}

static DECIMALS: OpDef = OpDef {
    name: "round.decimals",
    surface: &[Api::Function, Api::Method, Api::Special],
    doc: "With `decimals`, rounds to that many digits behind the point, or in front of it where negative. Floats only.",
    args: &[Arg::tensor("input"), Arg::required("decimals", Kind::Int)],
    in_place: true,
    body: Body::Composite(to_decimals),
    half: Half::Once,
    samples: || {
        let s = |label, decimals| {
            Sample::new(label, vec![SampleTensor::new(&[3, 4]).into(), Attr::Int(decimals).into()]).kink()
        };
        vec![s("two digits", 2), s("tens", -1), s("integers", 0)]
    },
    errors: || {
        let sample = Sample::new("integers", vec![SampleTensor::ints(&[2], 0, 9).into(), Attr::Int(1).into()]);
        vec![ErrorSample { sample, code: Code::DType, message: "int64" }]
    },
    ..OpDef::COMPOSITE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&DEF, &DECIMALS];

/// The integer nearest to `x`, halves to even.
pub fn round(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
