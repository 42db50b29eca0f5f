//! What computes a formula in one dtype.

use super::Block;
use crate::dtype::DType;
use crate::program::{Program, interpret};

/// What computes a formula in one dtype.
pub(super) enum Loop {
    /// A loop of its own.
    Compiled(Block),
    /// A program, and the dtype to interpret it in.
    Interpreted(Program, DType, bool),
}

impl Loop {
    /// Computes `len` contiguous elements.
    ///
    /// # Safety
    /// As [`Block`].
    #[inline]
    pub(super) unsafe fn run(&self, ins: *const *const u8, params: *const f64, out: *mut u8, len: usize) {
        match self {
            // SAFETY: the caller's promise.
            Loop::Compiled(block) => unsafe { block(ins, params, out, len) },
            Loop::Interpreted(program, dtype, out_bool) => {
                // SAFETY: as above.
                unsafe { interpret(program, *dtype, *out_bool, ins, params, out, len) };
            }
        }
    }
}
