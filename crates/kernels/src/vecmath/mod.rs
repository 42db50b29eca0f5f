//! Elementary and special functions.
//!
//! The hot ones are vector code in f32, each in a file with its algorithm, the source of its constants and a `MAX_ULP` that the tests prove:
//! every f32 is tried by the ignored tests, a dense sample by the others. The rest run lane by lane through f64 ([`lanes`]), which is right to the
//! last place in f32 and costs one small function each. The f64 functions that Rust's standard library lacks are in [`f64`](mod@f64).

pub mod f64;
pub mod lanes;
pub mod remainder;
