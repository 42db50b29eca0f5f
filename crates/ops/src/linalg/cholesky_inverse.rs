//! The inverse of matrices from their Cholesky factor.

use super::cholesky_solve::cholesky_solve;
use crate::create::eye::eye;
use crate::shared::linalg::{COMPOSITE, floating, side};
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Api, Arg, Attr, Body, Default, Kind, OpDef, Sample, SampleTensor, required};
use adjoint_tensor::Code;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cholesky_inverse",
    doc: "Returns the inverse of A from its Cholesky factor `L`, `A = L Lᵀ`, or with `upper` `A = Lᵀ L`: `choleskySolve` of the \
          identity, whose gradient it has.\n\n\
          **Shapes**: `L` is `[*, n, n]`, the result too. Source: PyTorch, `torch.cholesky_inverse`.",
    args: &[Arg::tensor("L"), Arg::optional("upper", Kind::Bool, Default::Bool(false))],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, attrs| {
        let l = required(inputs, 0);
        let n = side("L", l.shape())?;
        floating("L", l.dtype())?;
        Ok(smallvec![cholesky_solve(&eye(n, l.dtype())?, l, attrs.get_bool(0))?])
    }),
    samples: || {
        let t = |shape: &[usize]| SampleTensor::new(shape).range(0.5, 2.0).into();
        vec![
            Sample::new("one element", vec![t(&[1, 1])]),
            Sample::new("a batch, upper", vec![t(&[2, 1, 1]), Attr::Bool(true).into()]),
        ]
    },
    errors: || vec![fails(call("wide", &[2, 3], []), Code::Shape, "2 by 3 matrices")],
    ..COMPOSITE
}
.shipped();
