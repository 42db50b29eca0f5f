//! A number as a tensor.

use super::full;
use crate::shared::create::factory::{self, DTYPE};
use adjoint_autograd::{Arg, Attr, Body, Kind, OpDef, Sample, Spec};
use adjoint_tensor::promotion;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "scalar_tensor",
    doc: "Returns a 0-dim tensor of the number `s`.\n\n\
          The dtype is float32 where none is given. Source: PyTorch, `torch.scalar_tensor`.",
    args: &[Arg::required("s", Kind::Factor), DTYPE],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one([], call.attrs.opt_dtype(1).unwrap_or(promotion::DEFAULT_FLOAT))),
        run: |call, outs| full::fill(call, outs, 0),
    },
    samples: || vec![Sample::new("a number", vec![Attr::Float(1.5).into()])],
    ..factory::factory()
}
.shipped();
