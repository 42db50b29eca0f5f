//! Along contiguous rows.
//!
//! Four vector accumulators take [`TURNS`] terms a lane each, which makes a block; blocks join the
//! total. The inner loop is one load and one addition a vector, as in a plain sum.

use super::{Aux, Combine, Map, pairwise};
use adjoint_simd::{Scalar, Vector};
use core::array::from_fn;

/// Vector accumulators: in f32, a cache line an iteration. With two lines an iteration the same
/// loop takes half as long again.
const WIDE: usize = 4;
/// Terms a lane of an accumulator takes before they join the total.
const TURNS: usize = 8;

/// Reduces `n` contiguous elements to one.
///
/// # Safety
/// `x` has `n` readable elements; `aux` has one where `M::AUX` is `Value`, and `n` where it is
/// `Stream`.
#[inline(always)]
pub(crate) unsafe fn fold_row<T: Scalar, C: Combine, M: Map<T>>(x: *const T, aux: *const T, n: usize) -> T {
    // SAFETY: the caller's promise.
    let [sum] = unsafe { fold_row_wide::<T, C, M, 1>(x, aux, n) };
    T::from_f64(sum)
}

/// The same for every number that the map gives, before the last rounding.
///
/// # Safety
/// As [`fold_row`].
#[inline(never)]
pub(crate) unsafe fn fold_row_wide<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    n: usize,
) -> [f64; K] {
    let identity = T::Vector::splat(C::identity());
    let value = match M::AUX {
        // SAFETY: the caller's `Value` has one element.
        Aux::Value => unsafe { T::Vector::load_splat(aux) },
        Aux::None | Aux::Stream => identity,
    };
    let take = |at: usize| {
        // SAFETY: called with a whole vector left from `at` on, in x and in a stream.
        unsafe {
            let a = if M::AUX == Aux::Stream { T::Vector::load(aux.add(at)) } else { value };
            M::map(T::Vector::load(x.add(at)), a)
        }
    };
    let both = |x: [T::Vector; K], y: [T::Vector; K]| -> [T::Vector; K] { from_fn(|k| C::combine(x[k], y[k])) };
    let turn = WIDE * T::LANES;
    let whole = n - n % turn;
    let mut total = [identity; K];
    let mut carry = [T::Vector::splat(T::ZERO); K];
    let mut at = 0;
    while at != whole {
        let end = whole.min(at + turn * TURNS);
        let mut acc = [[identity; K]; WIDE];
        while at != end {
            let (from, with) = (x.wrapping_add(at), aux.wrapping_add(at));
            for (i, acc) in acc.iter_mut().enumerate() {
                // SAFETY: a whole iteration is left from here on, in x and in a stream.
                let term = unsafe {
                    let a = if M::AUX == Aux::Stream { T::Vector::load(with.add(i * T::LANES)) } else { value };
                    M::map(T::Vector::load(from.add(i * T::LANES)), a)
                };
                *acc = both(*acc, term);
            }
            at += turn;
        }
        let block = both(both(acc[0], acc[2]), both(acc[1], acc[3]));
        for k in 0..K {
            (total[k], carry[k]) = C::join(total[k], carry[k], block[k]);
        }
    }
    let mut rest = [identity; K];
    while at + T::LANES <= n {
        rest = both(rest, take(at));
        at += T::LANES;
    }
    if at < n && n >= T::LANES {
        // The last vector of the row, less what it shares with the one before.
        rest = both(rest, take(n - T::LANES).map(|v| v.keep_last(n - at, identity)));
    } else if at < n {
        // SAFETY: `n` elements, fewer than a vector; the lanes array has space for one.
        unsafe {
            let a = if M::AUX == Aux::Stream { T::Vector::load_partial(aux, n, T::ZERO) } else { value };
            rest = M::map(T::Vector::load_partial(x, n, T::ZERO), a).map(|v| {
                let mut lanes = [C::identity(); 4];
                v.store_partial(lanes.as_mut_ptr(), n);
                T::Vector::load(lanes.as_ptr())
            });
        }
    }
    if n <= turn * TURNS {
        // A block at most, and nothing carried.
        return both(total, rest).map(|v| pairwise::<T, C>(v).to_f64());
    }
    from_fn(|k| {
        let (total, carry) = C::join(total[k], carry[k], rest[k]);
        C::across::<T>(total, carry)
    })
}
