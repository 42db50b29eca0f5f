//! Division that rounds down or towards zero, and what it leaves, in f32, computed in f64.
//!
//! The quotient of two f32 that is not whole is at least 2⁻²⁴ from the next whole number, so in f64
//! it rounds to none while it is below 2²⁸; its product with the divisor is exact there, and so is
//! the difference. Beyond, and for divisors of 0 and ∞, the functions of
//! [`f64`](super::f64::remainder) answer, which are exact as well.

use adjoint_simd::{F32x4, F64x2};

use super::constants::k64;
use super::f64::remainder as slow;
use super::lanes;
use crate::algebra::F32s;

/// The quotients that are whole or clearly not.
const LIMIT: f64 = 268_435_456.0;

/// Declares functions of two vectors by what they make of two lanes and their quotient in f64.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $slowly:expr, |$x:ident, $y:ident, $quotient:ident| $value:expr;)+) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<const K: usize>(x: F32s<K>, y: F32s<K>) -> F32s<K> {
            #[inline(never)]
            fn of_vectors(x: F32x4, y: F32x4) -> F32x4 {
                let ((x0, x1), (y0, y1)) = (x.to_f64(), y.to_f64());
                let (q0, q1) = (x0 / y0, x1 / y1);
                let is_usual = q0.abs().lt(k64!(LIMIT)) & q1.abs().lt(k64!(LIMIT));
                let is_finite = y.abs().lt(F32x4::splat(f32::INFINITY));
                if !is_usual.all() || !is_finite.all() {
                    return lanes::binary(F32s([x]), F32s([y]), $slowly).0[0];
                }
                let f = |$x: F64x2, $y: F64x2, $quotient: F64x2| $value;
                F64x2::to_f32(f(x0, y0, q0), f(x1, y1, q1))
            }
            F32s(core::array::from_fn(|i| of_vectors(x.0[i], y.0[i])))
        }
    )+};
}

functions! {
    /// `x / y` rounded towards −∞ as `torch.floor_divide`.
    div_floor slow::div_floor, |_x, _y, q| q.floor();
    /// What division towards zero leaves of `x`, with its sign: C's `fmod`.
    // Zeros too have the sign of x.
    fmod |x, y| x % y, |x, y, q| q.trunc().neg_mul_add(y, x) | (x & k64!(-0.0));
    /// What [`div_floor`] leaves of `x`, with the sign of `y`: `torch.remainder`. NaN for `y == 0`.
    // A zero has the sign of x.
    remainder slow::remainder, |x, y, q| {
        let rest = q.floor().neg_mul_add(y, x);
        let is_zero = F64x2::from_bits(rest.eq(F64x2::splat(0.0)).to_bits());
        rest | (x & is_zero & k64!(-0.0))
    };
}
