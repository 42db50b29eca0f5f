//! Formulas as data: the table of primitives, the recorded formula, its interpreter and printer.
//!
//! Run with [`Recorded`] values a formula writes down what it does, step by step: a [`Program`].
//! One interpreter then serves all formulas where a loop of their own would not be worth its bytes,
//! another one, above, runs them on tensors with history, and the printer shows them. What steps
//! there are stands in one table, `table.rs`.
//!
//! ```
//! use adjoint_kernels::algebra::Algebra;
//! use adjoint_kernels::program::{Program, Recorded, print};
//!
//! fn slope<A: Algebra>(x: A) -> A {
//!     x.exp() / (A::c(1.0) + x.exp())
//! }
//!
//! let program = Program::record(|| slope(Recorded::inputs::<1>()[0]));
//! assert_eq!(print(&program, &["x"], &[]), "exp(x) / (1 + exp(x))");
//! ```

mod code;
mod interpret;
mod print;
mod record;
mod table;

pub use crate::primitives;
pub use code::{Code, function, number};
pub(crate) use interpret::interpret;
pub use print::print;
pub use record::{Program, Record, Recorded, RecordedMask, Step, unlock_tape};
