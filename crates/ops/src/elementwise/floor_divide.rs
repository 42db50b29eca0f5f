//! `x / other` rounded down: Python's `//`.

use super::div::floor_in_steps;
use crate::formula::{Ring, RingBinary, ring_binary};
use crate::invoke;
use crate::shared::checks::{no_zero_divisor, not_bools};
use adjoint_autograd::op::{Check, HalfOps};
use adjoint_autograd::{Half, OpDef, Tensor, Vjp};
use adjoint_tensor::Result;

struct FloorDivide;

impl RingBinary<0> for FloorDivide {
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        a.div_floor(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "floor_divide",
    doc: "Returns `input / other` rounded down: Python's `//`, element by element.\n\n\
          Not differentiable. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.floor_divide`.",
    vjp: Vjp::None("the result is constant between integers; use div with roundingMode for a gradient of 0"),
    in_place: true,
    check: Check::Attributes(|inputs, attrs, dtype| {
        not_bools(inputs)?;
        no_zero_divisor(inputs, attrs, dtype)
    }),
    half: Half::ExactNumber,
    half_ops: HalfOps::Value(floor_in_steps),
    ..ring_binary::<FloorDivide, 0>()
}
.shipped();

/// `x / other` rounded down: Python's `//`.
pub fn floor_divide(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
