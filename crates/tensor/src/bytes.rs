//! Bool tensors as bytes, which is how reductions and masks read and write them.

use crate::{Array, DType};
use adjoint_kernels::dtype::Bool;

impl Array {
    /// The elements of a contiguous bool tensor, each 0 or 1.
    ///
    /// # Panics
    /// If the dtype is not bool or the tensor is not contiguous.
    pub fn bool_bytes(&self) -> &[u8] {
        let x = self.as_slice::<Bool>();
        // SAFETY: `Bool` is a transparent wrapper of `u8`, so the layouts are the same.
        unsafe { std::slice::from_raw_parts(x.as_ptr().cast::<u8>(), x.len()) }
    }

    /// The elements of a fresh bool output. Only 0 and 1 may be written.
    ///
    /// # Panics
    /// If the dtype is not bool, the tensor is not contiguous, or the storage is shared.
    pub fn bool_bytes_mut(&mut self) -> &mut [u8] {
        debug_assert_eq!(self.dtype(), DType::Bool);
        let x = self.as_mut_slice::<Bool>();
        // SAFETY: as above, and `self` is borrowed mutably for as long as the result lives.
        unsafe { std::slice::from_raw_parts_mut(x.as_mut_ptr().cast::<u8>(), x.len()) }
    }
}
