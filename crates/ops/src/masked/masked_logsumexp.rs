//! `log Σ exp` of the elements that a mask holds.

use crate::reduce::logsumexp::logsumexp;
use crate::shared::masked::{Identity, Masked, REDUCTION, one};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_logsumexp",
    doc: "Returns `log Σ exp` of the elements of `input` where `mask` holds, of all or over `dim`.\n\n\
          −∞ where none count. `mask` broadcasts to `input`; without one all count. `dtype` casts first. Reduced dims disappear unless \
          `keepdim`. Source: PyTorch, `torch.masked.logsumexp`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        one(logsumexp(&m.filled(Identity::Least)?, &m.dims, m.keepdim)?)
    }),
    ..REDUCTION
}
.shipped();
