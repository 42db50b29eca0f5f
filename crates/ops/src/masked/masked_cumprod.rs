//! `cumprod` of the elements that a mask holds.

use crate::reduce::cumprod::cumprod;
use crate::shared::masked::{ALONG, Identity, Masked, one};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::dims::wrap_dim;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_cumprod",
    doc: "Returns the running product of `input` along `dim`, which elements where `mask` does not hold leave as it is.\n\n\
          `mask` broadcasts to `input`; without one all count. `dtype` casts first. Source: PyTorch, `torch.masked.cumprod`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        let dim = wrap_dim(attrs.get_int(0)?, m.x.rank())?;
        one(cumprod(&m.filled(Identity::One)?, dim)?)
    }),
    ..ALONG
}
.shipped();
