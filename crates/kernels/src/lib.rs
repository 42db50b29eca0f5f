#![doc = include_str!("../README.md")]
//! # Modules
//!
//! - [`dtype`]: the element types and their conversions.
//! - [`algebra`]: one formula, many instantiations — the traits a formula is written against,
//!   their vector lanes, and dual numbers.
//! - [`program`]: the table of the steps a formula may take, the recorded formula, its interpreter
//!   and printer.
//! - [`vecmath`]: exp, log, tanh, … on vectors, each with a stated accuracy.
//! - [`elementwise`]: from a formula to a loop over contiguous blocks, and from blocks to strided
//!   tensors.
//! - [`gemm`], [`conv`], [`pool`], [`reduce`], [`softmax`], [`norm`], [`attention`], [`recurrent`],
//!   [`index`], [`linalg`], [`windows`]: the other families of loops.
//! - [`optimizer`]: steps of optimizers, in place.
//! - [`exec`]: how a loop is split and spread over threads, and the proof that it may be.
//! - [`scratch`]: vectors that there may be no memory for.
//! - [`abandoned`]: cells that a call left borrowed which never came to its end.

// Sleeping on a word of shared memory: only the binaries with threads are compiled so, with a
// standard library of their own.
#![cfg_attr(all(target_arch = "wasm32", target_feature = "atomics"), feature(stdarch_wasm_atomic_wait))]
// Tests may end where there is no memory.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod abandoned;
pub mod algebra;
pub mod attention;
pub mod conv;
pub mod dtype;
pub mod elementwise;
pub mod exec;
pub mod gemm;
pub mod index;
pub mod linalg;
pub mod norm;
pub mod optimizer;
pub mod pool;
pub mod program;
pub mod recurrent;
pub mod reduce;
pub mod scratch;
pub mod softmax;
pub mod vecmath;
pub mod windows;

/// The number of elements of a shape: 0 where a size is, even where the others alone are more than
/// can be counted.
pub fn numel(shape: &[usize]) -> usize {
    shape.iter().fold(1, |n: usize, &size| n.wrapping_mul(size))
}
