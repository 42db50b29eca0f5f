//! Elements as bare bits: what moves elements without arithmetic is compiled for four sizes, not
//! for ten dtypes.

use crate::Array;

/// An unsigned integer of the size of some dtypes.
pub trait Bits: Copy + sealed::Sealed {
    /// All bits clear.
    const ZERO: Self;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! bits {
    ($($t:ty)+) => {$(
        impl sealed::Sealed for $t {}
        impl Bits for $t {
            const ZERO: Self = 0;
        }
    )+};
}

bits!(u8 u16 u32 u64);

/// Runs an expression with a type alias bound to the unsigned integer of the size of a dtype's
/// elements.
///
/// ```
/// use adjoint_tensor::{DType, by_size};
/// assert_eq!(by_size!(DType::Float16, T => T::BITS), 16);
/// ```
#[macro_export]
macro_rules! by_size {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype.size() {
            1 => {
                type $t = u8;
                $body
            }
            2 => {
                type $t = u16;
                $body
            }
            4 => {
                type $t = u32;
                $body
            }
            _ => {
                type $t = u64;
                $body
            }
        }
    };
}

impl Array {
    /// The elements of a contiguous tensor as bits.
    ///
    /// # Panics
    /// If `T` has not the size of the elements, or the tensor is not contiguous.
    pub fn as_bits<T: Bits>(&self) -> &[T] {
        assert!(size_of::<T>() == self.dtype().size() && self.is_contiguous(), "as_bits: {self:?}");
        // SAFETY: contiguous, of this element size and so of this alignment, inside the storage;
        // every bit pattern is a value of T; no writer runs while the borrow lives (see Storage).
        unsafe { std::slice::from_raw_parts(self.as_ptr().cast::<T>(), self.numel()) }
    }

    /// The elements, as bits, of a contiguous tensor that nothing else reads or writes meanwhile: a
    /// fresh output. Only bits that came from elements of the same dtype, or [`Bits::ZERO`], may be
    /// written.
    ///
    /// # Panics
    /// If `T` has not the size of the elements, the tensor is not contiguous, or the storage is
    /// shared.
    pub fn as_mut_bits<T: Bits>(&mut self) -> &mut [T] {
        assert!(
            size_of::<T>() == self.dtype().size() && self.is_contiguous() && self.is_unshared(),
            "as_mut_bits: {self:?}"
        );
        // SAFETY: contiguous, of this element size, inside a storage only `self` holds, and `self`
        // is borrowed mutably. Bools have no invalid bytes at this level: other bytes than 0 and 1
        // read as true.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr().cast::<T>(), self.numel()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_those_of_the_elements() {
        let mut x = Array::from_slice(&[1.0f32, -2.0], &[2]).unwrap();
        assert_eq!(x.as_bits::<u32>(), [1.0f32.to_bits(), (-2.0f32).to_bits()]);
        x.as_mut_bits::<u32>()[0] = 0;
        assert_eq!(x.as_slice::<f32>(), [0.0, -2.0]);
    }

    #[test]
    #[should_panic(expected = "as_bits")]
    fn another_size_is_refused() {
        Array::from_slice(&[1.0f32], &[1]).unwrap().as_bits::<u64>();
    }
}
