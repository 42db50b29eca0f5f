//! A matrix product added to a tensor.

use super::mm::mm;
use crate::invoke;
use crate::shared::contract::operands::{inner_sizes, matrix};
use crate::shared::contract::samples::{call, fails};
use crate::shared::contract::scaled::{self, ALPHA, BETA};
use adjoint_autograd::{Arg, Attrs, Batching, Body, Class, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::Result;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "addmm",
    doc: "Returns `beta · input + alpha · (mat1 · mat2)`.\n\n\
          **Shapes**: `mat1` is `[m, k]`, `mat2` `[k, n]`, and `input` broadcasts to `[m, n]`; dtypes must be equal. With `beta` 0, \
          `input` is not read, so NaN there does not matter. Source: PyTorch, `torch.addmm`.",
    args: &[Arg::tensor("input"), Arg::tensor("mat1"), Arg::tensor("mat2"), BETA, ALPHA],
    class: Class::Contract,
    node: "AddmmBackward0",
    in_place: true,
    body: Body::Kernel {
        rule: |call| {
            matrix("mat1", call.input(1))?;
            matrix("mat2", call.input(2))?;
            inner_sizes(call.input(1).shape(), call.input(2).shape())?;
            scaled::rule(call)
        },
        run: scaled::run,
    },
    batching: &Batching::Rule(scaled::samples_at_once),
    vjp: Vjp::Fn(|b| scaled::vjp(b, mm, 2)),
    saves: Saves { inputs: &[0, 0b100, 0b010], outputs: &[] },
    samples: || {
        vec![
            call("equal shapes", &[&[2, 2], &[2, 3], &[3, 2]]),
            call("a row", &[&[2], &[3, 2], &[2, 2]]),
            call("a 0-dim tensor", &[&[], &[3, 2], &[2, 2]]),
            call("an empty sum", &[&[2, 3], &[2, 0], &[0, 3]]),
        ]
    },
    errors: || {
        vec![
            fails("an input that does not broadcast", &[&[3, 3], &[2, 3], &[3, 2]], "input [3, 3] does not broadcast"),
            fails("inner sizes that differ", &[&[2], &[2, 3], &[2, 2]], "k=3 but rhs [2, 2] has k=2"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// `input + a · b`.
pub fn addmm(input: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(input), Some(a), Some(b)], Attrs::new())
}
