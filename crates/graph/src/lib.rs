#![doc = include_str!("../README.md")]
//! # Modules
//!
//! | module | duty |
//! |---|---|
//! | [`program`], [`OpId`] | a record, as plain data |
//! | [`capture`] | recording the calls of a function |
//! | `history` | which calls a replay records for gradients |
//! | `values` | which value a tensor holds |
//! | [`verify`] | what holds of every record |
//! | [`lazy`] | calls that are put off until a value is asked for |
//! | [`liveness`] | when a value is read last |
//! | [`replay`] | running a record on other inputs |
//! | [`plan`] | what a replay does for inputs of the same facts, found out once |
//! | [`lower`] | a record in functional form, for exporters and other engines |

#![forbid(unsafe_code)]

pub mod capture;
mod history;
pub mod lazy;
pub mod liveness;
pub mod lower;
pub mod plan;
pub mod program;
pub mod replay;
mod values;
pub mod verify;

pub use adjoint_ops::OpId;
pub use lower::{Lowered, LoweredCall, LoweredConstant, Origin};
pub use plan::facts::PlanFacts;
pub use plan::lifetimes::Lifetime;
pub use program::{Call, Constant, Gradient, Group, Program, Step, ValueId};
