//! `softmin` of the elements that a mask holds.

use crate::elementwise::neg::neg;
use crate::nn::softmax::softmax;
use crate::shared::masked::{ALONG, Identity, Masked, one};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::dims::wrap_dim;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_softmin",
    doc: "Returns the softmax of the negated elements of `input` along `dim` where `mask` holds, and 0 elsewhere.\n\n\
          `mask` broadcasts to `input`; without one all count. `dtype` casts first. Source: PyTorch, `torch.masked.softmin`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        let dim = wrap_dim(attrs.get_int(0)?, m.x.rank())?;
        one(softmax(&neg(&m.filled(Identity::Greatest)?)?, dim)?)
    }),
    ..ALONG
}
.shipped();
