//! The sum of the elements that a mask holds.

use crate::reduce::sum::sum_dims;
use crate::shared::masked::{Identity, Masked, REDUCTION, one};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_sum",
    doc: "Returns the sum of the elements of `input` where `mask` holds, of all or over `dim`.\n\n\
          0 where none count. `mask` broadcasts to `input`; without one all count. `dtype` casts first. Reduced dims disappear unless \
          `keepdim`. Source: PyTorch, `torch.masked.sum`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        one(sum_dims(&m.filled(Identity::Zero)?, &m.dims, m.keepdim)?)
    }),
    ..REDUCTION
}
.shipped();
