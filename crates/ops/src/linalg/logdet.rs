//! Logarithms of determinants.

use super::det::errors;
use super::slogdet::slogdet;
use crate::elementwise::{add::add, log::log};
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::call;
use adjoint_autograd::{Api, Arg, Body, OpDef, Sample, SampleTensor, required};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logdet",
    doc: "Returns the logarithms of the determinants of square matrices: NaN where one is negative, −∞ where it is 0.\n\n\
          **Shapes**: `input` is `[*, n, n]`, the result `[*]`. Source: PyTorch, `torch.logdet`.",
    args: &[Arg::tensor("input")],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, _| {
        let both = slogdet(required(inputs, 0))?;
        Ok(smallvec![add(&log(&both[0])?, &both[1])?])
    }),
    samples: || {
        let one = SampleTensor::new(&[2, 1, 1]).range(0.5, 2.0);
        vec![Sample::new("one element", vec![one.into()]), call("empty", &[2, 0, 0], [])]
    },
    errors,
    ..COMPOSITE
}
.shipped();
