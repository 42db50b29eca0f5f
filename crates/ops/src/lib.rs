#![doc = include_str!("../README.md")]
//! # Modules
//!
//! | module | duty |
//! |---|---|
//! | [`elementwise`], [`reduce`], [`view`], [`contract`], [`conv`], [`pool`], [`create`], [`index`], [`linalg`], [`nn`], [`rnn`], [`random`], [`special`], [`masked`], [`optim`] | the ops by family |
//! | [`formula`] | elementwise formulas written once, instantiated as kernels, tracked tensors and text |
//! | [`invoke`] | calling ops from Rust |
//! | [`shared`] | parts that several ops are made of: checks, samples, launching, and by family |
//! | [`registry`] | the table, sorted by name; an op's place in it is its id |

// Tests may end where there is no memory.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]
#![forbid(unsafe_code)]

pub mod contract;
pub mod conv;
pub mod create;
pub mod elementwise;
pub mod formula;
pub mod index;
pub mod install;
pub mod invoke;
pub mod linalg;
pub mod masked;
pub mod naming;
pub mod nn;
mod op_id;
pub mod optim;
pub mod pool;
pub mod random;
pub mod reduce;
pub mod registry;
pub mod rnn;
pub mod shared;
pub mod special;
pub mod view;

pub use install::install;
pub use op_id::OpId;
