//! The two 16-bit floats, as storage: conversions to and from f32 in software, rounding to nearest, halves to even.

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
    #[inline]
    pub fn from_f32(v: f32) -> Self {
        let bits = v.to_bits();
        let sign = ((bits >> 16) & 0x8000) as u16;
        let magnitude = bits & 0x7fff_ffff;
        let half = if magnitude > 0x7f80_0000 {
            0x7e00
        } else if magnitude >= 0x4780_0000 {
            // 65536 and above, infinity too.
            0x7c00
        } else if magnitude >= 0x3880_0000 {
            // Normal: move the exponent's bias from 127 to 15 and round away 13 bits; a carry into the exponent is right, up to infinity.
            round_off(magnitude - (112 << 23), 13)
        } else if magnitude >= 0x3300_0000 {
            // Denormal: the leading one becomes explicit and slides to its place, in units of 2^-24.
            round_off((magnitude & 0x007f_ffff) | 0x0080_0000, 126 - (magnitude >> 23))
        } else {
            // Half of the smallest denormal, 2^-25, rounds to even, that is to zero; the branch above handles it and all that is larger.
            0
        };
        Self(sign | half as u16)
    }

    /// The value, exactly.
    #[inline]
    pub fn to_f32(self) -> f32 {
        let sign = u32::from(self.0 & 0x8000) << 16;
        let exponent = u32::from(self.0 >> 10) & 0x1f;
        let fraction = u32::from(self.0) & 0x3ff;
        let magnitude = match exponent {
            0 => (fraction as f32 * f32::from_bits((127 - 24) << 23)).to_bits(),
            0x1f => 0x7f80_0000 | (fraction << 13),
            _ => ((exponent + 112) << 23) | (fraction << 13),
        };
        f32::from_bits(sign | magnitude)
    }
}

impl BF16 {
    /// The nearest bfloat16. A NaN stays a NaN.
    #[inline]
    pub fn from_f32(v: f32) -> Self {
        let bits = v.to_bits();
        Self(if v.is_nan() { (bits >> 16) as u16 | 0x0040 } else { round_off(bits, 16) as u16 })
    }

    /// The value, exactly.
    #[inline]
    pub fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }
}

/// `bits / 2^drop`, rounded to nearest, halves to even. `0 < drop < 32`, and no carry leaves 32 bits.
#[inline(always)]
fn round_off(bits: u32, drop: u32) -> u32 {
    let kept = bits >> drop;
    let half_less_one = (1 << (drop - 1)) - 1;
    (bits + half_less_one + (kept & 1)) >> drop
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
