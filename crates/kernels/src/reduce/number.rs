//! What reductions ask of an element type.

/// An element that can be ordered and told from zero.
pub trait Number: Copy + PartialOrd + Send + Sync {
    /// 0.
    const ZERO: Self;
    /// Whether this is a NaN; false for integers.
    fn is_nan(self) -> bool;
}

/// An integer element, summed in 64 bits.
pub trait Int: Number + Ord {
    /// The smallest value.
    const MIN: Self;
    /// The greatest value.
    const MAX: Self;
    /// The same value in 64 bits.
    fn widen(self) -> i64;
}

macro_rules! float {
    ($($t:ident)+) => {$(
        impl Number for $t {
            const ZERO: Self = 0.0;
            #[inline(always)]
            fn is_nan(self) -> bool {
                $t::is_nan(self)
            }
        }
    )+};
}

macro_rules! int {
    ($($t:ident)+) => {$(
        impl Number for $t {
            const ZERO: Self = 0;
            #[inline(always)]
            fn is_nan(self) -> bool {
                false
            }
        }
        impl Int for $t {
            const MIN: Self = $t::MIN;
            const MAX: Self = $t::MAX;
            #[inline(always)]
            fn widen(self) -> i64 {
                i64::from(self)
            }
        }
    )+};
}

float!(f32 f64);
int!(i64 i32 i16 i8 u8);
