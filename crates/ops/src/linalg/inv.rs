//! The inverse of matrices.

use super::inv_ex::{errors, inv_ex, samples};
use crate::shared::linalg::COMPOSITE;
use adjoint_autograd::{Api, Arg, Body, ErrorSample, OpDef, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::{Code, Result};

/// The ops: by both names.
pub static DEFS: &[&OpDef] = &[&INV, &INVERSE];

static INV: OpDef = OpDef {
    name: "inv",
    doc: "Returns the inverse of square matrices: `linalg.invEx` with an error where a matrix is singular. Source: PyTorch, \
          `torch.linalg.inv`.",
    args: &[Arg::tensor("A")],
    body: Body::Composite(|inputs, _| Ok(inv_ex(required(inputs, 0), true)?.into_iter().take(1).collect())),
    samples,
    errors: || {
        let mut all = errors();
        all.push(ErrorSample {
            sample: Sample::new("zeros", vec![SampleTensor::new(&[2, 2]).range(0.0, 0.0).into()]),
            code: Code::Usage,
            message: "the input matrix is singular: the diagonal element 1",
        });
        all
    },
    ..COMPOSITE
}
.shipped();

static INVERSE: OpDef = OpDef {
    name: "inverse",
    doc: "Another name of `linalg.inv`. Source: PyTorch, `torch.inverse`.",
    args: &[Arg::tensor("input")],
    surface: &[Api::Function, Api::Method],
    ..INV
}
.shipped();

/// The inverse; an error where there is none.
pub fn inv(a: &Tensor) -> Result<Tensor> {
    Ok(inv_ex(a, true)?.swap_remove(0))
}
