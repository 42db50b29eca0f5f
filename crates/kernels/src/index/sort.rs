//! Sorting along an axis, and the first k of what sorting would give.
//!
//! Every element is mapped to a `u64` whose order is the order wanted ([`SortKey`]), paired with
//! its position, and the pairs are sorted: the sort itself exists once for all dtypes and both
//! directions, is stable because no two pairs are equal, and needs no comparison of floats.

use super::selection;
use crate::exec::{Grain, Part, for_range};
use crate::reduce::Axis;
use crate::scratch;

/// An element that has a total order.
pub trait SortKey: Copy + Send + Sync {
    /// A number in the same order as the element: −0 and +0 are equal, and a NaN is above
    /// everything, equal to every other NaN.
    fn sort_key(self) -> u64;
}

macro_rules! float_key {
    ($t:ident, $bits:ident, $signed:ident) => {
        impl SortKey for $t {
            #[inline(always)]
            fn sort_key(self) -> u64 {
                if self.is_nan() {
                    return u64::MAX;
                }
                // Adding +0 makes −0 a +0. Then negative numbers, whose bits grow downwards, are
                // complemented, and the others set above them.
                let bits = (self + 0.0).to_bits();
                let negative = (bits as $signed) < 0;
                u64::from(if negative { !bits } else { bits | 1 << ($bits::BITS - 1) })
            }
        }
    };
}

macro_rules! int_key {
    ($($t:ident)+) => {$(
        impl SortKey for $t {
            #[inline(always)]
            fn sort_key(self) -> u64 {
                (i64::from(self) as u64) ^ 1 << 63
            }
        }
    )+};
}

float_key!(f32, u32, i32);
float_key!(f64, u64, i64);
int_key!(i64 i32 i16 i8 u8);

/// An element's key and its position, in the order of a stable sort.
pub(super) type Entry = (u64, u32);

/// Sorts along the axis, stably; NaNs come last, or first when descending.
///
/// **Shapes**: x, values and indices are `[outer, n, inner]`; `indices` tells where along the axis
/// each value was.
///
/// **Errors**: panics when an array does not have the elements its shape needs, or `n` is 2³² or
/// more.
///
/// **Cost**: `n` for each digit in which keys of a lane differ, or `n log n` comparisons, and a scratch
/// of 32 bytes an element of one lane.
pub fn sort<T: SortKey>(x: &[T], axis: Axis, descending: bool, values: &mut [T], indices: &mut [i64]) {
    each_lane(x, axis, axis.n, descending, values, indices, |entries, _| in_order(entries));
}

/// Entries from which on digits are cheaper than comparisons.
const DIGITS_FROM: usize = 128;
/// Entries from which on digits are long.
const LONG: usize = 4096;

/// Sorts entries whose positions ascend: by the digits in which their keys differ, the lowest first,
/// each time without changing the order of equal digits.
fn in_order(entries: &mut [Entry]) {
    let n = entries.len();
    let (bits, most) = if n < LONG { (8, 4) } else { (11, 6) };
    let first = entries.first().map_or(0, |e| e.0);
    let differ = entries.iter().fold(0, |differ, e| differ | (e.0 ^ first));
    let mask = (1u64 << bits) - 1;
    // Where digits begin: at the lowest bit that differs and is in none yet.
    let mut shifts = [0; 8];
    let (mut rest, mut digits) = (differ, 0);
    while rest != 0 && digits <= most {
        shifts[digits] = rest.trailing_zeros();
        rest &= !(mask << shifts[digits]);
        digits += 1;
    }
    if n < DIGITS_FROM || digits > most {
        return entries.sort_unstable();
    }
    let Some(mut other) = scratch::filled((0, 0), n) else { return };
    let (mut from, mut to) = (&mut *entries, &mut other[..]);
    for &shift in &shifts[..digits] {
        let digit = |entry: &Entry| (entry.0 >> shift & mask) as usize;
        let mut starts = [0u32; 1 << 11];
        from.iter().for_each(|e| starts[digit(e)] += 1);
        let mut start = 0;
        for count in &mut starts[..1 << bits] {
            start += core::mem::replace(count, start);
        }
        for entry in from.iter() {
            let at = &mut starts[digit(entry)];
            to[*at as usize] = *entry;
            *at += 1;
        }
        core::mem::swap(&mut from, &mut to);
    }
    if digits % 2 == 1 {
        // The last pass wrote to the scratch.
        to.copy_from_slice(from);
    }
}

/// The first `k` elements in the order of [`sort`]: with `largest`, in descending order. Of equal ones
/// those that PyTorch chooses ([`selection`]).
///
/// **Shapes**: x is `[outer, n, inner]`, values and indices `[outer, k, inner]`.
///
/// **Errors**: as [`sort`]; panics when `k > n`.
///
/// **Cost**: `n + k log k` a lane.
pub fn topk<T: SortKey>(x: &[T], axis: Axis, k: usize, largest: bool, values: &mut [T], indices: &mut [i64]) {
    assert!(k <= axis.n, "kernel: k={k} of an axis of {}", axis.n);
    each_lane(x, axis, k, largest, values, indices, selection::first);
}

/// The element with `n` others before it in ascending order.
///
/// **Errors**: panics when there are not more than `n`.
///
/// **Cost**: one pass on average, and a scratch of 16 bytes an element.
pub fn nth<T: SortKey>(x: &[T], n: usize) -> T {
    let Some(mut entries) = scratch::with_room::<Entry>(x.len()) else { return x[n] };
    #[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
    entries.extend(x.iter().enumerate().map(|(i, x)| (x.sort_key(), i as u32)));
    x[entries.select_nth_unstable(n).1.1 as usize]
}

/// Orders each lane by `order(entries, k)`, and writes its first `k`.
#[inline(always)]
fn each_lane<T: SortKey>(
    x: &[T],
    axis: Axis,
    k: usize,
    descending: bool,
    values: &mut [T],
    indices: &mut [i64],
    order: fn(&mut [Entry], usize),
) {
    let Axis { outer, n, inner } = axis;
    axis.check_full(x.len());
    let kept = Axis { n: k, ..axis };
    kept.check_full(values.len());
    kept.check_full(indices.len());
    assert!(u32::try_from(n).is_ok(), "kernel: cannot sort an axis of {n}");
    // Complementing a key reverses the order of keys and leaves that of positions, so that
    // descending is stable too.
    let flip = if descending { u64::MAX } else { 0 };
    let rows = k * inner;
    let (values, indices) = (Part::new(values), Part::new(indices));
    for_range(outer, Grain::of(10 * n * inner), &(values, indices), |range| {
        let Some(mut entries) = scratch::with_room::<Entry>(n) else { return };
        for o in range {
            // SAFETY: ranges are disjoint.
            let (values, indices) =
                unsafe { (values.slice(o * rows..(o + 1) * rows), indices.slice(o * rows..(o + 1) * rows)) };
            for c in 0..inner {
                let at = |i: usize| (o * n + i) * inner + c;
                entries.clear();
                #[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
                entries.extend((0..n).map(|i| (x[at(i)].sort_key() ^ flip, i as u32)));
                order(&mut entries, k);
                for (j, &(_, i)) in entries[..k].iter().enumerate() {
                    let to = j * inner + c;
                    values[to] = x[at(i as usize)];
                    indices[to] = i64::from(i);
                }
            }
        }
    });
}
