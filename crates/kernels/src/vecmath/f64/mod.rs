//! The f64 functions that the standard library lacks, those it has only to a few digits, and, two
//! lanes at a time, those that are asked for often.

use adjoint_simd::F64x2;

pub mod erf;
pub mod erfinv;
pub mod exp;
pub mod gamma;
pub mod hyperbolic;
pub mod log;
pub mod pow;
pub mod remainder;
pub mod sigmoid;
pub mod sine;
pub mod tanh;

pub use erf::{erf, erfc};
pub use erfinv::erfinv;
pub use exp::exp;
pub use gamma::{digamma, lgamma};
pub use hyperbolic::{acosh, asinh, atanh};
pub use log::log;
pub use pow::pow;
pub use sigmoid::sigmoid;
pub use sine::{cos, sin};
pub use tanh::tanh;

/// 1.5·2⁵²: adding it rounds a smaller number to an integer, which lands in the low bits.
pub(super) const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// A function of f64: a number at a time, or two.
#[derive(Clone, Copy)]
pub enum Function {
    /// Of one number.
    Number(fn(f64) -> f64),
    /// Of each of two numbers.
    Pair(fn(F64x2) -> F64x2),
}

impl Function {
    /// What it makes of each of two numbers.
    #[inline(always)]
    pub fn of(self, x: F64x2) -> F64x2 {
        match self {
            Self::Number(f) => F64x2::from_array(x.to_array().map(f)),
            Self::Pair(f) => f(x),
        }
    }
}
