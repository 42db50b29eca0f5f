//! The parts of arrays that tensors of indices reach.
//!
//! Ops that move single elements take an index with one element for every element moved. It may be
//! smaller than the array in the dims beside the one that is indexed.

use crate::axis;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::{Array, Dims, Layout, Result};

/// A 0-dim shape as one of one element; others as they are.
pub fn at_least_1d(shape: &[usize]) -> Dims {
    if shape.is_empty() { Dims::from_slice(&[1]) } else { Dims::from_slice(shape) }
}

/// The part of `x` where `index` has an element in every dim but `dim`. `x` has at least one dim,
/// as `index` has.
pub fn beside(x: &Layout, index: &[usize], dim: usize) -> Layout {
    let mut out = x.clone();
    for (d, &n) in index.iter().enumerate().filter(|&(d, _)| d != dim) {
        out = out.slice(d, 0, n, 1);
    }
    out
}

/// A layout with at least one dim.
pub fn layout_1d(x: &Layout) -> Layout {
    if x.rank() == 0 { x.unsqueeze(0) } else { x.clone() }
}

/// Runs `f` on the part of `out` that an index of this shape reaches, made contiguous.
pub fn on_part(
    out: &mut Array,
    shape: &[usize],
    dim: usize,
    f: impl FnOnce(&mut Array, Axis) -> Result<()>,
) -> Result<()> {
    let reached = beside(&layout_1d(out.layout()), shape, dim);
    let axis = axis::of_dim(&reached.shape, dim);
    if reached.shape.as_slice() == at_least_1d(out.shape()).as_slice() {
        return f(out, axis);
    }
    let mut part = out.with_layout(reached.clone())?.copy(out.dtype())?;
    f(&mut part, axis)?;
    out.with_layout(reached)?.assign(&part)
}

/// The first elements of `x` in every dim, as many as `shape` says, contiguous.
pub fn part_of(x: &Array, shape: &[usize]) -> Result<Array> {
    let layout: Layout = beside(&layout_1d(x.layout()), shape, usize::MAX);
    x.with_layout(layout)?.contiguous()
}
