//! Zeros.

use crate::invoke;
use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{fails, ints};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Kind, OpDef, Sample, Tensor};
use adjoint_tensor::{Code, DType, Result};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "zeros",
    doc: "Returns a tensor of zeros of shape `size`.\n\n\
          The dtype is float32 where none is given. Source: PyTorch, `torch.zeros`.",
    args: &[Arg::required("size", Kind::IntsSpread), DTYPE],
    body: Body::Kernel { rule: factory::sized, run: factory::zeros },
    samples: || {
        vec![
            Sample::new("a matrix", vec![ints(&[2, 3]).into()]),
            Sample::new("no dims", vec![ints(&[]).into(), Attr::DType(DType::Int64).into()]),
            Sample::new("no elements", vec![ints(&[0, 2]).into(), Attr::DType(DType::Bool).into()]),
        ]
    },
    errors: || {
        vec![fails(Sample::new("a negative size", vec![ints(&[2, -1]).into()]), Code::Shape, "non-negative, got -1")]
    },
    ..factory::factory()
}
.shipped();

/// As the op, of shape `shape`.
pub fn zeros(shape: &[usize], dtype: DType) -> Result<Tensor> {
    invoke::with(&DEF, &[], Attrs::new().shape(shape).dtype(dtype))
}
