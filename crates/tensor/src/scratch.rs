//! Vectors whose length a caller decides: allocated so that there being no memory is an error.
//!
//! `vec![0.0; n]` aborts the program where there is no memory for it, and `collect` alike. Kernels
//! and ops use these instead wherever `n` grows with a tensor; vectors of a few dims are left to
//! the reserve of [`crate::allocator`].

use crate::{Result, memory};

/// A vector without elements that has space for `n`.
pub fn with_room<T>(n: usize) -> Result<Vec<T>> {
    let mut out = Vec::new();
    match out.try_reserve_exact(n) {
        Ok(()) => Ok(out),
        Err(_) => Err(memory::out_of_memory(n.saturating_mul(size_of::<T>()))),
    }
}

/// Fails where a kernel has had no memory for its scratch, which leaves its outputs unspecified.
#[inline(always)]
pub fn check_kernels() -> Result<()> {
    match adjoint_kernels::scratch::take_failure() {
        None => Ok(()),
        Some(bytes) => Err(memory::out_of_memory(bytes)),
    }
}

/// `n` times `value`.
#[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
pub fn filled<T: Clone>(value: T, n: usize) -> Result<Vec<T>> {
    let mut out = with_room(n)?;
    out.resize(n, value);
    Ok(out)
}

/// A copy of a slice.
#[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
pub fn copied<T: Copy>(values: &[T]) -> Result<Vec<T>> {
    let mut out = with_room(values.len())?;
    out.extend_from_slice(values);
    Ok(out)
}

/// The elements of an iterator that knows how many there are.
pub fn collected<T>(values: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>> {
    let mut out = with_room(values.len())?;
    out.extend(values);
    Ok(out)
}

/// Adds an element to a list, which grows by doubling.
#[inline(always)]
pub fn push<T>(list: &mut Vec<T>, value: T) -> Result<()> {
    if list.len() == list.capacity() {
        grow(list)?;
    }
    list.push(value);
    Ok(())
}

/// Makes space for an element more.
#[cold]
#[inline(never)]
fn grow<T>(list: &mut Vec<T>) -> Result<()> {
    let bytes = list.len().saturating_mul(2 * size_of::<T>());
    list.try_reserve(1).map_err(|_| memory::out_of_memory(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn a_vector_that_no_memory_holds_is_an_error() {
        assert_eq!(filled(0.0f64, 3).unwrap(), [0.0; 3]);
        assert_eq!(copied(&[1, 2]).unwrap(), [1, 2]);
        assert_eq!(collected((0..3).map(|i| 2 * i)).unwrap(), [0, 2, 4]);
        let mut list = Vec::new();
        (0..100).try_for_each(|i| push(&mut list, i)).unwrap();
        assert_eq!(list, (0..100).collect::<Vec<_>>());
        assert_eq!(filled(0u8, usize::MAX).unwrap_err().code(), Code::OutOfMemory);
        assert_eq!(with_room::<u64>(usize::MAX / 8).unwrap_err().code(), Code::OutOfMemory);
    }
}
