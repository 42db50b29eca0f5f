//! Whether numbers are real, as all here are.

use crate::create::full_like;
use crate::invoke;
use crate::shared::checks::only;
use adjoint_autograd::{Arg, Attrs, Body, OpDef, Sample, SampleTensor};
use adjoint_tensor::{DType, Scalar};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "isreal",
    doc: "Returns a bool tensor that says where `input` is real: everywhere, there are no complex numbers here. \
          Source: PyTorch, `torch.isreal`.",
    args: &[Arg::tensor("input")],
    body: Body::Composite(|inputs, _| {
        let attrs = Attrs::new().scalar(Scalar::Bool(true)).dtype(DType::Bool);
        Ok(smallvec![invoke::with(&full_like::DEF, &[Some(only(inputs)?)], attrs)?])
    }),
    samples: || vec![Sample::new("a vector", vec![SampleTensor::new(&[3]).constant().into()])],
    ..OpDef::COMPOSITE
}
.shipped();
