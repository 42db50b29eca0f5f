//! One value where a mask says so.

use crate::formula::{Ring, RingTernary, ring_ternary};
use crate::invoke;
use crate::shared::checks;
use crate::shared::view::samples::fails;
use adjoint_autograd::op::Check;
use adjoint_autograd::{
    Api, Arg, Attrs, ErrorSample, NodeNaming, OpDef, Promotion, Sample, SampleTensor, Saves, Tensor,
};
use adjoint_tensor::{Code, DType, Error, Result};

struct MaskedFill;

impl RingTernary<0> for MaskedFill {
    fn f<R: Ring>([x, mask, value]: [R; 3], []: [R; 0]) -> R {
        R::select(mask.ne(R::c(0.0)), value, x)
    }
}

/// Fails unless `mask` is bool.
pub(super) fn check_mask(mask: DType) -> Result<()> {
    if mask == DType::Bool {
        return Ok(());
    }
    Err(Error::dtype(format!("only boolean masks are supported, got {}; compare with 0 to make one", mask.name()))
        .with("dtype", mask.name()))
}

fn check(inputs: &[Option<&Tensor>], _: &Attrs, dtype: DType) -> Result<()> {
    if let Some(mask) = inputs[1] {
        check_mask(mask.dtype())?;
    }
    let Some(value) = inputs[2] else { return Ok(()) };
    if value.rank() != 0 {
        return Err(Error::shape(format!(
            "only supports a 0-dimensional value tensor, but got {} dimension(s), shape {:?}; use where()",
            value.rank(),
            value.shape()
        )));
    }
    checks::holds_numbers("value", &inputs[2..], dtype)?;
    Ok(())
}

fn sample(label: &str, shape: &[usize], mask: &[usize]) -> Sample {
    let mask = SampleTensor::new(mask).range(-1.0, 1.0).dtype(DType::Bool);
    Sample::new(label, vec![SampleTensor::new(shape).into(), mask.into(), SampleTensor::new(&[]).into()])
}

fn errors() -> Vec<ErrorSample> {
    let with = |label: &str, mask: SampleTensor, value: &[usize]| {
        Sample::new(label, vec![SampleTensor::new(&[2]).into(), mask.into(), SampleTensor::new(value).into()])
    };
    let mask = |n| SampleTensor::new(&[n]).dtype(DType::Bool);
    vec![
        fails(with("a vector as value", mask(2), &[2]), Code::Shape, "0-dimensional value tensor"),
        fails(with("a mask that does not broadcast", mask(3), &[]), Code::Shape, "cannot be broadcast"),
        fails(with("a mask of another dtype", SampleTensor::new(&[2]), &[]), Code::DType, "boolean masks"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_fill",
    doc: "Returns `input` with `value`, a number or a 0-dim tensor, where the bool tensor `mask` is true.\n\n\
          `input` and `mask` broadcast; the dtype is that of `input`. Source: PyTorch, `torch.masked_fill`.",
    args: &[Arg::tensor("input"), Arg::tensor("mask"), Arg::number("value")],
    surface: &[Api::Function, Api::Method],
    node: "MaskedFillBackward0",
    shown: NodeNaming {
        unlisted: 0b10,
        ..NodeNaming::by_number(|call| if call.is_number(2) { "MaskedFillBackward0" } else { "MaskedFillBackward1" })
    },
    in_place: true,
    promotion: Promotion::First,
    saves: Saves { inputs: &[0b10, 0, 0b10], outputs: &[] },
    check: Check::Calls(check),
    samples: || {
        vec![
            sample("equal shapes", &[2, 3], &[2, 3]),
            sample("a row as mask", &[2, 3], &[3]),
            sample("a 0-dim tensor", &[], &[]),
            sample("an empty tensor", &[0, 2], &[2]),
        ]
    },
    errors,
    ..ring_ternary::<MaskedFill, 0>()
}
.shipped();

/// `x` with `value` where `mask` is true.
pub fn masked_fill(x: &Tensor, mask: &Tensor, value: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(mask), Some(&invoke::number(value)?)], Attrs::new())
}
