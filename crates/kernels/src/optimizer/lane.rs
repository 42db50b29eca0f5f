//! What formulas of steps compute with.

use adjoint_simd::{Scalar, Vector};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Numbers of a step, one or several side by side. Its methods are PyTorch's ops on tensors, each
/// of which rounds once in half precision; the numbers they take are rounded to the dtype first
/// where PyTorch does so.
pub trait Lane:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// `self · factor`: `mul_`.
    fn times(self, factor: f64) -> Self;
    /// `self / divisor`: `div_`.
    fn over(self, divisor: f64) -> Self;
    /// `self + number`: `add_`. The number is rounded.
    fn plus(self, number: f64) -> Self;
    /// `self + alpha · other`, fused where that is faster: `add_` with `alpha`, which is rounded.
    fn add_scaled(self, alpha: f64, other: Self) -> Self;
    /// `self · a + other · b`, never fused: `mul_` by `a`, then `add_` with the rounded `b`.
    fn mix(self, a: f64, other: Self, b: f64) -> Self;
    /// `self + value · a · b`: `addcmul_`.
    fn add_product(self, value: f64, a: Self, b: Self) -> Self;
    /// `self + value · a / b`: `addcdiv_`.
    fn add_quotient(self, value: f64, a: Self, b: Self) -> Self;
    /// `self + weight · (to − self)`: `lerp_`.
    fn lerp(self, to: Self, weight: f64) -> Self;
    /// This number in every place, rounded.
    fn filled(self, v: f64) -> Self;
    /// `1 / self`.
    fn reciprocal(self) -> Self;
    /// `√self`.
    fn sqrt(self) -> Self;
    /// `|self|`.
    fn abs(self) -> Self;
    /// The greater of the two, NaN where either is.
    fn max(self, other: Self) -> Self;
    /// The first of these where it is below 0, the second where it is 0, the third where it is
    /// above; NaN stays NaN.
    fn by_sign(self, below: Self, zero: Self, above: Self) -> Self;
    /// At least `low` and at most `high`: `clamp_`.
    fn clamp(self, low: f64, high: f64) -> Self;
}

fn splat<V: Vector>(v: f64) -> V {
    V::splat(V::Scalar::from_f64(v))
}

impl<V: Vector> Lane for V {
    #[inline(always)]
    fn times(self, factor: f64) -> V {
        self * splat(factor)
    }

    #[inline(always)]
    fn over(self, divisor: f64) -> V {
        self / splat(divisor)
    }

    #[inline(always)]
    fn plus(self, number: f64) -> V {
        self + splat(number)
    }

    #[inline(always)]
    fn add_scaled(self, alpha: f64, other: V) -> V {
        splat::<V>(alpha).mul_add(other, self)
    }

    #[inline(always)]
    fn mix(self, a: f64, other: V, b: f64) -> V {
        self * splat(a) + other * splat(b)
    }

    #[inline(always)]
    fn add_product(self, value: f64, a: V, b: V) -> V {
        self + splat::<V>(value) * a * b
    }

    #[inline(always)]
    fn add_quotient(self, value: f64, a: V, b: V) -> V {
        self + splat::<V>(value) * a / b
    }

    #[inline(always)]
    fn lerp(self, to: V, weight: f64) -> V {
        splat::<V>(weight).mul_add(to - self, self)
    }

    #[inline(always)]
    fn filled(self, v: f64) -> V {
        splat(v)
    }

    #[inline(always)]
    fn reciprocal(self) -> V {
        splat::<V>(1.0) / self
    }

    #[inline(always)]
    fn sqrt(self) -> V {
        V::sqrt(self)
    }

    #[inline(always)]
    fn abs(self) -> V {
        V::abs(self)
    }

    #[inline(always)]
    fn max(self, other: V) -> V {
        V::max(self, other)
    }

    #[inline(always)]
    fn by_sign(self, below: V, zero: V, above: V) -> V {
        let zeros = [V::Scalar::from_f64(0.0); 4];
        let [mut x, mut low, mut middle, mut high] = [zeros; 4];
        // SAFETY: no vector has more than four lanes.
        unsafe {
            self.store(x.as_mut_ptr());
            below.store(low.as_mut_ptr());
            zero.store(middle.as_mut_ptr());
            above.store(high.as_mut_ptr());
            for i in 0..4 {
                let v = x[i].to_f64();
                if v != 0.0 {
                    middle[i] = if v < 0.0 {
                        low[i]
                    } else if v > 0.0 {
                        high[i]
                    } else {
                        x[i]
                    };
                }
            }
            V::load(middle.as_ptr())
        }
    }

    #[inline(always)]
    fn clamp(self, low: f64, high: f64) -> V {
        V::min(V::max(self, splat(low)), splat(high))
    }
}
