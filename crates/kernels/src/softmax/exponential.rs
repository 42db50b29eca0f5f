//! The floats that have a vector exponential.

use crate::algebra::{Algebra, F32s, F64s};
use crate::reduce::fold::{Aux, Map};
use adjoint_simd::{F32x4, F64x2, Scalar};

/// A float with exp on vectors and a natural logarithm.
pub trait Exponential: Scalar {
    /// e to the power of each lane.
    fn exp(x: Self::Vector) -> Self::Vector;
    /// Natural logarithm.
    fn ln(self) -> Self;
}

impl Exponential for f32 {
    #[inline(always)]
    fn exp(x: F32x4) -> F32x4 {
        F32s([x]).exp().0[0]
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.ln()
    }
}

impl Exponential for f64 {
    #[inline(always)]
    fn exp(x: F64x2) -> F64x2 {
        F64s([x]).exp().0[0]
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.ln()
    }
}

/// exp(x − aux), for an aux a result: the terms of a log-sum-exp.
pub struct ExpShifted;

impl<T: Exponential> Map<T> for ExpShifted {
    const AUX: Aux = Aux::Value;
    #[inline(always)]
    fn map(x: T::Vector, aux: T::Vector) -> T::Vector {
        T::exp(x - aux)
    }
}
