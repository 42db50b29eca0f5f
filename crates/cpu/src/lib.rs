#![doc = include_str!("../README.md")]
//! # Modules
//!
//! | module | duty |
//! |---|---|
//! | [`accumulate`] | adding elements at indices |
//! | [`attention`] | scaled dot products, and their derivatives |
//! | [`axis`] | dims as one axis, and kernels along a dim |
//! | [`dtype`] | from a dtype to the element type of a kernel |
//! | [`elementwise`] | formulas over arrays: dense, aligned, by strides |
//! | [`index`] | the parts of arrays that indices reach |
//! | [`matmul`] | matrix products |
//! | [`optimizer`] | steps of optimizers, in place |
//! | [`reduce`] | sums, means, products, extremes over dims |

// Tests may end where there is no memory.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

#[doc(hidden)]
pub use adjoint_tensor;

pub mod accumulate;
pub mod attention;
pub mod axis;
pub mod dtype;
pub mod elementwise;
pub mod index;
pub mod matmul;
pub mod optimizer;
pub mod reduce;
