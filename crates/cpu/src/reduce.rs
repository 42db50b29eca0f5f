//! Reductions over dims: sums, means, products, and greatest and smallest elements.

use crate::axis::axis_view;
use crate::{floats, integer_elements, integers_into};
use adjoint_kernels::reduce;
use adjoint_tensor::dims::{reduced_shape, sort_few};
use adjoint_tensor::{Array, DType, Dims, Result, scratch};

/// Writes the sums of `x` over `dims` into `out`, which has the other dims in their order; computed
/// in `out`'s dtype.
pub fn sum_into(x: &Array, dims: &[usize], out: &mut Array) -> Result<()> {
    let dtype = out.dtype();
    if dtype.is_float() {
        let mut x = x.cast(dtype)?;
        // Scattered dims are cheaper one group after the other than moved together, since the first
        // pass leaves little.
        let mut dims = Dims::from_slice(dims);
        sort_few(&mut dims, |d| d);
        while x.is_contiguous() {
            let Some(group) = last_of_several_groups(x.shape(), &dims) else { break };
            // The first pass reads elements of the output's dtype, every later one the float64 sums
            // of the pass before.
            let mut partial = Array::empty(&reduced_shape(x.shape(), &dims[group..], true), x.dtype())?;
            rows(&x, &dims[group..], &mut partial)?;
            // The partial sums are few and large: rounded at each step of the next pass they would
            // lose what the first has kept.
            x = partial.cast(DType::Float64)?;
            dims.truncate(group);
            if last_of_several_groups(x.shape(), &dims).is_none() {
                let mut whole = Array::empty(out.shape(), DType::Float64)?;
                rows(&x, &dims, &mut whole)?;
                return out.assign(&whole);
            }
        }
        return rows(&x, &dims, out);
    }
    let x = if x.dtype().is_float() { x.cast(DType::Int64)? } else { x.clone() };
    let view = axis_view(&x, dims)?;
    let mut wide = scratch::filled(0i64, view.axis.reduced())?;
    integer_elements!(view.array, x => reduce::sum_int(x, view.axis, &mut wide));
    narrow(wide, out)
}

/// Writes 64-bit results into an output of any dtype but floats.
pub fn narrow(wide: Vec<i64>, out: &mut Array) -> Result<()> {
    if out.dtype() == DType::Int64 {
        out.as_mut_slice::<i64>().copy_from_slice(&wide);
        return Ok(());
    }
    out.assign(&Array::from_slice(&wide, out.shape())?)
}

/// Where the last group of neighbouring dims starts, if there are several. Dims of size 1 separate
/// nothing.
fn last_of_several_groups(shape: &[usize], dims: &[usize]) -> Option<usize> {
    (1..dims.len()).rev().find(|&i| shape[dims[i - 1] + 1..dims[i]].iter().any(|&n| n != 1))
}

fn rows(x: &Array, dims: &[usize], out: &mut Array) -> Result<()> {
    let view = axis_view(x, dims)?;
    floats!(out.dtype(), T => reduce::sum(view.array.as_slice::<T>(), view.axis, out.as_mut_slice::<T>()));
    Ok(())
}

/// Writes the means of `x` over `dims` into `out`, as [`sum_into`] does the sums.
pub fn mean_into(x: &Array, dims: &[usize], out: &mut Array) -> Result<()> {
    sum_into(x, dims, out)?;
    let n: usize = dims.iter().map(|&d| x.shape()[d]).product();
    floats!(out.dtype(), T => {
        for y in out.as_mut_slice::<T>() {
            *y /= n as T;
        }
    });
    Ok(())
}

/// Writes the greatest elements of `x` over `dims`, or the smallest.
pub fn extreme_into(x: &Array, dims: &[usize], greatest: bool, out: &mut Array) -> Result<()> {
    let view = axis_view(x, dims)?;
    let (x, axis) = (&view.array, view.axis);
    match x.dtype() {
        DType::Bool => {
            let kernel = if greatest { reduce::any } else { reduce::all };
            kernel(x.bool_bytes(), axis, out.bool_bytes_mut());
        }
        t if t.is_float() => floats!(t, T => {
            let kernel = if greatest { reduce::amax } else { reduce::amin };
            kernel(x.as_slice::<T>(), axis, out.as_mut_slice::<T>());
        }),
        _ => {
            let kernel = if greatest { reduce::amax_int } else { reduce::amin_int };
            integers_into!(x, out, |x, out| kernel(x, axis, out));
        }
    }
    Ok(())
}

/// Writes the products of `x` over `dims` into `out`, as [`sum_into`] does the sums.
pub fn prod_into(x: &Array, dims: &[usize], out: &mut Array) -> Result<()> {
    let dtype = out.dtype();
    if dtype.is_half() {
        // PyTorch rounds every product.
        let wide = x.cast(dtype)?.cast(DType::Float32)?;
        let view = axis_view(&wide, dims)?;
        let mut products = Array::empty(out.shape(), DType::Float32)?;
        let round = |v: f32| dtype.nearest(f64::from(v)) as f32;
        reduce::prod_stepwise(view.array.as_slice::<f32>(), view.axis, round, products.as_mut_slice::<f32>());
        return out.assign(&products);
    }
    if dtype.is_float() {
        let view = axis_view(&x.cast(dtype)?, dims)?;
        floats!(dtype, T => reduce::prod(view.array.as_slice::<T>(), view.axis, out.as_mut_slice::<T>()));
        return Ok(());
    }
    let x = if x.dtype().is_float() { x.cast(DType::Int64)? } else { x.clone() };
    let view = axis_view(&x, dims)?;
    let mut wide = scratch::filled(0i64, view.axis.reduced())?;
    integer_elements!(view.array, x => reduce::prod_int(x, view.axis, &mut wide));
    narrow(wide, out)
}
