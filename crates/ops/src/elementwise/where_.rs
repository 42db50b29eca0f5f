//! A choice of each element.

use crate::formula::{Loops, Ring, RingTernary, ring_ternary};
use crate::invoke;
use crate::shared::checks;
use crate::shared::view::samples::fails;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Api, Arg, Attrs, NodeNaming, OpDef, Promotion, Sample, SampleTensor, Saves, Tensor};
use adjoint_tensor::{Code, DType, Error, Result};

struct Where;

/// Fails unless the condition is bool, or uint8, which PyTorch still takes, and where the dtype
/// does not hold a number.
fn check(inputs: &[Option<&Tensor>], _: &Attrs, dtype: DType) -> Result<()> {
    // A half takes any number, as in PyTorch.
    if !dtype.is_half() {
        checks::holds_numbers("the number", &inputs[1..], dtype)?;
    }
    match inputs[0].map(Tensor::dtype) {
        Some(dtype) if !matches!(dtype, DType::Bool | DType::UInt8) => Err(Error::dtype(format!(
            "expected condition to be a bool tensor, got {}; compare with 0 to make one",
            dtype.name()
        ))
        .with("dtype", dtype.name())),
        _ => Ok(()),
    }
}

impl RingTernary<0> for Where {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>([condition, x, other]: [R; 3], []: [R; 0]) -> R {
        R::select(condition.ne(R::c(0.0)), x, other)
    }
}

fn samples() -> Vec<Sample> {
    let condition = |shape: &[usize]| SampleTensor::new(shape).range(-1.0, 1.0).dtype(DType::Bool);
    let t = SampleTensor::new;
    vec![
        Sample::new("equal shapes", vec![condition(&[2, 3]).into(), t(&[2, 3]).into(), t(&[2, 3]).into()]),
        Sample::new("broadcast shapes", vec![condition(&[2, 1]).into(), t(&[3]).into(), t(&[]).into()]),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "where",
    doc: "Returns `input` where the bool tensor `condition` is true and `other` elsewhere.\n\n\
          The branch not taken gets a gradient of 0; but 0 times an infinite derivative further back is NaN, so mask \
          the input of a function with a pole, not only its result. Shapes broadcast; the dtypes of `input` and `other` \
          promote. Source: PyTorch, `torch.where`.",
    args: &[Arg::tensor("condition"), Arg::number("input"), Arg::number("other")],
    surface: &[Api::Function],
    node: "WhereBackward0",
    shown: NodeNaming::without(0b1),
    promotion: Promotion::CommonFrom(1),
    saves: Saves { inputs: &[0, 0b1, 0b1], outputs: &[] },
    in_place: false,
    check: Check::Calls(check),
    samples,
    errors: || {
        let t = || SampleTensor::new(&[2]);
        let with = |dtype| Sample::new("a condition that is not bool", vec![t().dtype(dtype).into(), t().into(), t().into()]);
        [DType::Float64, DType::Int64].map(|dtype| fails(with(dtype), Code::DType, "a bool tensor")).into()
    },
    ..ring_ternary::<Where, 0>()
}
.shipped();

/// `x` where `condition` holds and `other` elsewhere.
pub fn where_(condition: &Tensor, x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(condition), Some(x), Some(other)], Attrs::new())
}
