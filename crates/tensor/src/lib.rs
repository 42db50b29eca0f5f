#![doc = include_str!("../README.md")]
//! # Modules
//!
//! | module | duty |
//! |---|---|
//! | [`allocator`] | the caching allocator of the WebAssembly build |
//! | [`array`] | [`Array`]: constructors, views, copies, reading |
//! | [`batch`] | arrays of samples: the dims that `vmap` hides |
//! | [`bits`] | elements as bare bits, for what only moves them |
//! | `bytes` | bool tensors as bytes |
//! | [`dims`] | shapes and strides as short vectors, dim wrapping, broadcasting |
//! | [`error`] | [`Error`] with code, op, message and details |
//! | [`layout`] | [`Layout`]: shape, strides, offset and what can be done with them for free |
//! | `layouts` | layouts that arrays of one shape share |
//! | [`meta`] | [`Meta`]: what is known of an array without its bytes |
//! | [`memory`] | allocation of storage bytes and their accounting |
//! | [`promotion`] | PyTorch's type promotion |
//! | [`rng`] | PyTorch's CPU generator |
//! | [`scalar`] | numbers that are not tensors |
//! | [`storage`] | bytes with a version counter |

// Tests may end where there is no memory.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod allocator;
pub mod array;
pub mod batch;
pub mod bits;
mod bytes;
pub mod dims;
pub mod error;
pub mod layout;
mod layouts;
pub mod memory;
pub mod meta;
pub mod order;
pub mod promotion;
pub mod rng;
pub mod scalar;
pub mod scratch;
pub mod storage;

pub use adjoint_kernels::dtype::DType;
pub use array::Array;
pub use dims::{Dims, Strides};
pub use error::{Code, Error, Result};
pub use layout::Layout;
pub use meta::Meta;
pub use scalar::Scalar;
pub use storage::Storage;
