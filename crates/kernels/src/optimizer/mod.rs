//! Steps of optimizers, in place: one pass over a parameter, its gradient and what is remembered of
//! it.
//!
//! What an optimizer does with one element is a [`Formula`], written once against [`Lane`]. It runs
//! over vectors of float32 and float64, and in half precision over numbers that round after each
//! operation, as PyTorch's ops do.

mod lane;
mod rounded;

pub use lane::Lane;
pub use rounded::rounded;

use crate::exec::{Grain, Part, Shared, for_range};
pub use adjoint_simd::Scalar;
use adjoint_simd::Vector;
use std::ops::Range;

/// What a step does with an element: of the parameter, its gradient and the `N` numbers remembered
/// of it.
pub trait Formula<const N: usize>: Copy + Sync {
    /// The new parameter and what is remembered from now on.
    fn step<L: Lane>(self, p: L, g: L, state: [L; N]) -> (L, [L; N]);
}

/// A step over whole arrays, which are written but for the gradient.
///
/// **Errors**: panics when the arrays have different lengths.
pub fn update<T: Scalar, const N: usize>(by: impl Formula<N>, p: &mut [T], g: &[T], state: [&mut [T]; N]) {
    let n = p.len();
    assert!(g.len() == n && state.iter().all(|s| s.len() == n), "a step: arrays of different lengths");
    let (p, state) = (Part::new(p), state.map(Part::new));
    // SAFETY: a range writes its own elements.
    let pointers = unsafe { Shared::new((p.as_mut_ptr(), g.as_ptr(), state.map(|s| s.as_mut_ptr()))) };
    for_range(n, Grain::of(20).in_units(T::LANES), &(p, state), |range| {
        let (p, g, state) = pointers.get();
        // SAFETY: all have n elements, and the exclusive borrows keep what is written apart.
        unsafe { update_range(by, p, g, state, range) };
    });
}

/// # Safety
/// The elements in `range` are readable, and those of `p` and `state` writable; the arrays are
/// apart.
#[inline(always)]
unsafe fn update_range<T: Scalar, const N: usize>(
    by: impl Formula<N>,
    p: *mut T,
    g: *const T,
    state: [*mut T; N],
    range: Range<usize>,
) {
    let whole = range.end - range.len() % T::LANES;
    // SAFETY: whole vectors below `whole`, and then the elements that are left, fewer than a
    // vector.
    unsafe {
        for at in (range.start..whole).step_by(T::LANES) {
            let load = |x: *const T| T::Vector::load(x.add(at));
            let (new, states) = by.step(load(p), load(g), state.map(|s| load(s)));
            new.store(p.add(at));
            for (s, v) in state.into_iter().zip(states) {
                v.store(s.add(at));
            }
        }
        if whole < range.end {
            let rest = range.end - whole;
            let load = |x: *const T| T::Vector::load_partial(x.add(whole), rest, T::ZERO);
            let (new, states) = by.step(load(p), load(g), state.map(|s| load(s)));
            new.store_partial(p.add(whole), rest);
            for (s, v) in state.into_iter().zip(states) {
                v.store_partial(s.add(whole), rest);
            }
        }
    }
}
