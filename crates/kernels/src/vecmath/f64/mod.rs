//! The f64 functions that the standard library lacks, and those it has only to a few digits.

pub mod erf;
pub mod erfinv;
pub mod gamma;
pub mod hyperbolic;
pub mod pow;

pub use erf::{erf, erfc};
pub use erfinv::erfinv;
pub use gamma::{digamma, lgamma};
pub use hyperbolic::{acosh, asinh, atanh, sigmoid};
pub use pow::pow;
