//! Tensors of indices: their dtype, their bounds, and reading them.

use crate::shared::checks;
use adjoint_tensor::{Array, DType, Error, Meta, Result};

/// The size of a dim; 1 for a 0-dim array.
pub fn size(shape: &[usize], dim: usize) -> usize {
    shape.get(dim).copied().unwrap_or(1)
}

/// Fails unless a tensor is of integers that indices may be.
pub fn integers(x: &Meta) -> Result<()> {
    match x.dtype() {
        DType::Int64 | DType::Int32 => Ok(()),
        other => Err(checks::wrong_integers("an index", "int64 or int32", other)),
    }
}

/// The same; no indices may have any dtype.
pub fn integers_or_empty(x: &Meta) -> Result<()> {
    if x.numel() == 0 { Ok(()) } else { integers(x) }
}

/// A tensor of indices as contiguous 64-bit integers.
pub fn read(x: &Array) -> Result<Array> {
    integers(x)?;
    x.cast(DType::Int64)?.contiguous()
}

/// The same; no indices may have any dtype.
pub fn read_or_empty(x: &Array) -> Result<Array> {
    if x.numel() == 0 { Array::zeros(x.shape(), DType::Int64) } else { read(x) }
}

/// Fails unless every index is in `0..n`.
pub fn in_range(indices: &[i64], n: usize, dim: usize) -> Result<()> {
    match adjoint_kernels::index::first_outside(indices, 0, n) {
        None => Ok(()),
        Some(at) => Err(out_of_bounds(indices[at], n, dim)),
    }
}

/// Fails unless every index is in `-n..n`.
pub fn in_wrapped_range(indices: &[i64], n: usize, dim: usize) -> Result<()> {
    match adjoint_kernels::index::first_bad_index(indices, n) {
        None => Ok(()),
        Some(at) => Err(out_of_bounds(indices[at], n, dim)),
    }
}

#[cold]
fn out_of_bounds(index: i64, n: usize, dim: usize) -> Error {
    Error::index(format!("index {index} is out of bounds for dimension {dim} with size {n}"))
        .with("index", index)
        .with("dim", dim)
        .with("size", n)
}

/// Fails unless two tensors that must have one dtype do.
pub fn same_dtype(input: DType, other: DType, name: &str) -> Result<()> {
    if input == other {
        return Ok(());
    }
    Err(Error::dtype(format!(
        "expected {name} to have the dtype of input, got {} and {}; cast it with to()",
        other.name(),
        input.name()
    ))
    .with("dtype", other.name()))
}
