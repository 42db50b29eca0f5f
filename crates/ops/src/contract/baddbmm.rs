//! A batch of matrix products added to a tensor.

use super::bmm::{bmm, check};
use crate::invoke;
use crate::shared::contract::samples::{call, fails};
use crate::shared::contract::scaled::{self, ALPHA, BETA};
use adjoint_autograd::{Arg, Attrs, Batching, Body, Class, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::Result;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "baddbmm",
    doc: "Returns `beta · input + alpha · (batch1 · batch2)`, matrix by matrix.\n\n\
          **Shapes**: `batch1` is `[batch, m, k]`, `batch2` `[batch, k, n]`, and `input` broadcasts to `[batch, m, n]`; dtypes must be \
          equal. With `beta` 0, `input` is not read, so NaN there does not matter. Source: PyTorch, `torch.baddbmm`.",
    args: &[Arg::tensor("input"), Arg::tensor("batch1"), Arg::tensor("batch2"), BETA, ALPHA],
    class: Class::Contract,
    node: "BaddbmmBackward0",
    in_place: true,
    body: Body::Kernel {
        rule: |call| {
            check(("batch1", call.input(1).shape()), ("batch2", call.input(2).shape()))?;
            scaled::rule(call)
        },
        run: scaled::run,
    },
    batching: &Batching::Rule(scaled::samples_at_once),
    vjp: Vjp::Fn(|b| scaled::vjp(b, bmm, 3)),
    saves: Saves { inputs: &[0, 0b100, 0b010], outputs: &[] },
    samples: || {
        vec![
            call("equal shapes", &[&[2, 2, 2], &[2, 2, 3], &[2, 3, 2]]),
            call("one number", &[&[1], &[2, 2, 3], &[2, 3, 2]]),
            call("an empty batch", &[&[], &[0, 2, 3], &[0, 3, 2]]),
        ]
    },
    errors: || {
        vec![
            fails(
                "an input that does not broadcast",
                &[&[2, 2, 2], &[2, 2, 2], &[2, 2, 3]],
                "input [2, 2, 2] does not broadcast",
            ),
            fails("inner sizes that differ", &[&[1], &[2, 2, 3], &[2, 2, 3]], "k=3 but rhs [2, 2, 3] has k=2"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// `input + a · b`, matrix by matrix.
pub fn baddbmm(input: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(input), Some(a), Some(b)], Attrs::new())
}
