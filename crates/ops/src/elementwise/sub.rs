//! The difference.

use super::add::alpha;
use crate::formula::{Loops, Ring, RingBinary, ring_binary_with};
use crate::invoke;
use crate::shared::checks;
use crate::shared::elementwise::scaled_sum;
use adjoint_autograd::op::{Check, Default, HalfOps};
use adjoint_autograd::{Alias, Arg, Half, Kind, OpDef, Tensor};
use adjoint_tensor::Result;

struct Sub;

impl RingBinary<1> for Sub {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(a: R, b: R, [alpha]: [R; 1]) -> R {
        a - alpha * b
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "sub",
    also: &[Alias::both("subtract")],
    doc: "Returns `input − alpha · other`, element by element.\n\n\
          Shapes broadcast and dtypes promote. Refuses bool, as PyTorch does. Source: PyTorch, `torch.sub`.",
    node: "SubBackward0",
    args: &[Arg::tensor("input"), Arg::number("other"), Arg::optional("alpha", Kind::Factor, Default::Int(1))],
    check: Check::Attributes(|inputs, attrs, dtype| {
        if inputs.iter().flatten().any(|t| t.dtype() == adjoint_tensor::DType::Bool) {
            checks::not_bool(adjoint_tensor::DType::Bool, "subtraction", "logicalXor()")?;
        }
        checks::integral_alpha(attrs, dtype)
    }),
    half: Half::RoundedParams,
    half_ops: HalfOps::Value(|inputs, attrs| scaled_sum::rounded(&DEF, inputs, attrs)),
    ..ring_binary_with::<Sub, 1>(alpha)
}
.shipped();

/// `x − other`.
pub fn sub(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
