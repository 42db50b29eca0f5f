//! Numbers that are not tensors: the `2` in `x * 2`.

use crate::DType;
use std::fmt;

/// A number with PyTorch's three kinds, which promote differently.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
}

impl Scalar {
    /// The value as a double; integers beyond 2^53 are rounded.
    pub fn to_f64(self) -> f64 {
        match self {
            Scalar::Bool(v) => f64::from(u8::from(v)),
            Scalar::Int(v) => v as f64,
            Scalar::Float(v) => v,
        }
    }

    /// The value as an integer, truncated towards zero as PyTorch's casts do.
    pub fn to_i64(self) -> i64 {
        match self {
            Scalar::Bool(v) => i64::from(v),
            Scalar::Int(v) => v,
            Scalar::Float(v) => v as i64,
        }
    }

    /// Whether the dtype has the number, up to rounding: PyTorch refuses others where a number
    /// becomes elements or a factor. Infinities and NaN are numbers of every floating dtype and of
    /// bool; a negative integer may be as far from 0 as the greatest uint8 is, and wraps.
    pub fn fits(self, dtype: DType) -> bool {
        let Some((low, high)) = integers(dtype) else {
            let v = self.to_f64();
            return dtype == DType::Bool || !v.is_finite() || v.abs() < beyond(dtype);
        };
        match self {
            Scalar::Bool(_) => true,
            Scalar::Int(v) => (low..=high).contains(&v) || (low == 0 && v < 0 && -high <= v),
            // What is cut off does not count.
            Scalar::Float(v) => low as f64 <= v && v < (high as i128 + 1) as f64,
        }
    }

    /// Whether the number is below all of the dtype, or above; never of a floating dtype.
    pub fn is_outside(self, dtype: DType) -> Option<std::cmp::Ordering> {
        let (low, high) = integers(dtype)?;
        match self {
            Scalar::Int(v) if v < low => Some(std::cmp::Ordering::Less),
            Scalar::Int(v) if v > high => Some(std::cmp::Ordering::Greater),
            _ => None,
        }
    }

    /// The dtype a tensor made from this number alone has: bool, int64 or float32.
    pub const fn dtype(self) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(_) => DType::Int64,
            Scalar::Float(_) => DType::Float32,
        }
    }
}

/// The first and last number of an integer dtype.
fn integers(dtype: DType) -> Option<(i64, i64)> {
    match dtype {
        DType::UInt8 => Some((0, i64::from(u8::MAX))),
        DType::Int8 => Some((i64::from(i8::MIN), i64::from(i8::MAX))),
        DType::Int16 => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
        DType::Int32 => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        DType::Int64 => Some((i64::MIN, i64::MAX)),
        _ => None,
    }
}

/// The power of two behind the greatest number of a floating dtype. What is between the two becomes
/// infinite, and PyTorch takes it.
fn beyond(dtype: DType) -> f64 {
    match dtype {
        DType::Float16 => 65536.0,
        DType::BFloat16 | DType::Float32 => 340_282_366_920_938_463_463_374_607_431_768_211_456.0,
        _ => f64::INFINITY,
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Bool(v) => write!(f, "{v}"),
            Scalar::Int(v) => write!(f, "{v}"),
            Scalar::Float(v) => write!(f, "{v}"),
        }
    }
}

impl From<f64> for Scalar {
    fn from(v: f64) -> Self {
        Scalar::Float(v)
    }
}

impl From<i64> for Scalar {
    fn from(v: i64) -> Self {
        Scalar::Int(v)
    }
}

impl From<bool> for Scalar {
    fn from(v: bool) -> Self {
        Scalar::Bool(v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_fits_where_pytorch_converts_it_without_overflow() {
        let fit = [
            (Scalar::Int(-255), DType::UInt8),
            (Scalar::Int(127), DType::Int8),
            (Scalar::Float(1.5), DType::Int8),
            (Scalar::Float(f64::NAN), DType::Bool),
            (Scalar::Float(f64::INFINITY), DType::Float16),
            (Scalar::Float(127.5), DType::Int8),
            (Scalar::Float(65520.0), DType::Float16),
            (Scalar::Int(65504), DType::Float16),
            (Scalar::Float(-9.3e18), DType::Float32),
        ];
        let overflow = [
            (Scalar::Int(-256), DType::UInt8),
            (Scalar::Float(-0.5), DType::UInt8),
            (Scalar::Int(128), DType::Int8),
            (Scalar::Float(-128.5), DType::Int8),
            (Scalar::Float(128.0), DType::Int8),
            (Scalar::Float(f64::NAN), DType::Int64),
            (Scalar::Float(9_223_372_036_854_775_808.0), DType::Int64),
            (Scalar::Int(70000), DType::Float16),
            (Scalar::Float(1e300), DType::Float32),
            (Scalar::Float(1e300), DType::BFloat16),
        ];
        for (number, dtype) in fit {
            assert!(number.fits(dtype), "{number} {}", dtype.name());
        }
        for (number, dtype) in overflow {
            assert!(!number.fits(dtype), "{number} {}", dtype.name());
        }
    }
}
