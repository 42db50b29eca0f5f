//! Selecting by a mask of bools, as bytes: compacting, its inverse, and the coordinates of what is
//! set.
//!
//! How many elements a mask selects is [`count_nonzero`](crate::reduce::count_nonzero); outputs
//! have to be of that size.

use crate::reduce::Number;

/// Writes the elements of `x` whose mask is not 0 to `out`, in order.
///
/// **Errors**: panics when x and mask differ in length, or out is not of the mask's count.
pub fn compact<T: Copy>(x: &[T], mask: &[u8], out: &mut [T]) {
    assert!(x.len() == mask.len(), "kernel: mask of {} for {} elements", mask.len(), x.len());
    let mut selected = x.iter().zip(mask).filter(|(_, m)| **m != 0);
    for y in out.iter_mut() {
        *y = *selected.next().expect("kernel: output larger than the mask's count").0;
    }
    assert!(selected.next().is_none(), "kernel: output smaller than the mask's count");
}

/// Writes the elements of `x`, in order, to where the mask is not 0, and leaves the rest of `out`;
/// x may be longer than the mask's count.
///
/// **Errors**: panics when out and mask differ in length, or x has fewer elements than the mask
/// selects.
pub fn expand<T: Copy>(out: &mut [T], mask: &[u8], x: &[T]) {
    assert!(out.len() == mask.len(), "kernel: mask of {} for {} elements", mask.len(), out.len());
    let mut values = x.iter();
    for (y, _) in out.iter_mut().zip(mask).filter(|(_, m)| **m != 0) {
        *y = *values.next().expect("kernel: input smaller than the mask's count");
    }
}

/// The positions of the elements that are not zero, in order.
///
/// **Errors**: panics when out is not of their number.
pub fn nonzero<T: Number>(x: &[T], out: &mut [i64]) {
    nonzero_in(x, &[x.len()], out);
}

/// The coordinates, in an array of this shape, of the elements that are not zero: `out` is `[count,
/// shape.len()]`, in order of the elements.
///
/// **Errors**: panics when out is not of that size, or x is not of that shape.
pub fn nonzero_in<T: Number>(x: &[T], shape: &[usize], out: &mut [i64]) {
    assert!(x.len() == shape.iter().product(), "kernel: {} elements are not of shape {shape:?}", x.len());
    if shape.is_empty() {
        assert!(out.is_empty(), "kernel: a scalar has no coordinates");
        return;
    }
    let mut rows = out.chunks_exact_mut(shape.len());
    for (at, _) in x.iter().enumerate().filter(|(_, x)| **x != T::ZERO) {
        let row = rows.next().expect("kernel: output smaller than the count");
        let mut rest = at;
        for (coordinate, &size) in row.iter_mut().zip(shape).rev() {
            *coordinate = (rest % size) as i64;
            rest /= size;
        }
    }
    assert!(rows.next().is_none() && rows.into_remainder().is_empty(), "kernel: output larger than the count");
}
