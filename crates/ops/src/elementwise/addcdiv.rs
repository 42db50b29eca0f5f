//! A quotient added to a tensor.

use super::addcmul::{ARGS, errors, samples};
use crate::formula::{Algebra, Loops, Ternary, ternary};
use crate::invoke;
use crate::shared::checks;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Attrs, OpDef, Promotion, Saves, Tensor};
use adjoint_tensor::{Error, Result, Scalar};

struct Addcdiv;

impl Ternary<1> for Addcdiv {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>([x, a, b]: [A; 3], [value]: [A; 1]) -> A {
        x + value * a / b
    }
    fn vjp<A: Algebra>(g: A, [_x, a, b]: [A; 3], _y: A, [value]: [A; 1]) -> [A; 3] {
        [g, g * (b.recip() * value), -(g * (value * a / (b * b)))]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "addcdiv",
    doc: "Returns `input + value · tensor1 / tensor2`, element by element.\n\n\
          Shapes broadcast and dtypes promote; integers are an error. Source: PyTorch, `torch.addcdiv`.",
    args: ARGS,
    node: "AddcdivBackward0",
    promotion: Promotion::Common,
    check: Check::Calls(|inputs, attrs, dtype| {
        if inputs.iter().skip(1).flatten().all(|t| !t.dtype().is_float()) {
            return Err(Error::dtype("integer division is not supported; cast tensor1 or tensor2 to a floating dtype"));
        }
        checks::holds("value", attrs.opt_scalar(0).unwrap_or(Scalar::Int(1)), dtype)
    }),
    saves: Saves { inputs: &[0, 0b100, 0b110], outputs: &[] },
    samples,
    errors,
    ..ternary::<Addcdiv, 1>()
}
.shipped();

/// `x + value · a / b`.
pub fn addcdiv(x: &Tensor, a: &Tensor, b: &Tensor, value: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(a), Some(b)], Attrs::new().scalar(value))
}
