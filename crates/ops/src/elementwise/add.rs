//! The sum.

use crate::formula::{Loops, Ring, RingBinary, ring_binary_with};
use crate::invoke;
use crate::shared::checks;
use crate::shared::elementwise::scaled_sum;
use adjoint_autograd::op::{Check, Default, HalfOps};
use adjoint_autograd::{Arg, Attrs, Half, Kind, OpDef, Params, Tensor};
use adjoint_tensor::Result;

struct Add;

impl RingBinary<1> for Add {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(a: R, b: R, [alpha]: [R; 1]) -> R {
        a + alpha * b
    }
}

/// `alpha`, 1 where it was left out.
pub(super) fn alpha(attrs: &Attrs) -> Result<Params> {
    Ok(std::iter::once(attrs.opt_float(0).unwrap_or(1.0)).collect())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "add",
    doc: "Returns `input + alpha · other`, element by element.\n\n\
          Shapes broadcast and dtypes promote; bools are joined by *or*. Source: PyTorch, `torch.add`.",
    node: "AddBackward0",
    args: &[Arg::tensor("input"), Arg::number("other"), Arg::optional("alpha", Kind::Factor, Default::Int(1))],
    check: Check::Attributes(|_, attrs, dtype| checks::integral_alpha(attrs, dtype)),
    half: Half::RoundedParams,
    half_ops: HalfOps::Value(|inputs, attrs| scaled_sum::rounded(&DEF, inputs, attrs)),
    ..ring_binary_with::<Add, 1>(alpha)
}
.shipped();

/// `x + other`.
pub fn add(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}

/// `x += other`.
pub fn add_(x: &Tensor, other: &Tensor) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x), Some(other)], Attrs::new())
}
