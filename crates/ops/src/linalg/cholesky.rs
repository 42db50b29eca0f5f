//! The Cholesky factor of symmetric positive-definite matrices.

use super::cholesky_ex::{cholesky_ex, errors, samples};
use crate::shared::linalg::COMPOSITE;
use adjoint_autograd::{Api, Arg, Body, Default, ErrorSample, Kind, OpDef, Sample, SampleTensor, required};
use adjoint_tensor::Code;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cholesky",
    doc: "Returns the Cholesky factor `L` of symmetric positive-definite matrices, `input = L Lᵀ`, or with `upper` the upper one, \
          `input = Lᵀ L`.\n\n\
          As `linalg.choleskyEx`, with an error where a matrix is not positive-definite, which names the first leading minor that \
          is not. Source: PyTorch, `torch.linalg.cholesky`.",
    args: &[Arg::tensor("input"), Arg::optional("upper", Kind::Bool, Default::Bool(false))],
    surface: &[Api::Function, Api::Method, Api::Linalg],
    body: Body::Composite(|inputs, attrs| {
        let both = cholesky_ex(required(inputs, 0), attrs.get_bool(0), true)?;
        Ok(both.into_iter().take(1).collect())
    }),
    samples,
    errors: || {
        let mut all = errors();
        all.push(ErrorSample {
            sample: Sample::new("negative", vec![SampleTensor::new(&[1, 1]).range(-2.0, -1.0).into()]),
            code: Code::Usage,
            message: "not positive-definite: the leading minor of order 1",
        });
        all
    },
    ..COMPOSITE
}
.shipped();
