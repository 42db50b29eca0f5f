//! Shapes and strides as short vectors, dim wrapping and broadcasting.

use crate::{Error, Result};
use smallvec::SmallVec;

/// Sizes of a shape, outermost first. Up to six stay inline, more go to the heap.
pub type Dims = SmallVec<[usize; 6]>;

/// Strides in elements, outermost first.
pub type Strides = SmallVec<[isize; 6]>;

pub use adjoint_kernels::numel;

/// The number of elements of any shape; `None` where it is more than `isize` counts, as kernels do.
/// A size of 0 makes it 0, whatever the others are.
pub fn checked_numel(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    let numel = shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size))?;
    isize::try_from(numel).is_ok().then_some(numel)
}

/// Whether two shapes are equal: for the few sizes there are a loop is quicker than the call of
/// `memcmp` that `==` is.
#[inline]
pub fn same(a: &[usize], b: &[usize]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x == y)
}

/// The strides of a row-major tensor of this shape. A dim of size 0 counts as 1, as in PyTorch;
/// with no elements strides may be larger than memory, and then are the largest there is.
pub fn contiguous_strides(shape: &[usize]) -> Strides {
    let mut strides: Strides = SmallVec::from_elem(1, shape.len());
    let mut step = 1isize;
    for d in (0..shape.len()).rev() {
        strides[d] = step;
        // Only an empty tensor has sizes that overflow here, and nothing is read at its strides.
        step = step.saturating_mul(isize::try_from(shape[d].max(1)).unwrap_or(isize::MAX));
    }
    strides
}

/// Sorts the few items dims are, stably, by insertion: a tenth of the code of a sort for many.
pub fn sort_few<T: Copy, K: PartialOrd>(items: &mut [T], key: impl Fn(T) -> K) {
    for i in 1..items.len() {
        let mut at = i;
        while at > 0 && key(items[at]) < key(items[at - 1]) {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Turns a possibly negative dim into an index. A 0-dim tensor accepts -1 and 0, as in PyTorch.
pub fn wrap_dim(dim: i64, rank: usize) -> Result<usize> {
    let n = rank.max(1) as i64;
    if dim < -n || dim >= n {
        return Err(Error::index(format!(
            "dim {dim} is out of range for a tensor with {rank} dim(s), expected a value in [{}, {}]",
            -n,
            n - 1
        ))
        .with("dim", dim)
        .with("rank", rank));
    }
    Ok(if dim < 0 { (dim + n) as usize } else { dim as usize })
}

/// Wraps every dim and refuses repeated ones.
pub fn wrap_dims(dims: &[i64], rank: usize) -> Result<Dims> {
    let mut out = Dims::with_capacity(dims.len());
    for &dim in dims {
        let d = wrap_dim(dim, rank)?;
        if out.contains(&d) {
            return Err(Error::usage(format!("dim {d} appears more than once in the list of dims {dims:?}")));
        }
        out.push(d);
    }
    Ok(out)
}

/// The shape two shapes broadcast to: aligned at the right, sizes equal or one of them 1.
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Dims> {
    let rank = a.len().max(b.len());
    let mut out: Dims = SmallVec::from_elem(1, rank);
    for i in 0..rank {
        let x = if i < a.len() { a[a.len() - 1 - i] } else { 1 };
        let y = if i < b.len() { b[b.len() - 1 - i] } else { 1 };
        out[rank - 1 - i] = match (x, y) {
            (x, y) if x == y => x,
            (1, y) => y,
            (x, 1) => x,
            _ => {
                return Err(Error::shape(format!(
                    "shapes {a:?} and {b:?} cannot be broadcast together, dim {} has sizes {x} and {y}",
                    rank - 1 - i
                ))
                .with("lhs", format_args!("{a:?}"))
                .with("rhs", format_args!("{b:?}")));
            }
        };
    }
    Ok(out)
}

/// The shape left when `dims` are reduced to one element: dropped, or kept as 1.
pub fn reduced_shape(shape: &[usize], dims: &[usize], keepdim: bool) -> Dims {
    shape
        .iter()
        .enumerate()
        .filter_map(|(d, &n)| if !dims.contains(&d) { Some(n) } else { keepdim.then_some(1) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrap_dim_accepts_negative_dims_and_rejects_others() {
        assert_eq!(wrap_dim(-1, 3), Ok(2));
        assert_eq!(wrap_dim(0, 0), Ok(0));
        assert_eq!(wrap_dim(-1, 0), Ok(0));
        assert!(wrap_dim(3, 3).is_err());
        assert!(wrap_dim(-4, 3).is_err());
        assert!(wrap_dim(1, 0).is_err());
    }

    #[test]
    fn broadcast_aligns_right_and_names_both_shapes() {
        assert_eq!(broadcast(&[2, 1, 3], &[4, 1]).unwrap().as_slice(), &[2, 4, 3]);
        assert_eq!(broadcast(&[], &[0]).unwrap().as_slice(), &[0]);
        assert_eq!(broadcast(&[1], &[0]).unwrap().as_slice(), &[0]);
        let e = broadcast(&[2, 3], &[4, 3]).unwrap_err();
        assert!(e.message().contains("[2, 3]") && e.message().contains("[4, 3]"));
    }
}
