//! Where the smallest element is.

use super::argmax::{ARGS, rule, run};
use crate::invoke;
use crate::shared::reduce::samples;
use adjoint_autograd::{Attr, Attrs, Batching, Body, Class, OpDef, Tensor, Vjp};
use adjoint_tensor::Result;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "argmin",
    doc: "Returns the index of the smallest element of `input` along `dim`, or in row-major order of all elements if there is none.\n\n\
          The first of equals; the first NaN if there is one. The dim disappears unless `keepdim`. int64; without a derivative. An \
          empty input, or a `dim` without elements, is an error. Source: PyTorch, `torch.argmin`.",
    args: ARGS,
    class: Class::Reduce,
    body: Body::Kernel { rule, run: |call, outs| run(call, false, outs) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::None("returns indices"),
    samples: samples::dim,
    errors: || samples::nothing_to_choose(Attr::Int(1)),
    ..OpDef::BASE
}
.shipped();

/// Where the smallest elements along `dim` are.
pub fn argmin(x: &Tensor, dim: usize, keepdim: bool) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(dim as i64).bool(keepdim))
}
