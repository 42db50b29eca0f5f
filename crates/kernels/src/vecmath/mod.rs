//! Elementary and special functions.
//!
//! The hot ones are vector code in f32, each in a file with its algorithm, the source of its
//! constants and a `MAX_ULP` that the tests prove: every f32 is tried by the ignored tests, a dense
//! sample by the others. Where f32 could not be right to the last place (powers, angles, `lgamma`,
//! remainders) vector code in f64, two lanes at a time, is rounded once. The rest run lane by lane
//! through f64 ([`lanes`]), which is as right and costs one small function each. The f64 functions
//! that Rust's standard library lacks, and those that are vector code there too, are in
//! [`f64`](mod@f64).
//!
//! They take and give [`F32s`](crate::algebra::F32s): `vecmath::exp(F32s([x]))` for one vector,
//! more for more in flight. All are inlined.
//!
//! Note [Arithmetic that engines like]: `pmin`/`pmax` instead of `min`/`max`, and rounding by
//! adding 1.5·2²³ instead of `nearest` and a conversion, because the latter are several
//! instructions each on x86. `x.pmin(limit)` and `x.pmax(limit)` give `x` when `x` is NaN, so a NaN
//! passes every clamp.

pub mod arcsine;
pub mod arctangent;
mod constants;
pub mod erf;
pub mod exp;
pub mod expm1;
pub mod f64;
pub mod lanes;
pub mod lgamma;
pub mod log;
pub mod log1p;
pub mod log1p_exp;
pub mod normal;
pub mod pow;
pub mod remainder;
pub mod sigmoid;
pub mod sine;
pub mod tan;
pub mod tanh;

pub use arcsine::{acos, asin};
pub use arctangent::{atan, atan2};
pub use erf::erf;
pub use exp::exp;
pub use expm1::expm1;
pub use lgamma::lgamma;
pub use log::log;
pub use log1p::log1p;
pub use log1p_exp::log1p_exp;
pub use normal::{ndtr, normal_density};
pub use pow::pow;
pub use sigmoid::sigmoid;
pub use sine::{cos, sin};
pub use tan::tan;
pub use tanh::tanh;
