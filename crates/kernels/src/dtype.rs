//! Element types, and what PyTorch's casts make of them.
//!
//! A [`DType`] is the name of an element type at run time, an [`Element`] the type itself at
//! compile time; [`dispatch!`](crate::dispatch) goes from the first to the second.
//! [`Element::cast`] is what a cast means, over one of two wide types, `i64` for integers and bools
//! and `f64` for floats, so that ten types need twenty conversions and not a hundred;
//! [`elementwise`](crate::elementwise) has the loops.

mod half;
#[cfg(test)]
mod tests;

pub use half::{BF16, F16};

/// The element type of a tensor.
///
/// The discriminant is the number that crosses the boundary and indexes tables of kernels.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// IEEE binary32.
    Float32 = 0,
    /// IEEE binary64.
    Float64 = 1,
    /// 64-bit signed integer, wrapping.
    Int64 = 2,
    /// 32-bit signed integer, wrapping.
    Int32 = 3,
    /// 16-bit signed integer, wrapping.
    Int16 = 4,
    /// 8-bit signed integer, wrapping.
    Int8 = 5,
    /// 8-bit unsigned integer, wrapping.
    UInt8 = 6,
    /// A byte that is 0 or 1.
    Bool = 7,
    /// IEEE binary16. Computes in float32; each op rounds its result once.
    Float16 = 8,
    /// The upper half of a binary32. Computes in float32; each op rounds its result once.
    BFloat16 = 9,
}

impl DType {
    /// How many there are.
    pub const COUNT: usize = 10;

    /// All of them, in the order of their discriminants.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Float32,
        Self::Float64,
        Self::Int64,
        Self::Int32,
        Self::Int16,
        Self::Int8,
        Self::UInt8,
        Self::Bool,
        Self::Float16,
        Self::BFloat16,
    ];

    /// The dtype with discriminant `code`, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        if (code as usize) < Self::COUNT { Some(Self::ALL[code as usize]) } else { None }
    }

    /// Bytes an element.
    #[inline(always)]
    pub const fn size(self) -> usize {
        match self {
            Self::Float64 | Self::Int64 => 8,
            Self::Float32 | Self::Int32 => 4,
            Self::Int16 | Self::Float16 | Self::BFloat16 => 2,
            Self::Int8 | Self::UInt8 | Self::Bool => 1,
        }
    }

    /// Whether values have a fractional part.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::Float32 | Self::Float64 | Self::Float16 | Self::BFloat16)
    }

    /// Whether this is one of the two half-precision types.
    #[inline(always)]
    pub const fn is_half(self) -> bool {
        matches!(self, Self::Float16 | Self::BFloat16)
    }

    /// The dtype that values of this one are computed in by kernels: float32 for the two
    /// half-precision types, else itself.
    #[inline(always)]
    pub const fn widened(self) -> Self {
        if self.is_half() { Self::Float32 } else { self }
    }

    /// The value of this dtype that `v` is cast to.
    pub fn nearest(self, v: f64) -> f64 {
        crate::dispatch!(self, T => T::from_f64(v).to_f64())
    }

    /// The name PyTorch prints, without `torch.`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Int64 => "int64",
            Self::Int32 => "int32",
            Self::Int16 => "int16",
            Self::Int8 => "int8",
            Self::UInt8 => "uint8",
            Self::Bool => "bool",
            Self::Float16 => "float16",
            Self::BFloat16 => "bfloat16",
        }
    }
}

