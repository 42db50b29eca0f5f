//! Polar decompositions.

use super::linalg_svd::svd;
use crate::contract::matmul::matmul;
use crate::elementwise::{mul::mul, to::to};
use crate::shared::linalg::{COMPOSITE, floating, mt, sizes};
use crate::shared::view::samples::{call, fails};
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{Arg, Body, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, DType, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let a = required(inputs, 0);
    let [m, n] = sizes("A", a.shape())?;
    floating("A", a.dtype())?;
    if m < n {
        return Err(Error::shape(format!("A must have at least as many rows as columns, got {m} by {n} matrices")));
    }
    // Derivatives divide by differences of singular values, which cost float32 its digits.
    let parts = svd(&to(a, DType::Float64)?, false)?;
    let (u, s, vt) = (&parts[0], &parts[1], &parts[2]);
    let scaled = mul(&mt(vt)?, &unsqueeze(s, s.rank() - 1)?)?;
    let as_given = |t: Tensor| to(&t, a.dtype());
    Ok(smallvec![as_given(matmul(u, vt)?)?, as_given(matmul(&scaled, vt)?)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linalg_polar",
    doc: "Returns the polar decomposition of matrices, `A = U H`: U with orthonormal columns, H symmetric and positive semidefinite.\n\n\
          **Shapes**: `A` and U are `[*, m, n]` with m ≥ n, H `[*, n, n]`. Computed in float64. By `linalg.svd`, `U = W Vᵀ` and `H = V S Vᵀ`; the derivative \
          is not finite where singular values are equal. Source: PyTorch, `torch.linalg.polar`.",
    args: &[Arg::tensor("A")],
    outputs: &["U", "H"],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples: || vec![call("tall", &[4, 2], []), call("a batch", &[2, 2, 2], [])],
    errors: || vec![fails(call("wide", &[2, 3], []), Code::Shape, "as many rows")],
    ..COMPOSITE
}
.shipped();
