//! Products of reflections.

use super::lu_unpack::lower_of;
use super::solve_triangular::solve_triangular;
use crate::contract::matmul::matmul;
use crate::create::eye::eye;
use crate::elementwise::{mul::mul, sub::sub};
use crate::shared::linalg::{COMPOSITE, diagonal_matrices, floating, lead, matmul3, mt, sizes};
use crate::shared::view::samples::{fails, tensors};
use crate::view::{narrow::narrow, triu::triu, unsqueeze::unsqueeze};
use adjoint_autograd::{Api, Arg, Body, ErrorSample, OpDef, Outputs, Sample, Tensor, required};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

/// V and T with `H_1 ⋯ H_k = I − V T Vᵀ`: the columns of V are what is below the diagonal of `input`, and
/// ones on it, and `T = (I + D S)⁻¹ D` with `D = diag(τ)` and S what is above the diagonal of `VᵀV`. Source:
/// Schreiber, Van Loan, A storage-efficient WY representation for products of Householder
/// transformations (1989), solved for T; it holds for any τ.
pub(super) fn block(input: &Tensor, tau: &Tensor) -> Result<[Tensor; 2]> {
    let (r, k) = (input.rank(), tau.shape()[tau.rank() - 1]);
    let v = lower_of(&narrow(input, r - 1, 0, k)?)?;
    let above = triu(&matmul(&mt(&v)?, &v)?, 1)?;
    let t = solve_triangular(&mul(&unsqueeze(tau, tau.rank())?, &above)?, &diagonal_matrices(tau)?, true, true, true)?;
    Ok([v, t])
}

/// Fails unless `tau` has at most as many elements as `input` has columns, which are at most as many as its
/// rows.
fn check(input: &Tensor, tau: &Tensor) -> Result<[usize; 2]> {
    let [m, n] = sizes("input", input.shape())?;
    floating("input", input.dtype())?;
    crate::shared::checks::same_dtype("tau", tau.dtype(), input.dtype())?;
    if m < n {
        return Err(Error::shape(format!(
            "input.shape[-2] must be greater than or equal to input.shape[-1], got {m} and {n}, shape {:?}",
            input.shape()
        )));
    }
    let fits = tau.rank() + 1 == input.rank() && tau.shape()[..tau.rank() - 1] == *lead(input.shape());
    if !fits || tau.shape()[tau.rank() - 1] > n {
        return Err(Error::shape(format!(
            "expected tau with at most as many elements as input has columns and the same dims in front, got {:?} for \
             input {:?}",
            tau.shape(),
            input.shape()
        )));
    }
    Ok([m, n])
}

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let (input, tau) = (required(inputs, 0), required(inputs, 1));
    let [m, n] = check(input, tau)?;
    let [v, t] = block(input, tau)?;
    let r = input.rank();
    let head = narrow(&v, r - 2, 0, n)?;
    let ones = narrow(&eye(m, input.dtype())?, 1, 0, n)?;
    Ok(smallvec![sub(&ones, &matmul3(&v, &t, &mt(&head)?)?)?])
}

fn samples() -> Vec<Sample> {
    vec![
        tensors("tall", &[&[4, 2], &[2]]),
        tensors("fewer reflections, a batch", &[&[2, 3, 3], &[2, 2]]),
        tensors("none", &[&[3, 0], &[0]]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    vec![
        fails(tensors("wide", &[&[2, 3], &[2]]), Code::Shape, "greater than or equal"),
        fails(tensors("too many", &[&[3, 2], &[3]]), Code::Shape, "as many elements"),
    ]
}

/// The ops: by both names.
pub static DEFS: &[&OpDef] = &[&PRODUCT, &ORGQR];

static PRODUCT: OpDef = OpDef {
    name: "householder_product",
    doc: "Returns the first n columns of the product of reflections `H_i = I − τ_i v_i v_iᵀ`, v_i being what is below the diagonal of column i \
          of `input` and a 1 on it.\n\n\
          **Shapes**: `input` is `[*, m, n]` with m ≥ n, `tau` `[*, k]` with k ≤ n, the result `[*, m, n]`. With what `geqrf` returns it \
          is Q. Costs about 4mnk operations. Source: PyTorch, `torch.linalg.householder_product`.",
    args: &[Arg::tensor("input"), Arg::tensor("tau")],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples,
    errors,
    ..COMPOSITE
}
.shipped();

static ORGQR: OpDef = OpDef {
    name: "orgqr",
    doc: "Another name of `linalg.householderProduct`. Source: PyTorch, `torch.orgqr`.",
    surface: &[Api::Function, Api::Method],
    ..PRODUCT
}
.shipped();
