//! The two 16-bit floats: conversions to and from f32 in software, rounding to nearest, ties to
//! even. They compute in f32.

use super::{DType, Element};

/// IEEE binary16: 5 bits of exponent, 10 of fraction.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct F16(pub u16);

/// bfloat16: the upper half of a binary32.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct BF16(pub u16);

impl F16 {
    /// The nearest binary16; beyond 65519 it is infinite. A NaN stays a NaN.
    ///
    /// Without branches, so that a loop of it becomes vector code. The addition of a power of two
    /// whose last place is that of the half does the rounding, for normal and subnormal halves
    /// alike.
    #[inline(always)]
    pub fn from_f32(v: f32) -> Self {
        const INFINITE: i32 = 0x7f80_0000;
        const LEAST_EXPONENT: i32 = 113 << 23;
        const UNREPRESENTABLE: i32 = 143 << 23;
        let bits = v.to_bits();
        let all = (bits & 0x7fff_ffff) as i32;
        let magnitude = all.min(UNREPRESENTABLE);
        let exponent = (magnitude & INFINITE).max(LEAST_EXPONENT);
        // 2^13 times the exponent's power: its last place is 2^-10 of that.
        let power = exponent + (13 << 23);
        let rounded = (f32::from_bits(magnitude as u32) + f32::from_bits(power as u32)).to_bits() as i32;
        // The leading one of a normal half is in the difference and so adds one to the exponent.
        let half = (rounded - power) + ((exponent - LEAST_EXPONENT) >> 13);
        let quiet = if all > INFINITE { 0x0200 } else { 0 };
        Self((bits >> 16 & 0x8000) as u16 | (half | quiet) as u16)
    }

    /// The value, exactly.
    #[inline(always)]
    pub fn to_f32(self) -> f32 {
        let bits = u32::from(self.0);
        let exponent = bits & 0x7c00;
        let rebiased = ((bits & 0x7fff) << 13) + (112 << 23);
        // Infinite and NaN have the greatest exponent there too; a subnormal one gets a leading
        // one, which is then taken off.
        let moved = if exponent == 0x7c00 { 112 << 23 } else { 0 };
        let (one, excess) = if exponent == 0 { (1 << 23, 113 << 23) } else { (0, 0) };
        let value = f32::from_bits(rebiased + moved + one) - f32::from_bits(excess);
        f32::from_bits(value.to_bits() | (bits & 0x8000) << 16)
    }
}

impl BF16 {
    /// The nearest bfloat16. A NaN stays a NaN.
    #[inline(always)]
    pub fn from_f32(v: f32) -> Self {
        let bits = v.to_bits();
        let is_nan = v.is_nan();
        let up = if is_nan { 0 } else { 0x7fff + (bits >> 16 & 1) };
        let quiet = if is_nan { 0x0040_0000 } else { 0 };
        let value = bits.wrapping_add(up) | quiet;
        Self((value >> 16) as u16)
    }

    /// The value, exactly.
    #[inline(always)]
    pub fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }
}

macro_rules! half_element {
    ($t:ident, $dtype:ident) => {
        impl PartialEq for $t {
            fn eq(&self, other: &Self) -> bool {
                self.to_f32() == other.to_f32()
            }
        }

        impl PartialOrd for $t {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                self.to_f32().partial_cmp(&other.to_f32())
            }
        }

        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            const ZERO: Self = Self(0);

            // Through f32, rounding twice, as PyTorch does.
            #[inline]
            fn from_f64(v: f64) -> Self {
                Self::from_f32(v as f32)
            }

            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self.to_f32())
            }

            #[inline]
            fn from_i64(v: i64) -> Self {
                Self::from_f32(v as f32)
            }

            #[inline]
            fn to_i64(self) -> i64 {
                self.to_f32() as i64
            }
        }
    };
}

half_element!(F16, Float16);
half_element!(BF16, BFloat16);
