//! Along contiguous rows.
//!
//! Blocks of [`BLOCK`] vectors are combined pairwise in registers, which leaves one addition an element in the inner loop; what joining a block
//! costs besides is spread over its elements.

use super::{Aux, Combine, Map, pairwise};
use adjoint_simd::{Scalar, Vector};
use core::array::from_fn;

/// Vectors in a block.
const BLOCK: usize = 16;

/// Reduces `n` contiguous elements to one.
///
/// # Safety
/// `x` has `n` readable elements; `aux` has one where `M::AUX` is `Value`, and `n` where it is `Stream`.
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
pub(crate) unsafe fn fold_row_wide<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    n: usize,
) -> [f64; K] {
    // SAFETY: the caller's promise.
    unsafe {
        if n < BLOCK * T::LANES {
            fold_short::<T, C, M, K>(x, aux, n).map(|v| pairwise::<T, C>(v).to_f64())
        } else {
            fold_blocks::<T, C, M, K>(x, aux, n)
        }
    }
}

/// Joins block after block, and what is left, to the total.
#[inline(never)]
unsafe fn fold_blocks<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    n: usize,
) -> [f64; K] {
    let value = value_of::<T, C, M, K>(aux);
    let mut total = [T::Vector::splat(C::identity()); K];
    let mut carry = [T::Vector::splat(T::ZERO); K];
    let block = BLOCK * T::LANES;
    let mut at = 0;
    while at + block <= n {
        // SAFETY: a whole block is left from here on, in x and in a stream.
        let sums = unsafe {
            let half = |i: usize| quads::<T, C, M, K>(x.add(at), aux.wrapping_add(at), value, i);
            all::<C, _, K>(half(0), half(BLOCK / 2))
        };
        for k in 0..K {
            (total[k], carry[k]) = C::join(total[k], carry[k], sums[k]);
        }
        at += block;
    }
    let rest = if M::AUX == Aux::Stream { aux.wrapping_add(at) } else { aux };
    // SAFETY: fewer than a block are left.
    let sums = unsafe { fold_short::<T, C, M, K>(x.add(at), rest, n - at) };
    from_fn(|k| {
        let (total, carry) = C::join(total[k], carry[k], sums[k]);
        C::across::<T>(total, carry)
    })
}

/// The aux that all elements have, where there is one.
#[inline(always)]
fn value_of<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(aux: *const T) -> T::Vector {
    match M::AUX {
        // SAFETY: the callers' `Value` has one element.
        Aux::Value => unsafe { T::Vector::load_splat(aux) },
        Aux::None | Aux::Stream => T::Vector::splat(T::ZERO),
    }
}

/// Combines the numbers of two mapped vectors.
#[inline(always)]
fn all<C: Combine, V: Vector, const K: usize>(x: [V; K], y: [V; K]) -> [V; K] {
    from_fn(|k| C::combine(x[k], y[k]))
}

/// The mapped vector number `i`.
#[inline(always)]
unsafe fn take<T: Scalar, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    value: T::Vector,
    i: usize,
) -> [T::Vector; K] {
    // SAFETY: the caller has that vector in x and in a stream.
    unsafe {
        let a = if M::AUX == Aux::Stream { T::Vector::load(aux.add(i * T::LANES)) } else { value };
        M::map(T::Vector::load(x.add(i * T::LANES)), a)
    }
}

/// Vectors `i` to `i + 4`, combined pairwise.
#[inline(always)]
unsafe fn quad<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    value: T::Vector,
    i: usize,
) -> [T::Vector; K] {
    // SAFETY: the caller has those vectors.
    unsafe {
        let pair = |i| all::<C, _, K>(take::<T, M, K>(x, aux, value, i), take::<T, M, K>(x, aux, value, i + 1));
        all::<C, _, K>(pair(i), pair(i + 2))
    }
}

/// Vectors `i` to `i + 8`, combined pairwise.
#[inline(always)]
unsafe fn quads<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    value: T::Vector,
    i: usize,
) -> [T::Vector; K] {
    // SAFETY: the caller has those vectors.
    unsafe {
        let quad = |i| quad::<T, C, M, K>(x, aux, value, i);
        all::<C, _, K>(quad(i), quad(i + 4))
    }
}

/// Reduces fewer elements than a block to a vector.
#[inline(never)]
unsafe fn fold_short<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    n: usize,
) -> [T::Vector; K] {
    let identity = T::Vector::splat(C::identity());
    let value = value_of::<T, C, M, K>(aux);
    let (mut sum, mut at) = ([identity; K], 0);
    // SAFETY: whole vectors below n, in x and in a stream; then fewer than a vector, for which the lanes array has room.
    unsafe {
        let from = |at: usize| (x.add(at), aux.wrapping_add(at));
        while at + 4 * T::LANES <= n {
            let (x, aux) = from(at);
            sum = all::<C, _, K>(sum, quad::<T, C, M, K>(x, aux, value, 0));
            at += 4 * T::LANES;
        }
        while at + T::LANES <= n {
            let (x, aux) = from(at);
            sum = all::<C, _, K>(sum, take::<T, M, K>(x, aux, value, 0));
            at += T::LANES;
        }
        if at < n && n >= T::LANES {
            // The last vector of the row, less what it shares with the one before.
            let (x, aux) = from(n - T::LANES);
            let last = take::<T, M, K>(x, aux, value, 0).map(|v| v.keep_last(n - at, identity));
            sum = all::<C, _, K>(sum, last);
        } else if at < n {
            let a = if M::AUX == Aux::Stream { T::Vector::load_partial(aux, n, T::ZERO) } else { value };
            sum = M::map(T::Vector::load_partial(x, n, T::ZERO), a).map(|v| {
                let mut lanes = [C::identity(); 4];
                v.store_partial(lanes.as_mut_ptr(), n);
                T::Vector::load(lanes.as_ptr())
            });
        }
    }
    sum
}
