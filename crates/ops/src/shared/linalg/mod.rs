//! Batches of matrices: what is checked of them, how kernels read and write them, and short forms
//! for derivatives.

pub mod tolerance;

use crate::contract::matmul::matmul;
use crate::elementwise::{add::add, mul::mul, neg::neg};
use crate::invoke::number;
use crate::shared::checks;
use crate::view::{diagonal::on_diagonal, expand::expand, transpose::transpose, tril::tril, triu::triu};
use adjoint_autograd::{Api, Class, Half, OpDef, Tensor};
use adjoint_cpu::floats;
use adjoint_tensor::{Array, DType, Dims, Error, Meta, Result, dims};

/// What the kernels have in common.
pub const KERNEL: OpDef = OpDef { class: Class::Opaque, surface: &[Api::Linalg], half: Half::Native, ..OpDef::BASE };

/// What the composites have in common.
pub const COMPOSITE: OpDef = OpDef { surface: &[Api::Linalg], ..OpDef::COMPOSITE };

/// Refuses what no factorisation computes in: integers, bools and the half dtypes, as PyTorch does.
pub fn floating(name: &str, dtype: DType) -> Result<()> {
    checks::floating(name, dtype)?;
    if dtype.is_half() {
        let dtype = dtype.name();
        return Err(Error::dtype(format!("not implemented for {dtype}, which is {name}'s; cast with to('float32')"))
            .with("dtype", dtype));
    }
    Ok(())
}

/// Rows and columns of matrices in the last two dims.
pub fn sizes(name: &str, shape: &[usize]) -> Result<[usize; 2]> {
    match *shape {
        [.., m, n] => Ok([m, n]),
        _ => Err(Error::shape(format!(
            "the input tensor {name} must have at least 2 dimensions, got shape {shape:?}; the last two are matrices"
        ))
        .with("shape", format_args!("{shape:?}"))),
    }
}

/// The same of floating matrices.
pub fn matrices(name: &str, x: &Meta) -> Result<[usize; 2]> {
    let found = sizes(name, x.shape())?;
    floating(name, x.dtype())?;
    Ok(found)
}

/// The side of square matrices in the last two dims.
pub fn side(name: &str, shape: &[usize]) -> Result<usize> {
    let [m, n] = sizes(name, shape)?;
    if m == n {
        return Ok(n);
    }
    Err(Error::shape(format!(
        "{name} must be batches of square matrices, but they are {m} by {n} matrices, of shape {shape:?}"
    ))
    .with("shape", format_args!("{shape:?}")))
}

/// The same of floating matrices.
pub fn square(name: &str, x: &Meta) -> Result<usize> {
    let n = side(name, x.shape())?;
    floating(name, x.dtype())?;
    Ok(n)
}

/// The dims in front of the matrices.
pub fn lead(shape: &[usize]) -> &[usize] {
    &shape[..shape.len() - 2]
}

/// A shape with these dims behind the dims of a batch.
pub fn behind(lead: &[usize], last: &[usize]) -> Dims {
    lead.iter().chain(last).copied().collect()
}

/// Two batches of matrices with their leading dims broadcast.
pub fn together(a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor)> {
    let all = dims::broadcast(lead(a.shape()), lead(b.shape()))?;
    let wide = |t: &Tensor| -> Result<Tensor> {
        let shape = behind(&all, &t.shape()[t.rank() - 2..]);
        if t.shape() == shape.as_slice() { Ok(t.clone()) } else { expand(t, &shape) }
    };
    Ok((wide(a)?, wide(b)?))
}

/// Writes float64 values to a fresh floating output.
pub fn store(values: &[f64], out: &mut Array) -> Result<()> {
    floats!(out.dtype(), T => {
        for (out, v) in out.as_mut_slice::<T>().iter_mut().zip(values) {
            *out = *v as T;
        }
    });
    Ok(())
}

/// Calls `f` with each matrix of `size` elements in a batch of `count`.
pub fn each(values: &mut [f64], count: usize, size: usize, mut f: impl FnMut(usize, &mut [f64])) {
    for i in 0..count {
        f(i, &mut values[i * size..][..size]);
    }
}

/// Fails where a matrix of the batch could not be factored: the first, by what `infos` says of
/// them, 0 being that it could.
pub fn no_failure(infos: &[i32], batched: bool, why: impl Fn(i32) -> String) -> Result<()> {
    let Some(at) = infos.iter().position(|info| *info != 0) else { return Ok(()) };
    let which = if batched { format!("(batch element {at}) ") } else { String::new() };
    Err(Error::usage(format!("{which}{}", why(infos[at]))).with("info", infos[at]))
}

/// Why a matrix has no inverse.
pub fn is_singular(info: i32) -> String {
    format!(
        "could not be completed because the input matrix is singular: the diagonal element {info} of its factor U is zero"
    )
}

/// The matrices transposed.
pub fn mt(x: &Tensor) -> Result<Tensor> {
    transpose(x, x.rank() - 2, x.rank() - 1)
}

/// The product of three.
pub fn matmul3(a: &Tensor, b: &Tensor, c: &Tensor) -> Result<Tensor> {
    matmul(&matmul(a, b)?, c)
}

/// `−a b`.
pub fn minus_matmul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    neg(&matmul(a, b)?)
}

/// `x + xᵀ`.
pub fn plus_transpose(x: &Tensor) -> Result<Tensor> {
    add(x, &mt(x)?)
}

/// `(x + xᵀ) / 2`.
pub fn symmetric_part(x: &Tensor) -> Result<Tensor> {
    mul(&plus_transpose(x)?, &number(0.5)?)
}

/// The lower triangle of `x` with its diagonal halved: what of a symmetric matrix, `y + yᵀ`, is `y`.
pub fn half_lower(x: &Tensor) -> Result<Tensor> {
    let half = number(0.5)?;
    add(&mul(&tril(x, -1)?, &half)?, &mul(&tril(x, 0)?, &half)?)
}

/// The part of `x` on one side of the diagonal; with `strict` without the diagonal.
pub fn triangle(x: &Tensor, upper: bool, strict: bool) -> Result<Tensor> {
    let shift = i64::from(strict);
    if upper { triu(x, shift) } else { tril(x, -shift) }
}

/// Square matrices with the last dim of `x` on their diagonals.
pub fn diagonal_matrices(x: &Tensor) -> Result<Tensor> {
    let n = x.shape()[x.rank() - 1];
    let shape = behind(&x.shape()[..x.rank() - 1], &[n, n]);
    on_diagonal(x, &shape, 0, x.rank() - 1, x.rank())
}

/// The sum of what there is.
pub fn plus(sum: Option<Tensor>, more: Tensor) -> Result<Option<Tensor>> {
    Ok(Some(match sum {
        None => more,
        Some(sum) => add(&sum, &more)?,
    }))
}
