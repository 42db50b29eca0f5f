//! The order of strides of fresh results, as PyTorch's TensorIterator chooses it.
//!
//! An elementwise result need not be row-major: it takes the order of strides of its inputs, so
//! that the loop over all of them runs through memory once and without jumps. Layouts with gaps or
//! repeated elements give dense results in the same order. Source: PyTorch, `TensorIterator.cpp`
//! (`compute_fast_setup_type`, `reorder_dimensions`, `compatible_stride`) and
//! `infer_dense_strides`.

use crate::dims::contiguous_strides;
use crate::{DType, Dims, Layout, Meta, Strides};
use smallvec::SmallVec;
use std::borrow::Borrow;
use std::cmp::Ordering;

/// Whether a fresh result of `shape`, to which `inputs` broadcast, is row-major because they are.
/// Dims of size 0 have strides of their own.
#[inline]
pub fn is_row_major<T: Borrow<Meta>>(shape: &[usize], inputs: &[&T]) -> bool {
    inputs.iter().all(|x| (*x).borrow().has_usual_strides()) && !shape.contains(&0)
}

/// The layout of a fresh result as [`of_result`] says; `None` where it is row-major because the
/// inputs are.
#[inline]
pub fn of_fresh<T: Borrow<Meta>>(shape: &[usize], inputs: &[&T], dtype: DType, uncast: usize) -> Option<Layout> {
    if is_row_major(shape, inputs) { None } else { Some(of_result(shape, inputs, dtype, uncast)) }
}

/// The layout of a fresh result of `shape`, to which `inputs` broadcast. All but the first `uncast`
/// are cast to `dtype` beforehand, which closes their gaps. Where [`is_row_major`] says so that is
/// quicker.
#[inline(never)]
pub fn of_result<T: Borrow<Meta>>(shape: &[usize], inputs: &[&T], dtype: DType, uncast: usize) -> Layout {
    let inputs: SmallVec<[&Meta; 4]> = inputs.iter().map(|x| (*x).borrow()).collect();
    let is_cast = |i: usize, x: &Meta| i >= uncast && x.dtype() != dtype && !x.is_dense();
    if inputs.iter().enumerate().any(|(i, x)| is_cast(i, x)) {
        let cast = |(i, x): (usize, &&Meta)| if is_cast(i, x) { preserved(x.layout()) } else { x.layout().clone() };
        let layouts: SmallVec<[Layout; 4]> = inputs.iter().enumerate().map(cast).collect();
        return of_layouts(shape, &layouts.iter().collect::<SmallVec<[&Layout; 4]>>());
    }
    of_layouts(shape, &inputs.iter().map(|x| x.layout()).collect::<SmallVec<[&Layout; 4]>>())
}

fn of_layouts(shape: &[usize], inputs: &[&Layout]) -> Layout {
    if inputs.iter().all(|x| x.shape.as_slice() == shape) {
        if inputs.iter().all(|x| x.is_contiguous()) {
            return Layout::contiguous(shape);
        }
        if let Some(strides) = channels_last_strides(shape)
            && inputs.iter().all(|x| agree(shape, &x.strides, &strides))
        {
            return with(shape, strides);
        }
        if let [first, rest @ ..] = inputs
            && rest.iter().all(|x| x.strides == first.strides)
            && first.is_dense()
        {
            return with(shape, first.strides.clone());
        }
    }
    let strides: SmallVec<[Strides; 4]> = inputs.iter().map(|x| seen_as(shape, x)).collect();
    let order = sorted(shape, |a, b| strides.iter().map(|s| compare(shape, s, a, b)).find(|o| o.is_ne()));
    if order.iter().rev().enumerate().all(|(d, &at)| d == at) {
        return Layout::contiguous(shape);
    }
    // As TensorIterator has it: behind an empty dim all strides are 0.
    with(shape, packed(shape, &order, |n| n))
}

/// The strides of a copy that keeps the order of `layout`'s: its own strides where they are dense
/// (`torch.preserve_format`).
pub fn preserved(layout: &Layout) -> Layout {
    let Layout { shape, strides, .. } = layout;
    if layout.is_dense() {
        return with(shape, strides.clone());
    }
    let order = sorted(shape, |a, b| Some(compare(shape, strides, a, b)));
    with(shape, packed(shape, &order, |n| n.max(1)))
}

fn with(shape: &[usize], strides: Strides) -> Layout {
    Layout { shape: Dims::from_slice(shape), strides, offset: 0 }
}

/// The strides of `x` for the dims of `shape`, 0 where it is broadcast. Where both have size 1 it
/// is not.
fn seen_as(shape: &[usize], x: &Layout) -> Strides {
    let lead = shape.len() - x.rank();
    let mut strides = Strides::from_elem(0, shape.len());
    for (d, (&n, &stride)) in x.shape.iter().zip(&x.strides).enumerate() {
        if n == shape[lead + d] {
            strides[lead + d] = stride;
        }
    }
    strides
}

/// Whether dim `a` belongs inside dim `b` (`Less`) by the strides of one operand; `Equal` where
/// that does not tell.
fn compare(shape: &[usize], strides: &[isize], a: usize, b: usize) -> Ordering {
    if strides[a] == 0 || strides[b] == 0 {
        return Ordering::Equal;
    }
    // Of equal strides the smaller dim goes inside, but that alone moves nothing outwards.
    let by_size = if shape[a] > shape[b] { Ordering::Greater } else { Ordering::Equal };
    strides[a].cmp(&strides[b]).then(by_size)
}

