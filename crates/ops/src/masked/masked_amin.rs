//! The least of the elements that a mask holds.

use crate::reduce::amin::amin;
use crate::shared::masked::{Identity, Masked, REDUCTION, one};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_amin",
    doc: "Returns the least of the elements of `input` where `mask` holds, of all or over `dim`.\n\n\
          The greatest number of the dtype where none count. `mask` broadcasts to `input`; without one all count. `dtype` casts first. Reduced dims disappear unless \
          `keepdim`. Source: PyTorch, `torch.masked.amin`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        one(amin(&m.filled(Identity::Greatest)?, &m.dims, m.keepdim)?)
    }),
    ..REDUCTION
}
.shipped();
