//! What products ask of their operands.

use adjoint_cpu::dtype::unsupported;
use adjoint_cpu::matmul;
use adjoint_tensor::{DType, Error, Meta, Result};

/// Refuses dtypes that do not multiply.
pub fn multiplies(dtype: DType) -> Result<DType> {
    if matmul::supports(dtype) { Ok(dtype) } else { Err(unsupported(dtype)) }
}

/// Fails unless `x` is a matrix.
pub fn matrix(name: &str, x: &Meta) -> Result<()> {
    rank(name, x.shape(), 2, "a matrix")
}

/// Fails unless `shape` has this many dims.
pub fn rank(name: &str, shape: &[usize], rank: usize, what: &str) -> Result<()> {
    if shape.len() == rank {
        return Ok(());
    }
    Err(Error::shape(format!("{name} must be {what}, got {} dim(s) in shape {shape:?}", shape.len()))
        .with("shape", format_args!("{shape:?}")))
}

/// Fails unless the last size of `lhs` is the one `rhs` is summed over: its last but one, or its
/// only.
pub fn inner_sizes(lhs: &[usize], rhs: &[usize]) -> Result<()> {
    let k = lhs.last().copied().unwrap_or(1);
    let k_rhs = if rhs.len() == 1 { rhs[0] } else { rhs[rhs.len() - 2] };
    if k == k_rhs {
        return Ok(());
    }
    Err(Error::shape(format!("inner sizes differ, lhs {lhs:?} has k={k} but rhs {rhs:?} has k={k_rhs}"))
        .with("lhs", format_args!("{lhs:?}"))
        .with("rhs", format_args!("{rhs:?}")))
}
