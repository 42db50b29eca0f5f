//! `softmax` of the elements that a mask holds.

use crate::nn::softmax::softmax;
use crate::shared::masked::{ALONG, Identity, Masked, one};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::dims::wrap_dim;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_softmax",
    doc: "Returns the softmax of the elements of `input` along `dim` where `mask` holds, and 0 elsewhere.\n\n\
          `mask` broadcasts to `input`; without one all count. `dtype` casts first. Source: PyTorch, `torch.masked.softmax`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        let dim = wrap_dim(attrs.get_int(0)?, m.x.rank())?;
        one(softmax(&m.filled(Identity::Least)?, dim)?)
    }),
    ..ALONG
}
.shipped();
