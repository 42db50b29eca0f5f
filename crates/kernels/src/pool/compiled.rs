//! The loops for f32 and f64, compiled with this crate: generic ones would be compiled again in
//! each crate that calls them.

use super::sequence::{four_windows, max_in_sequences};
use super::{Pool1d, Pool2d, Reach, Span, gather, max, max_f32, max_volume, mean, scatter, spread};
use adjoint_simd::Scalar;

/// An element type that is pooled.
pub trait Pooled: Scalar {
    /// [`super::max`].
    fn greatest(pool: &Pool2d, x: &[Self], y: &mut [Self], at: &mut [i32]);
    /// The greatest element of each window of sequences, and where it is, by the rules of
    /// [`super::max`].
    ///
    /// **Errors**: panics when a slice is not as long as the extents say.
    fn greatest_in_sequences(pool: &Pool1d, x: &[Self], y: &mut [Self], at: &mut [i32]);
    /// [`super::max_volume`].
    fn greatest_in_volumes(
        volumes: usize,
        size: [usize; 3],
        windows: [&[Reach]; 3],
        x: &[Self],
        y: &mut [Self],
        at: &mut [i32],
    );
    /// [`super::scatter`].
    fn scatter(planes: usize, g: &[Self], at: &[i32], out: &mut [Self]);
    /// [`super::gather`].
    fn gather(planes: usize, x: &[Self], at: &[i32], out: &mut [Self]);
    /// [`super::mean`].
    fn mean(planes: usize, size: [usize; 2], spans: [&[Span]; 2], divisor: f64, x: &[Self], y: &mut [Self]);
    /// [`super::spread`].
    fn spread(planes: usize, size: [usize; 2], spans: [&[Span]; 2], divisor: f64, g: &[Self], dx: &mut [Self]);
}

macro_rules! pooled {
    ($t:ty, $max:ident, $four:expr) => {
        impl Pooled for $t {
            fn greatest(pool: &Pool2d, x: &[Self], y: &mut [Self], at: &mut [i32]) {
                $max(pool, x, y, at);
            }
            fn greatest_in_sequences(pool: &Pool1d, x: &[Self], y: &mut [Self], at: &mut [i32]) {
                max_in_sequences(pool, x, y, at, $four);
            }
            fn greatest_in_volumes(
                volumes: usize,
                size: [usize; 3],
                windows: [&[Reach]; 3],
                x: &[Self],
                y: &mut [Self],
                at: &mut [i32],
            ) {
                max_volume(volumes, size, windows, x, y, at);
            }
            fn scatter(planes: usize, g: &[Self], at: &[i32], out: &mut [Self]) {
                scatter(planes, g, at, out);
            }
            fn gather(planes: usize, x: &[Self], at: &[i32], out: &mut [Self]) {
                gather(planes, x, at, out);
            }
            fn mean(planes: usize, size: [usize; 2], spans: [&[Span]; 2], divisor: f64, x: &[Self], y: &mut [Self]) {
                mean(planes, size, spans[0], spans[1], divisor, x, y);
            }
            fn spread(planes: usize, size: [usize; 2], spans: [&[Span]; 2], divisor: f64, g: &[Self], dx: &mut [Self]) {
                spread(planes, size, spans[0], spans[1], divisor, g, dx);
            }
        }
    };
}

pooled!(f32, max_f32, Some(four_windows));
pooled!(f64, max, None::<fn(&[f64], &Pool1d, usize, &mut [f64], &mut [i32])>);
