//! From dims to the axis that kernels work along.

use crate::dtype::unsupported;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::dims::sort_few;
use adjoint_tensor::{Array, DType, Result};
use smallvec::SmallVec;

/// Dim `dim` of an array of this shape as an axis; a 0-dim array is one element along it.
pub fn of_dim(shape: &[usize], dim: usize) -> Axis {
    if shape.is_empty() { Axis::whole(1) } else { Axis::of(shape, dim) }
}

/// A contiguous array seen along an axis. The dims beside the axis are in their original order.
pub struct AxisView {
    /// The values.
    pub array: Array,
    /// The axis of it to work along.
    pub axis: Axis,
}

/// `x` with `dims` as one axis.
///
/// Costs nothing where the dims are neighbours in memory, however `x` is transposed; otherwise a
/// copy that moves them to the end.
pub fn axis_view(x: &Array, dims: &[usize]) -> Result<AxisView> {
    let natural: SmallVec<[usize; 6]> = (0..x.rank()).collect();
    if x.is_contiguous() {
        if let Some(axis) = axis_of(x, &natural, dims) {
            return Ok(AxisView { array: x.clone(), axis });
        }
    } else {
        // The order in which memory has the dims; those of size 1 may be anywhere.
        let mut order = natural;
        sort_few(&mut order, |d| (x.shape()[d] != 1, std::cmp::Reverse(x.strides()[d])));
        let layout = x.layout().permute(&order);
        if layout.is_contiguous()
            && let Some(axis) = axis_of(x, &order, dims)
        {
            return Ok(AxisView { array: x.with_layout(layout)?, axis });
        }
    }
    let order: SmallVec<[usize; 6]> = (0..x.rank()).filter(|d| !dims.contains(d)).chain(dims.iter().copied()).collect();
    let array = x.with_layout(x.layout().permute(&order))?.contiguous()?;
    let n: usize = dims.iter().map(|&d| x.shape()[d]).product();
    let outer = (0..x.rank()).filter(|d| !dims.contains(d)).map(|d| x.shape()[d]).product();
    Ok(AxisView { array, axis: Axis::rows(outer, n) })
}

/// The axis that `dims` form in a contiguous array whose dims are stored in `order`; `None` where
/// they are scattered or the others are not in their original order.
fn axis_of(x: &Array, order: &[usize], dims: &[usize]) -> Option<Axis> {
    let mut axis = Axis { outer: 1, n: 1, inner: 1 };
    let (mut inside, mut after) = (false, false);
    let mut last_kept = None;
    for &d in order {
        let size = x.shape()[d];
        if size == 1 {
            continue;
        }
        if dims.contains(&d) {
            if after {
                return None;
            }
            inside = true;
            axis.n *= size;
        } else {
            if last_kept > Some(d) {
                return None;
            }
            last_kept = Some(d);
            after |= inside;
            if after {
                axis.inner *= size;
            } else {
                axis.outer *= size;
            }
        }
    }
    // Rows of one element are columns of one, on which vectors work.
    Some(if axis.n == 1 { Axis { outer: 1, n: 1, inner: axis.numel() } } else { axis })
}

/// A kernel from one array to another of its shape, along a dim.
pub struct Unary {
    /// For f32.
    pub f32: fn(&[f32], Axis, &mut [f32]),
    /// For f64.
    pub f64: fn(&[f64], Axis, &mut [f64]),
}

impl Unary {
    /// Runs it on `x` cast to the output's dtype.
    pub fn run(&self, x: &Array, dim: usize, out: &mut Array) -> Result<()> {
        let x = x.cast(out.dtype())?.contiguous()?;
        let axis = of_dim(x.shape(), dim);
        match out.dtype() {
            DType::Float32 => (self.f32)(x.as_slice(), axis, out.as_mut_slice()),
            DType::Float64 => (self.f64)(x.as_slice(), axis, out.as_mut_slice()),
            t => return Err(unsupported(t)),
        }
        Ok(())
    }
}

/// A kernel from two arrays to another of their shape, along a dim.
pub struct Binary {
    /// For f32.
    pub f32: fn(&[f32], &[f32], Axis, &mut [f32]),
    /// For f64.
    pub f64: fn(&[f64], &[f64], Axis, &mut [f64]),
}

impl Binary {
    /// Runs it on arrays of the output's shape, cast to its dtype.
    pub fn run(&self, x: &Array, y: &Array, dim: usize, out: &mut Array) -> Result<()> {
        let (x, y) = (x.cast(out.dtype())?.contiguous()?, y.cast(out.dtype())?.contiguous()?);
        let axis = of_dim(x.shape(), dim);
        match out.dtype() {
            DType::Float32 => (self.f32)(x.as_slice(), y.as_slice(), axis, out.as_mut_slice()),
            DType::Float64 => (self.f64)(x.as_slice(), y.as_slice(), axis, out.as_mut_slice()),
            t => return Err(unsupported(t)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adjoint_tensor::DType;

    fn array(shape: &[usize]) -> Array {
        Array::zeros(shape, DType::Float32).unwrap()
    }

    #[test]
    fn neighbouring_dims_need_no_copy() {
        let x = array(&[2, 3, 1, 5]);
        let a = axis_view(&x, &[1, 2]).unwrap();
        assert!(a.array.shares_storage(&x));
        assert_eq!(a.axis, Axis { outer: 2, n: 3, inner: 5 });
        let t = x.with_layout(x.layout().permute(&[3, 0, 1, 2])).unwrap();
        let a = axis_view(&t, &[1, 2, 3]).unwrap();
        assert!(a.array.shares_storage(&x));
        assert_eq!(a.axis, Axis { outer: 1, n: 6, inner: 5 });
    }

    #[test]
    fn scattered_dims_are_moved_to_the_end() {
        let x = array(&[2, 3, 5]);
        let a = axis_view(&x, &[0, 2]).unwrap();
        assert_eq!((a.array.shape(), a.axis), (&[3usize, 2, 5][..], Axis::rows(3, 10)));
        // What is left must come out in its original order, or a copy is made.
        let t = x.with_layout(x.layout().transpose(0, 1)).unwrap();
        assert!(!axis_view(&t, &[2]).unwrap().array.shares_storage(&x));
        let e = array(&[0, 3, 2]);
        assert_eq!(axis_view(&e, &[0, 2]).unwrap().axis, Axis::rows(3, 0));
    }
}
