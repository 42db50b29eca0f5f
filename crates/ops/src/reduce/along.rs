//! From dims to the axis that kernels work along.

use adjoint_autograd::{Attr, Attrs};
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::dims::{numel, sort_few, wrap_dim, wrap_dims};
use adjoint_tensor::{Array, Dims, Error, Result};
use smallvec::SmallVec;

/// A contiguous array, and the axis of it to work along. The dims beside the axis are in their original order.
pub struct Along {
    /// The values.
    pub array: Array,
    /// Where they lie.
    pub axis: Axis,
}

/// `x` with `dims` as one axis.
///
/// Costs nothing where the dims are neighbours in memory, however `x` is transposed; otherwise a copy that moves them
/// to the end.
pub fn along(x: &Array, dims: &[usize]) -> Result<Along> {
    let natural: SmallVec<[usize; 6]> = (0..x.rank()).collect();
    if x.is_contiguous() {
        if let Some(axis) = axis_of(x, &natural, dims) {
            return Ok(Along { array: x.clone(), axis });
        }
    } else {
        // The order in which memory has the dims; those of size 1 may be anywhere.
        let mut order = natural;
        sort_few(&mut order, |d| (x.shape()[d] != 1, std::cmp::Reverse(x.strides()[d])));
        let layout = x.layout().permute(&order);
        if layout.is_contiguous()
            && let Some(axis) = axis_of(x, &order, dims)
        {
            return Ok(Along { array: x.with_layout(layout)?, axis });
        }
    }
    let order: SmallVec<[usize; 6]> = (0..x.rank()).filter(|d| !dims.contains(d)).chain(dims.iter().copied()).collect();
    let array = x.with_layout(x.layout().permute(&order))?.contiguous()?;
    let n: usize = dims.iter().map(|&d| x.shape()[d]).product();
    let outer = (0..x.rank()).filter(|d| !dims.contains(d)).map(|d| x.shape()[d]).product();
    Ok(Along { array, axis: Axis::rows(outer, n) })
}

/// The axis `dims` form in a contiguous array whose dims lie in `order`, or `None` where they are scattered or the
/// others are not in their original order.
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
    Some(axis)
}

/// The shape left when `dims` are reduced to one element: dropped, or kept as 1.
pub fn reduced_shape(shape: &[usize], dims: &[usize], keepdim: bool) -> Dims {
    shape
        .iter()
        .enumerate()
        .filter_map(|(d, &n)| if !dims.contains(&d) { Some(n) } else { keepdim.then_some(1) })
        .collect()
}

/// The dims attribute `i` names; all where it is absent or an empty list.
pub fn dims_or_all(attrs: &Attrs, i: usize, rank: usize) -> Result<Dims> {
    check_rank(rank)?;
    match attrs.get(i) {
        Attr::Int(d) => Ok(one_of(wrap_dim(*d, rank)?, rank)),
        Attr::Ints(list) if !list.is_empty() => {
            let dims = wrap_dims(list, rank)?;
            // A 0-dim tensor accepts dim 0, which it does not have.
            Ok(if rank == 0 { Dims::new() } else { dims })
        }
        _ => Ok((0..rank).collect()),
    }
}

/// PyTorch's limit.
fn check_rank(rank: usize) -> Result<()> {
    if rank > 64 {
        return Err(Error::shape(format!("only tensors with up to 64 dims are supported, got {rank}")));
    }
    Ok(())
}

/// The one dim attribute `i` names; `None` where it is absent.
pub fn dim_or_none(attrs: &Attrs, i: usize, rank: usize) -> Result<Option<usize>> {
    check_rank(rank)?;
    attrs.opt_int(i).map(|d| wrap_dim(d, rank)).transpose()
}

/// Dim `d` as a list; none for a 0-dim tensor, which accepts dim 0 without having it.
pub fn one_of(d: usize, rank: usize) -> Dims {
    if rank == 0 { Dims::new() } else { Dims::from_elem(d, 1) }
}

/// Refuses to reduce no elements to one where there is no identity.
pub fn not_empty(shape: &[usize], dims: &[usize], named: bool) -> Result<()> {
    if named {
        if let Some(&d) = dims.iter().find(|&&d| shape[d] == 0) {
            return Err(Error::index(format!("expected reduction dim {d} to have non-zero size, got shape {shape:?}"))
                .with("dim", d));
        }
    } else if numel(shape) == 0 {
        return Err(Error::index(format!(
            "expected reduction dim to be specified for a tensor without elements, got shape {shape:?}; pass dim"
        )));
    }
    Ok(())
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
        let a = along(&x, &[1, 2]).unwrap();
        assert!(a.array.shares_storage(&x));
        assert_eq!(a.axis, Axis { outer: 2, n: 3, inner: 5 });
        let t = x.with_layout(x.layout().permute(&[3, 0, 1, 2])).unwrap();
        let a = along(&t, &[1, 2, 3]).unwrap();
        assert!(a.array.shares_storage(&x));
        assert_eq!(a.axis, Axis { outer: 1, n: 6, inner: 5 });
    }

    #[test]
    fn scattered_dims_are_moved_to_the_end() {
        let x = array(&[2, 3, 5]);
        let a = along(&x, &[0, 2]).unwrap();
        assert_eq!((a.array.shape(), a.axis), (&[3usize, 2, 5][..], Axis::rows(3, 10)));
        // What is left must come out in its original order, or a copy is made.
        let t = x.with_layout(x.layout().transpose(0, 1)).unwrap();
        assert!(!along(&t, &[2]).unwrap().array.shares_storage(&x));
        let e = array(&[0, 3, 2]);
        assert_eq!(along(&e, &[0, 2]).unwrap().axis, Axis::rows(3, 0));
    }

    #[test]
    fn a_zero_dim_tensor_accepts_dim_0() {
        assert!(dims_or_all(&Attrs::new().ints(&[0]), 0, 0).unwrap().is_empty());
        assert!(dims_or_all(&Attrs::new().ints(&[1]), 0, 0).is_err());
        assert_eq!(dims_or_all(&Attrs::new().ints(&[]), 0, 2).unwrap().as_slice(), [0, 1]);
    }
}
