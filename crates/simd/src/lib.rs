//! Vectors of 128 bits, and the only home of intrinsics in the workspace.
//!
//! # What
//!
//! Five `Copy` types, [`F32x4`], [`F64x2`], [`I32x4`], [`I64x2`] and the masks [`M32x4`] and
//! [`M64x2`], with operators and methods. One of three back ends is compiled in, chosen by `cfg`
//! alone, so a kernel contains no dispatch:
//!
//! | back end | when | notes |
//! |---|---|---|
//! | `wasm32` | `target_feature = "simd128"` | `relaxed-simd` adds the fused multiply-add and a one-instruction select |
//! | `x86_64` | always there (SSE2) | `sse4.1` and `fma` are used when the build turns them on |
//! | [`scalar`] | everywhere else, or with the feature `scalar` | arrays, lane by lane; the meaning of every method |
//!
//! A method means the same in every back end, to the bit, except for the payload of a NaN and for
//! [`F32x4::mul_add`], which rounds once where [`FUSED`] is true and twice elsewhere. The tests
//! hold each back end against [`scalar`].
//!
//! # Why so small, and why not `std::simd`
//!
//! `std::simd` is not stable, and its portable minimum (`simd_min` with IEEE rules, saturating
//! casts) is what WebAssembly engines are slowest at: on x86 `f32x4.min` takes five instructions
//! and `i32x4.trunc_sat_f32x4` six, where `pmin` and a magic-number rounding take one. A kernel has
//! to be able to choose, so both are here under different names. LLVM never forms
//! `f32x4.relaxed_madd` by itself either; it must be asked for. The width is fixed because
//! WebAssembly's is; a kernel that wants more work in flight takes several vectors an iteration.
//!
//! # Pointers
//!
//! Loads and stores are unaligned and `unsafe`: the caller owns the bounds. Everything else is
//! safe.
//!
//! ```
//! use adjoint_simd::F32x4;
//!
//! // y = max(2x + 1, 0), and zero where x is NaN.
//! let x = F32x4::from_array([-1.0, 0.5, f32::NAN, 3.0]);
//! let y = x.mul_add(F32x4::splat(2.0), F32x4::splat(1.0)).pmax(F32x4::splat(0.0));
//! let y = F32x4::select(x.is_nan(), F32x4::splat(0.0), y);
//! assert_eq!(y.to_array(), [0.0, 2.0, 0.0, 7.0]);
//! assert_eq!(y.sum(), 9.0);
//! ```

mod operators;
pub mod scalar;
mod vector;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128", not(feature = "scalar")))]
mod wasm32;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128", not(feature = "scalar")))]
use wasm32 as backend;

#[cfg(all(target_arch = "x86_64", not(feature = "scalar")))]
mod x86_64;
#[cfg(all(target_arch = "x86_64", not(feature = "scalar")))]
use x86_64 as backend;

#[cfg(any(
    feature = "scalar",
    not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))
))]
use scalar as backend;

pub use backend::{F32x4, F64x2, I32x4, I64x2, M32x4, M64x2};
pub use vector::{Scalar, Vector};

/// Whether `mul_add` rounds once (a hardware fused multiply-add) or twice (a product, then a sum).
pub const FUSED: bool = cfg!(any(target_feature = "fma", target_feature = "relaxed-simd"));

#[cfg(test)]
mod tests;
