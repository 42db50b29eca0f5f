//! From a formula to a loop, and from a loop to strided tensors.
//!
//! - A [`Formula`], [`RingFormula`] or [`Predicate`] says what happens to one element, for any
//!   algebra.
//! - [`float_blocks`], [`ring_blocks`] and [`predicate_blocks`] make of it, in a `static`,
//!   [`Blocks`]: a compiled loop over contiguous memory for f32, and for the other dtypes a
//!   [`Program`](crate::program::Program) to be interpreted.
//! - [`run`] applies the loops to tensors of any strides and dtypes, broadcast or not, with no
//!   intermediate larger than a few kilobytes.
//! - [`copy_strided`], [`cast_contiguous`] and [`fill`] move elements without a formula.
//!
//! ```
//! use adjoint_kernels::algebra::Ring;
//! use adjoint_kernels::dtype::DType;
//! use adjoint_kernels::elementwise::{Blocks, Operand, OperandMut, RingFormula, ring_blocks, run};
//!
//! struct Add;
//! impl RingFormula<2, 1> for Add {
//!     fn eval<R: Ring>([x, y]: [R; 2], [alpha]: [R; 1]) -> R {
//!         x + y * alpha
//!     }
//! }
//! static ADD: Blocks = ring_blocks::<Add, 2, 1>();
//!
//! // A [2, 3] matrix plus twice a row of 3, broadcast by a stride of 0.
//! let (x, row, mut out) = ([1f32, 2., 3., 4., 5., 6.], [10f32, 20., 30.], [0f32; 6]);
//! let x = Operand { ptr: x.as_ptr().cast(), dtype: DType::Float32, strides: &[3, 1] };
//! let row = Operand { ptr: row.as_ptr().cast(), dtype: DType::Float32, strides: &[0, 1] };
//! let to = OperandMut { ptr: out.as_mut_ptr().cast(), dtype: DType::Float32, strides: &[3, 1] };
//! // SAFETY: the pointers and strides stay within the three arrays.
//! unsafe { run(&ADD, DType::Float32, &[2, 3], &[x, row], &[2.0], to) };
//! assert_eq!(out, [21., 42., 63., 24., 45., 66.]);
//! ```

mod blocks;
mod cast;
mod convert;
mod copy;
mod formula;
pub(crate) mod lanes;
mod layout;
mod loops;
mod raw;
mod run;
mod tiles;
mod transpose;

pub use blocks::{Block, Blocks, bits_blocks, float_blocks, predicate_blocks, ring_blocks};
pub use cast::{cast_contiguous, spread};
pub use copy::{copy_strided, fill};
pub use formula::{BitsFormula, Formula, Predicate, RingFormula};
pub use layout::{Operand, OperandMut};
pub use run::{run, run_dense, run_f32};

/// The most inputs a formula may have.
pub const MAX_INPUTS: usize = 7;

/// The most scalar parameters a formula may have.
pub const MAX_PARAMS: usize = 8;