/// A type that tensors hold.
///
/// `from_f64` and `from_i64` follow PyTorch: float to integer truncates towards zero, anything to
/// bool is `!= 0` (so NaN is true), a wider integer keeps its low bits. A float out of an integer's
/// range is undefined in C++ and so in PyTorch; here it becomes what PyTorch gives on x86: int8 and
/// int16 keep the low bits of the 32-bit integer and uint8 those of the 64-bit one; what is outside
/// of that, infinite or NaN, gives the smallest 32-bit or 64-bit integer, whose low bits are 0. (On
/// Arm PyTorch saturates instead.)
pub trait Element: Copy + PartialEq + PartialOrd + core::fmt::Debug + Send + Sync + 'static {
    /// The name at run time.
    const DTYPE: DType;

    /// Zero.
    const ZERO: Self;

    /// The nearest value, or PyTorch's cast for integers and bool.
    fn from_f64(v: f64) -> Self;

    /// The value, exact for all but `i64` beyond 2^53.
    fn to_f64(self) -> f64;

    /// The nearest value for floats, the low bits for integers, `!= 0` for bool.
    fn from_i64(v: i64) -> Self;

    /// The value truncated towards zero, saturating.
    fn to_i64(self) -> i64;

    /// PyTorch's cast to `T`.
    #[inline(always)]
    fn cast<T: Element>(self) -> T {
        if Self::DTYPE.is_float() { T::from_f64(self.to_f64()) } else { T::from_i64(self.to_i64()) }
    }
}

macro_rules! float_element {
    ($t:ty, $dtype:ident) => {
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            const ZERO: Self = 0.0;

            #[inline(always)]
            fn from_f64(v: f64) -> Self {
                v as $t
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline(always)]
            fn from_i64(v: i64) -> Self {
                v as $t
            }

            #[inline(always)]
            fn to_i64(self) -> i64 {
                self as i64
            }
        }
    };
}

macro_rules! int_element {
    ($t:ty, $dtype:ident, $through:ty) => {
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            const ZERO: Self = 0;

            #[inline(always)]
            fn from_f64(v: f64) -> Self {
                // Saturates; the largest integer itself is no float in 64 bits, and beyond 32 bits
                // the wider one tells.
                let whole = v as $through;
                let inside = if size_of::<$through>() == 8 {
                    v < 9_223_372_036_854_775_808.0
                } else {
                    v as i64 == whole as i64 && !v.is_nan()
                };
                (if inside { whole } else { <$through>::MIN }) as $t
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline(always)]
            fn from_i64(v: i64) -> Self {
                v as $t
            }

            #[inline(always)]
            fn to_i64(self) -> i64 {
                self as i64
            }
        }
    };
}

float_element!(f32, Float32);
float_element!(f64, Float64);
int_element!(i64, Int64, i64);
int_element!(i32, Int32, i32);
int_element!(i16, Int16, i32);
int_element!(i8, Int8, i32);
int_element!(u8, UInt8, i64);

/// A bool as tensors hold it: one byte, 0 or 1. Other bytes are never produced and read as
/// true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Bool(pub u8);

impl Element for Bool {
    const DTYPE: DType = DType::Bool;
    const ZERO: Self = Self(0);

    #[inline(always)]
    fn from_f64(v: f64) -> Self {
        Self(u8::from(v != 0.0))
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self.0 != 0))
    }

    #[inline(always)]
    fn from_i64(v: i64) -> Self {
        Self(u8::from(v != 0))
    }

    #[inline(always)]
    fn to_i64(self) -> i64 {
        i64::from(self.0 != 0)
    }
}

/// Runs an expression with a type alias bound to the element type of a [`DType`].
///
/// ```
/// use adjoint_kernels::{dispatch, dtype::{DType, Element}};
/// let largest = dispatch!(DType::UInt8, T => T::from_i64(-1).to_f64());
/// assert_eq!(largest, 255.0);
/// ```
#[macro_export]
macro_rules! dispatch {
    ($dtype:expr, $t:ident => $body:expr) => {
        $crate::dispatch!(@arms $dtype, $t, $body, [
            Float32 f32, Float64 f64, Int64 i64, Int32 i32, Int16 i16, Int8 i8, UInt8 u8, Bool $crate::dtype::Bool,
            Float16 $crate::dtype::F16, BFloat16 $crate::dtype::BF16
        ])
    };
    (@arms $dtype:expr, $t:ident, $body:expr, [$($name:ident $element:ty),+]) => {
        match $dtype {
            $($crate::dtype::DType::$name => {
                type $t = $element;
                $body
            })+
        }
    };
}
