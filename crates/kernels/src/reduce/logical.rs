//! Questions about zeros: any, all, how many not. A NaN is not zero.

use super::integer::fold;
use super::{Axis, Number};

/// 1 where the axis holds an element that is not zero, else 0; 0 for an empty axis.
///
/// **Shapes**: x is `[outer, n, inner]`, out `[outer, inner]` of bools as bytes.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn any<T: Number>(x: &[T], axis: Axis, out: &mut [u8]) {
    fold(x, axis, out, 0, |acc, x| acc | u8::from(x != T::ZERO));
}

/// 1 where no element of the axis is zero, else 0; 1 for an empty axis. Otherwise as [`any`].
pub fn all<T: Number>(x: &[T], axis: Axis, out: &mut [u8]) {
    fold(x, axis, out, 1, |acc, x| acc & u8::from(x != T::ZERO));
}

/// How many elements of the axis are not zero. Otherwise as [`any`].
pub fn count_nonzero<T: Number>(x: &[T], axis: Axis, out: &mut [i64]) {
    fold(x, axis, out, 0, |acc, x| acc + i64::from(x != T::ZERO));
}
