//! Standard normal numbers.

use crate::invoke;
use crate::shared::create::factory::DTYPE;
use crate::shared::random::draw;
use crate::shared::view::samples::{fails, ints};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Kind, OpDef, Sample, Tensor};
use adjoint_tensor::{Code, DType, Result};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "randn",
    doc: "Returns a tensor of shape `size` of standard normal numbers.\n\n\
          The same seed gives PyTorch's numbers. The dtype is float32 where none is given. Source: PyTorch, `torch.randn`.",
    args: &[Arg::required("size", Kind::IntsSpread), DTYPE, draw::GENERATOR],
    body: Body::Kernel { rule: draw::sized, run: |call, outs| draw::normal(call, &mut outs[0], 0.0, 1.0) },
    samples: || {
        vec![
            Sample::new("a matrix", vec![ints(&[2, 3]).into()]),
            Sample::new("many, in float64", vec![ints(&[40]).into(), Attr::DType(DType::Float64).into()]),
            Sample::new("no elements", vec![ints(&[0]).into()]),
        ]
    },
    errors: || {
        let args = vec![ints(&[2]).into(), Attr::DType(DType::Int64).into()];
        vec![fails(Sample::new("an integer dtype", args), Code::DType, "not int64")]
    },
    ..draw::drawn()
}
.shipped();

/// A tensor of standard normal numbers.
pub fn randn(shape: &[usize], dtype: DType) -> Result<Tensor> {
    invoke::with(&DEF, &[], Attrs::new().shape(shape).dtype(dtype))
}
