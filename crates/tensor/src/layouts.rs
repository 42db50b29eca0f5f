//! Layouts that arrays of one shape share.
//!
//! A program has tensors of few shapes. Contiguous layouts that were asked for lately are kept, so
//! that most arrays of one shape share one: making an array costs no layout, and two shapes are
//! compared by comparing two addresses.

use crate::Layout;
use crate::meta::Placement;
use std::cell::RefCell;
use std::rc::Rc;

/// How many are kept: each has one slot, chosen, by its shape.
const PLACES: usize = 64;

thread_local! {
    static KEPT: RefCell<[Option<Rc<Placement>>; PLACES]> = const { RefCell::new([const { None }; PLACES]) };
}

fn place(shape: &[usize]) -> usize {
    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): the high bits of a product
    // depend on all of the factor.
    let mixed = shape.iter().fold(shape.len() as u32, |h, &n| (h ^ n as u32).wrapping_mul(0x9E37_79B9));
    (mixed >> (u32::BITS - PLACES.trailing_zeros())) as usize
}

/// The row-major layout of `shape` at offset 0.
#[inline(never)]
pub(crate) fn contiguous(shape: &[usize]) -> Rc<Placement> {
    KEPT.with_borrow_mut(|kept| {
        let kept = &mut kept[place(shape)];
        match kept {
            Some(layout) if crate::dims::same(&layout.shape, shape) => layout.clone(),
            _ => kept.insert(Rc::new(Placement::of(Layout::contiguous(shape)))).clone(),
        }
    })
}

/// `layout`, to be shared: the one that is kept where it is equal to that.
pub(crate) fn shared(layout: Layout) -> Rc<Placement> {
    KEPT.with_borrow(|kept| match &kept[place(&layout.shape)] {
        // No kept one is of samples.
        Some(known) if ***known == layout => known.clone(),
        _ => Rc::new(Placement::of(layout)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_one_shape_share_a_layout_and_others_do_not() {
        let a = contiguous(&[2, 3]);
        assert!(Rc::ptr_eq(&a, &contiguous(&[2, 3])));
        assert!(Rc::ptr_eq(&a, &shared(Layout::contiguous(&[2, 3]))));
        assert!(!Rc::ptr_eq(&a, &shared(Layout::contiguous(&[3, 2]).transpose(0, 1))));
        // More shapes than there are slots.
        for n in 0..4 * PLACES {
            for shape in [&[n][..], &[n, 2], &[2, n]] {
                assert_eq!(**contiguous(shape), Layout::contiguous(shape));
            }
        }
    }
}
