//! One value everywhere.

use crate::formula::{Loops, Ring, RingBinary, ring_binary};
use crate::invoke;
use crate::shared::checks;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Arg, Attrs, NodeNaming, OpDef, Promotion, Sample, SampleTensor, Saves, Tensor};
use adjoint_tensor::{DType, Error, Result};

struct Fill;

impl RingBinary<0> for Fill {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(_a: R, value: R, []: [R; 0]) -> R {
        value
    }
}

fn check(inputs: &[Option<&Tensor>], _: &Attrs, dtype: DType) -> Result<()> {
    checks::holds_numbers("value", &inputs[1..], dtype)?;
    match inputs[1] {
        Some(value) if value.rank() != 0 => Err(Error::shape(format!(
            "value must be a number or a 0-dim tensor, got shape {:?}; use copy_ for larger ones",
            value.shape()
        ))),
        _ => Ok(()),
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "fill",
    doc: "Returns a tensor like `input` with every element `value`, cast to the dtype of `input`.\n\n\
          `value` is a number or a 0-dim tensor, to which the summed gradient flows; `input` gets a gradient of 0. \
          Source: PyTorch, `torch.fill`.",
    args: &[Arg::tensor("input"), Arg::number("value")],
    node: "FillBackward0",
    shown: NodeNaming::by_number(|call| if call.is_number(1) { "FillBackward2" } else { "FillBackward3" }),
    promotion: Promotion::First,
    uniform: true,
    saves: Saves::NOTHING,
    check: Check::Calls(check),
    samples: || {
        let t = SampleTensor::new;
        vec![
            Sample::new("a 0-dim value", vec![t(&[2, 3]).into(), t(&[]).into()]),
            Sample::new("an empty tensor", vec![t(&[0]).into(), t(&[]).into()]),
        ]
    },
    errors: Vec::new,
    ..ring_binary::<Fill, 0>()
}
.shipped();

/// Writes `value` into every element of `x`.
pub fn fill_(x: &Tensor, value: &Tensor) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x), Some(value)], Attrs::new())
}
