//! `zeros` with the dtype of another tensor.

use crate::invoke;
use crate::shared::create::factory;
use crate::shared::view::samples::{call, ints};
use adjoint_autograd::{Attrs, Body, OpDef, Tensor};
use adjoint_tensor::Result;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "new_zeros",
    doc: "Returns a tensor of zeros of shape `size`, of the dtype of `input` where none is given. \
          Source: PyTorch, `Tensor.new_zeros`.",
    body: Body::Kernel { rule: factory::typed_like, run: factory::zeros },
    samples: || vec![call("a matrix", &[3], [ints(&[2, 3])]), call("no dims", &[3], [ints(&[])])],
    ..factory::new()
}
.shipped();

/// As the op, with the dtype of `x`.
pub fn new_zeros(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(shape))
}
