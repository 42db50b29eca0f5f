//! The sums for f32 and f64, compiled with this crate: a generic one would be compiled again in
//! each crate that calls it.

use super::{Conv2d, forward, input_gradient, weight_gradient};
use adjoint_simd::Scalar;

/// An element type that convolves.
pub trait Convolve: Scalar {
    /// [`super::forward`].
    fn forward(conv: &Conv2d, x: &[Self], w: &[Self], bias: Option<&[Self]>, y: &mut [Self]);
    /// [`super::input_gradient`].
    fn input_gradient(conv: &Conv2d, g: &[Self], w: &[Self], dx: &mut [Self]);
    /// [`super::weight_gradient`].
    fn weight_gradient(conv: &Conv2d, g: &[Self], x: &[Self], dw: &mut [Self]);
}

macro_rules! convolve {
    ($t:ty) => {
        impl Convolve for $t {
            fn forward(conv: &Conv2d, x: &[Self], w: &[Self], bias: Option<&[Self]>, y: &mut [Self]) {
                forward(conv, x, w, bias, y);
            }
            fn input_gradient(conv: &Conv2d, g: &[Self], w: &[Self], dx: &mut [Self]) {
                input_gradient(conv, g, w, dx);
            }
            fn weight_gradient(conv: &Conv2d, g: &[Self], x: &[Self], dw: &mut [Self]) {
                weight_gradient(conv, g, x, dw);
            }
        }
    };
}

convolve!(f32);
convolve!(f64);
