//! The product of the elements that a mask holds.

use crate::reduce::prod::prod_dim;
use crate::shared::masked::{Identity, Masked, REDUCTION, one};
use adjoint_autograd::{Body, OpDef, Tensor};
use adjoint_tensor::Result;

/// Dim by dim, the last first, so that those before keep their places.
fn product(m: &Masked) -> Result<Tensor> {
    let mut dims = m.dims.clone();
    dims.sort_unstable_by(|a, b| b.cmp(a));
    dims.iter().try_fold(m.filled(Identity::One)?, |x, &d| prod_dim(&x, d, m.keepdim))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_prod",
    doc: "Returns the product of the elements of `input` where `mask` holds, of all or over `dim`.\n\n\
          1 where none count. `mask` broadcasts to `input`; without one all count. `dtype` casts first. Reduced dims disappear unless \
          `keepdim`. Source: PyTorch, `torch.masked.prod`.",
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 0)?;
        one(product(&m)?)
    }),
    ..REDUCTION
}
.shipped();
