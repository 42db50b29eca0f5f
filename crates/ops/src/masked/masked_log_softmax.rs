//! `log_softmax` of the elements that a mask holds.

use crate::nn::log_softmax::log_softmax;
use crate::shared::masked::{ALONG, Identity, Masked, one};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::dims::wrap_dim;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_log_softmax",
    doc: "Returns the logarithm of the softmax of the elements of `input` along `dim` where `mask` holds, and −∞ elsewhere.\n\n\
          `mask` broadcasts to `input`; without one all count. `dtype` casts first. Source: PyTorch, `torch.masked.log_softmax`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        let dim = wrap_dim(attrs.get_int(0)?, m.x.rank())?;
        one(log_softmax(&m.filled(Identity::Least)?, dim)?)
    }),
    ..ALONG
}
.shipped();
