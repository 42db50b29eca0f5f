//! The greatest of the elements that a mask holds.

use crate::reduce::amax::amax;
use crate::shared::masked::{Identity, Masked, REDUCTION, one};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_amax",
    doc: "Returns the greatest of the elements of `input` where `mask` holds, of all or over `dim`.\n\n\
          The least number of the dtype where none count. `mask` broadcasts to `input`; without one all count. `dtype` casts first. Reduced dims disappear unless \
          `keepdim`. Source: PyTorch, `torch.masked.amax`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        one(amax(&m.filled(Identity::Least)?, &m.dims, m.keepdim)?)
    }),
    ..REDUCTION
}
.shipped();
