//! The operator traits and the methods that are the same composition of primitives in every back
//! end.

/// Implements `std::ops` traits by naming an inherent method for each.
macro_rules! binary_operators {
    ($t:ty: $($trait:ident $method:ident $assign_trait:ident $assign:ident => $inherent:ident),+ $(,)?) => {$(
        impl core::ops::$trait for $t {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                <$t>::$inherent(self, other)
            }
        }
        impl core::ops::$assign_trait for $t {
            #[inline(always)]
            fn $assign(&mut self, other: Self) {
                *self = <$t>::$inherent(*self, other);
            }
        }
    )+};
}

/// Implements a unary `std::ops` trait by naming an inherent method.
macro_rules! unary_operator {
    ($t:ty: $trait:ident $method:ident => $inherent:ident) => {
        impl core::ops::$trait for $t {
            type Output = Self;
            #[inline(always)]
            fn $method(self) -> Self {
                <$t>::$inherent(self)
            }
        }
    };
}

/// Everything a back end gets for free once its primitives exist.
macro_rules! derive_vector_api {
    () => {
        $crate::operators::binary_operators!(F32x4:
            Add add AddAssign add_assign => sum_with, Sub sub SubAssign sub_assign => minus,
            Mul mul MulAssign mul_assign => times, Div div DivAssign div_assign => over,
            BitAnd bitand BitAndAssign bitand_assign => bits_and, BitOr bitor BitOrAssign bitor_assign => bits_or,
            BitXor bitxor BitXorAssign bitxor_assign => bits_xor);
        $crate::operators::unary_operator!(F32x4: Neg neg => negate);
        $crate::operators::binary_operators!(F64x2:
            Add add AddAssign add_assign => sum_with, Sub sub SubAssign sub_assign => minus,
            Mul mul MulAssign mul_assign => times, Div div DivAssign div_assign => over,
            BitAnd bitand BitAndAssign bitand_assign => bits_and, BitOr bitor BitOrAssign bitor_assign => bits_or,
            BitXor bitxor BitXorAssign bitxor_assign => bits_xor);
        $crate::operators::unary_operator!(F64x2: Neg neg => negate);
        $crate::operators::binary_operators!(I32x4:
            Add add AddAssign add_assign => sum_with, Sub sub SubAssign sub_assign => minus, Mul mul MulAssign mul_assign => times,
            BitAnd bitand BitAndAssign bitand_assign => bits_and, BitOr bitor BitOrAssign bitor_assign => bits_or,
            BitXor bitxor BitXorAssign bitxor_assign => bits_xor);
        $crate::operators::unary_operator!(I32x4: Neg neg => negate);
        $crate::operators::binary_operators!(I64x2:
            Add add AddAssign add_assign => sum_with, Sub sub SubAssign sub_assign => minus,
            BitAnd bitand BitAndAssign bitand_assign => bits_and, BitOr bitor BitOrAssign bitor_assign => bits_or,
            BitXor bitxor BitXorAssign bitxor_assign => bits_xor);
        $crate::operators::binary_operators!(M32x4:
            BitAnd bitand BitAndAssign bitand_assign => bits_and, BitOr bitor BitOrAssign bitor_assign => bits_or,
            BitXor bitxor BitXorAssign bitxor_assign => bits_xor);
        $crate::operators::unary_operator!(M32x4: Not not => invert);
        $crate::operators::binary_operators!(M64x2:
            BitAnd bitand BitAndAssign bitand_assign => bits_and, BitOr bitor BitOrAssign bitor_assign => bits_or,
            BitXor bitxor BitXorAssign bitxor_assign => bits_xor);
        $crate::operators::unary_operator!(M64x2: Not not => invert);

        impl F32x4 {
            /// Number of lanes.
            pub const LANES: usize = 4;

            /// Lanes where `self > other`; false where either is NaN.
            #[inline(always)]
            pub fn gt(self, other: Self) -> M32x4 {
                other.lt(self)
            }

            /// Lanes where `self >= other`; false where either is NaN.
            #[inline(always)]
            pub fn ge(self, other: Self) -> M32x4 {
                other.le(self)
            }

            /// Lanes that are NaN.
            #[inline(always)]
            pub fn is_nan(self) -> M32x4 {
                self.ne(self)
            }

            /// The sum of the lanes, in the order `(x0 + x2) + (x1 + x3)`.
            #[inline(always)]
            pub fn sum(self) -> f32 {
                let [a, b, c, d] = self.to_array();
                (a + c) + (b + d)
            }

            /// The largest lane, NaN if any lane is.
            #[inline(always)]
            pub fn max_lane(self) -> f32 {
                let high = Self::concat_hi(self, self);
                let pairs = self.max(high);
                pairs.max(Self::interleave_hi(Self::interleave_lo(pairs, pairs), pairs)).to_array()[0]
            }

            /// The smallest lane, NaN if any lane is.
            #[inline(always)]
            pub fn min_lane(self) -> f32 {
                -(-self).max_lane()
            }

            /// The transpose of the 4×4 matrix whose rows are given.
            #[inline(always)]
            pub fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
                let (ab_lo, ab_hi) = (Self::interleave_lo(a, b), Self::interleave_hi(a, b));
                let (cd_lo, cd_hi) = (Self::interleave_lo(c, d), Self::interleave_hi(c, d));
                [
                    Self::concat_lo(ab_lo, cd_lo),
                    Self::concat_hi(ab_lo, cd_lo),
                    Self::concat_lo(ab_hi, cd_hi),
                    Self::concat_hi(ab_hi, cd_hi),
                ]
            }
        }

        impl F64x2 {
            /// Number of lanes.
            pub const LANES: usize = 2;

            /// Lanes where `self > other`; false where either is NaN.
            #[inline(always)]
            pub fn gt(self, other: Self) -> M64x2 {
                other.lt(self)
            }

            /// Lanes where `self >= other`; false where either is NaN.
            #[inline(always)]
            pub fn ge(self, other: Self) -> M64x2 {
                other.le(self)
            }

            /// Lanes that are NaN.
            #[inline(always)]
            pub fn is_nan(self) -> M64x2 {
                self.ne(self)
            }

            /// The sum of the lanes.
            #[inline(always)]
            pub fn sum(self) -> f64 {
                let [a, b] = self.to_array();
                a + b
            }

            /// The largest lane, NaN if any lane is.
            #[inline(always)]
            pub fn max_lane(self) -> f64 {
                self.max(Self::interleave_hi(self, self)).to_array()[0]
            }

            /// The smallest lane, NaN if any lane is.
            #[inline(always)]
            pub fn min_lane(self) -> f64 {
                -(-self).max_lane()
            }
        }

        impl I32x4 {
            /// Number of lanes.
            pub const LANES: usize = 4;

            /// Lanes where `self < other`, signed.
            #[inline(always)]
            pub fn lt(self, other: Self) -> M32x4 {
                other.gt(self)
            }
        }
    };
}

pub(crate) use {binary_operators, derive_vector_api, unary_operator};
