//! Running a kernel along one dim.

use crate::reduce::element::unsupported;
use adjoint_autograd::Attrs;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, DType, Error, Meta, Result};

/// A kernel over one input.
pub struct Kernels1 {
    /// For f32.
    pub f32: fn(&[f32], Axis, &mut [f32]),
    /// For f64.
    pub f64: fn(&[f64], Axis, &mut [f64]),
}

/// A kernel over two inputs.
pub struct Kernels2 {
    /// For f32.
    pub f32: fn(&[f32], &[f32], Axis, &mut [f32]),
    /// For f64.
    pub f64: fn(&[f64], &[f64], Axis, &mut [f64]),
}

/// The dim in attribute `i`.
pub fn dim_of(attrs: &Attrs, i: usize, rank: usize) -> Result<usize> {
    wrap_dim(attrs.get_int(i)?, rank)
}

fn axis_of(x: &Array, dim: usize) -> Axis {
    if x.rank() == 0 { Axis::whole(1) } else { Axis::of(x.shape(), dim) }
}

/// The floating dtype `x` is computed in: its own, or `dtype`.
pub fn floating(x: &Meta, dtype: Option<DType>) -> Result<DType> {
    let out = dtype.unwrap_or(x.dtype());
    if out.is_float() {
        return Ok(out);
    }
    Err(Error::dtype(format!("expected a floating-point tensor, got {}; pass dtype or cast with to()", out.name()))
        .with("dtype", out.name()))
}

/// Runs a kernel on `x` cast to the output's dtype.
pub fn run1(kernels: &Kernels1, x: &Array, dim: usize, out: &mut Array) -> Result<()> {
    let x = x.cast(out.dtype())?.contiguous()?;
    let axis = axis_of(&x, dim);
    match out.dtype() {
        DType::Float32 => (kernels.f32)(x.as_slice(), axis, out.as_mut_slice()),
        DType::Float64 => (kernels.f64)(x.as_slice(), axis, out.as_mut_slice()),
        t => return Err(unsupported(t)),
    }
    Ok(())
}

/// Runs a kernel on two arrays of the output's dtype and shape.
pub fn run2(kernels: &Kernels2, x: &Array, y: &Array, dim: usize, out: &mut Array) -> Result<()> {
    let (x, y) = (x.cast(out.dtype())?.contiguous()?, y.cast(out.dtype())?.contiguous()?);
    let axis = axis_of(&x, dim);
    match out.dtype() {
        DType::Float32 => (kernels.f32)(x.as_slice(), y.as_slice(), axis, out.as_mut_slice()),
        DType::Float64 => (kernels.f64)(x.as_slice(), y.as_slice(), axis, out.as_mut_slice()),
        t => return Err(unsupported(t)),
    }
    Ok(())
}
