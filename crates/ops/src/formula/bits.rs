//! Ops of integers and bools, bit by bit.

use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Arg, Attrs, Body, Check, Class, ErrorSample, OpDef, Promotion, Sample, SampleTensor, Tensor, Vjp,
};
use adjoint_kernels::elementwise::{BitsFormula, bits_blocks};
use adjoint_tensor::{Code, DType, Error, Result};

use super::numbers;

/// Refuses floats, which have no bits to speak of.
fn integers(_: &[Option<&Tensor>], _: &Attrs, dtype: DType) -> Result<()> {
    if !dtype.is_float() {
        return Ok(());
    }
    let dtype = dtype.name();
    Err(Error::dtype(format!("expected integers or bool, got {dtype}; cast with to('int64')")).with("dtype", dtype))
}

const ONE: &[Arg] = &[Arg::tensor("input")];
const TWO: &[Arg] = &[Arg::number("input"), Arg::number("other")];

fn two() -> Vec<Sample> {
    let s = |label, a: &[usize], b: &[usize]| {
        Sample::new(label, vec![SampleTensor::ints(a, -9, 9).into(), SampleTensor::ints(b, 0, 7).into()])
    };
    vec![s("equal shapes", &[2, 3], &[2, 3]), s("a row", &[2, 3], &[3]), s("a 0-dim tensor", &[4], &[])]
}

fn wrong() -> Vec<ErrorSample> {
    let ints = |shape: &[usize]| SampleTensor::ints(shape, 0, 7).into();
    let shapes = Sample::new("shapes that do not broadcast", vec![ints(&[2, 3]), ints(&[4])]);
    let floats = Sample::new("floats", vec![SampleTensor::new(&[2]).into(), ints(&[2])]);
    vec![fails(shapes, Code::Shape, "[2, 3]"), fails(floats, Code::DType, "cast with to('int64')")]
}

/// An op of one tensor.
pub const fn bits1<F: BitsFormula<1, 0>>() -> OpDef {
    OpDef {
        args: ONE,
        class: Class::Elementwise,
        in_place: true,
        promotion: Promotion::Common,
        check: Check::Attributes(integers),
        body: Body::Elementwise { blocks: bits_blocks::<F, 1, 0>(), params: numbers },
        vjp: Vjp::None("the result is integers"),
        samples: || vec![Sample::new("integers", vec![SampleTensor::ints(&[2, 3], -9, 9).into()])],
        ..OpDef::BASE
    }
}

/// An op of two broadcast tensors, of which either may be a number.
pub const fn bits2<F: BitsFormula<2, 0>>() -> OpDef {
    OpDef {
        args: TWO,
        class: Class::Elementwise,
        in_place: true,
        promotion: Promotion::Common,
        check: Check::Attributes(integers),
        body: Body::Elementwise { blocks: bits_blocks::<F, 2, 0>(), params: numbers },
        vjp: Vjp::None("the result is integers"),
        samples: two,
        errors: wrong,
        ..OpDef::BASE
    }
}
