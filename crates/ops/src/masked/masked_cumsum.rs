//! `cumsum` of the elements that a mask holds.

use crate::reduce::cumsum::cumsum;
use crate::shared::masked::{ALONG, Identity, Masked, one};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::dims::wrap_dim;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_cumsum",
    doc: "Returns the running sum of `input` along `dim`, to which elements where `mask` does not hold add nothing.\n\n\
          `mask` broadcasts to `input`; without one all count. `dtype` casts first. Source: PyTorch, `torch.masked.cumsum`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        let dim = wrap_dim(attrs.get_int(0)?, m.x.rank())?;
        one(cumsum(&m.filled(Identity::Zero)?, dim)?)
    }),
    ..ALONG
}
.shipped();