/// The dims from the innermost out. An insertion sort that passes over pairs which `compare` does
/// not tell apart; since that is no total order, it has to be this one.
fn sorted(shape: &[usize], compare: impl Fn(usize, usize) -> Option<Ordering>) -> Dims {
    let mut order: Dims = (0..shape.len()).rev().collect();
    for i in 1..order.len() {
        let mut moving = i;
        for at in (0..i).rev() {
            match compare(order[at], order[moving]).unwrap_or(Ordering::Equal) {
                Ordering::Greater => {
                    order.swap(at, moving);
                    moving = at;
                }
                Ordering::Less => break,
                Ordering::Equal => {}
            }
        }
    }
    order
}

/// Dense strides with the dims in `order`, the innermost first; `count` says what a size counts as.
fn packed(shape: &[usize], order: &[usize], count: impl Fn(usize) -> usize) -> Strides {
    let mut strides = Strides::from_elem(1, shape.len());
    let mut step = 1;
    for &d in order {
        strides[d] = step as isize;
        step *= count(shape[d]);
    }
    strides
}

/// The strides of images whose channels, dim 1 of four, are innermost; `None` for another rank.
pub fn channels_last_strides(shape: &[usize]) -> Option<Strides> {
    (shape.len() == 4).then(|| packed(shape, &[1, 3, 2, 0], |n| n.max(1)))
}

/// Whether strides are the same but for dims of size 1.
fn agree(shape: &[usize], a: &[isize], b: &[isize]) -> bool {
    shape.iter().zip(a.iter().zip(b)).all(|(&n, (a, b))| n == 1 || a == b)
}

/// Whether a gradient of layout `g` may become the `.grad` of a leaf as it is: a dense leaf has one
/// with its own strides, another a row-major one.
pub fn suits_leaf(leaf: &Meta, g: &Meta) -> bool {
    if leaf.is_contiguous() && g.has_usual_strides() {
        return true;
    }
    if !leaf.is_dense() {
        return g.is_contiguous();
    }
    // A stride of 0 is that of an expanded tensor.
    let fits = |(&n, (&g, &leaf)): (&usize, (&isize, &isize))| if n == 1 { g != 0 } else { g == leaf };
    leaf.shape() == g.shape() && leaf.shape().iter().zip(g.strides().iter().zip(leaf.strides())).all(fits)
}

/// The layout of the `.grad` of a leaf.
pub fn of_leaf(leaf: &Meta) -> Layout {
    let strides = if leaf.is_dense() { leaf.layout().strides.clone() } else { contiguous_strides(leaf.shape()) };
    with(leaf.shape(), strides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Array;

    fn array(shape: &[usize], strides: &[isize]) -> Array {
        let layout = with(shape, Strides::from_slice(strides));
        Array::empty(&[layout.extent().unwrap().end], DType::Float32).unwrap().with_layout(layout).unwrap()
    }

    fn result(shape: &[usize], inputs: &[&Array]) -> Vec<isize> {
        let strides = of_result(shape, inputs, DType::Float32, 0).strides.to_vec();
        if is_row_major(shape, inputs) {
            assert_eq!(strides, contiguous_strides(shape).iter().copied().collect::<Vec<_>>(), "{shape:?}");
        }
        strides
    }

    #[test]
    fn a_result_keeps_the_order_of_its_first_input_that_has_one() {
        let (rows, columns) = (array(&[3, 4], &[4, 1]), array(&[3, 4], &[1, 3]));
        assert_eq!(result(&[3, 4], &[&columns]), [1, 3]);
        assert_eq!(result(&[3, 4], &[&columns, &rows]), [1, 3]);
        assert_eq!(result(&[3, 4], &[&rows, &columns]), [4, 1]);
        let (number, column) = (array(&[], &[]), array(&[3, 1], &[1, 1]));
        assert_eq!(result(&[3, 4], &[&number, &columns]), [1, 3]);
        assert_eq!(result(&[3, 4], &[&column, &columns]), [1, 3]);
        // Every other column of a transposed matrix: no gaps in the result.
        assert_eq!(result(&[3, 4], &[&array(&[3, 4], &[1, 6])]), [1, 3]);
        assert_eq!(result(&[3, 4], &[&array(&[3, 4], &[0, 1])]), [4, 1]);
    }

    #[test]
    fn broadcasting_row_major_inputs_makes_row_major_results() {
        let shapes: [&[usize]; 8] = [&[], &[1], &[4], &[1, 4], &[3, 1], &[3, 4], &[2, 1, 1], &[2, 3, 1]];
        for (a, b) in shapes.iter().flat_map(|a| shapes.map(|b| (*a, b))) {
            let Ok(shape) = crate::dims::broadcast(a, b) else { continue };
            let inputs = [a, b].map(|s| array(s, &contiguous_strides(s)));
            assert!(is_row_major(&shape, &[&inputs[0], &inputs[1]]), "{a:?} {b:?}");
            result(&shape, &[&inputs[0], &inputs[1]]);
        }
    }

    #[test]
    fn a_copy_keeps_dense_strides_and_closes_gaps() {
        let copy = |shape: &[usize], strides: &[isize]| preserved(array(shape, strides).layout()).strides.to_vec();
        assert_eq!(copy(&[2, 3, 4], &[1, 8, 2]), [1, 8, 2]);
        assert_eq!(copy(&[2, 3], &[1, 5]), [1, 2]);
        assert_eq!(copy(&[2, 3], &[0, 1]), [3, 1]);
        assert_eq!(copy(&[1, 3], &[0, 1]), [0, 1]);
    }
}
