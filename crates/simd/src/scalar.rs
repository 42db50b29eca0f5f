//! Arrays, lane by lane: the back end of last resort, and the definition of what every method
//! means.

/// Four f32.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct F32x4([f32; 4]);
/// Two f64.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct F64x2([f64; 2]);
/// Four i32, wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(16))]
pub struct I32x4([i32; 4]);
/// Two i64, wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(16))]
pub struct I64x2([i64; 2]);
/// Four bools, one a 32-bit lane.
#[derive(Clone, Copy, Debug)]
pub struct M32x4([bool; 4]);
/// Two bools, one a 64-bit lane.
#[derive(Clone, Copy, Debug)]
pub struct M64x2([bool; 2]);

crate::operators::derive_vector_api!();

#[inline(always)]
fn map<T: Copy, U, const N: usize>(x: [T; N], f: impl Fn(T) -> U) -> [U; N] {
    core::array::from_fn(|i| f(x[i]))
}

#[inline(always)]
fn zip<T: Copy, U, const N: usize>(x: [T; N], y: [T; N], f: impl Fn(T, T) -> U) -> [U; N] {
    core::array::from_fn(|i| f(x[i], y[i]))
}

macro_rules! memory {
    ($t:ident, $lane:ty, $n:literal) => {
        /// All lanes `v`.
        #[inline(always)]
        pub fn splat(v: $lane) -> Self {
            Self([v; $n])
        }

        /// Lane `i` is `lanes[i]`.
        #[inline(always)]
        pub fn from_array(lanes: [$lane; $n]) -> Self {
            Self(lanes)
        }

        /// The lanes in order.
        #[inline(always)]
        pub fn to_array(self) -> [$lane; $n] {
            self.0
        }

        /// Reads consecutive lanes from `p`, which need not be aligned.
        ///
        /// # Safety
        /// All lanes from `p` on must be readable.
        #[inline(always)]
        pub unsafe fn load(p: *const $lane) -> Self {
            // SAFETY: the caller vouches for the lanes; the read is unaligned.
            Self(unsafe { p.cast::<[$lane; $n]>().read_unaligned() })
        }

        /// Writes consecutive lanes to `p`, which need not be aligned.
        ///
        /// # Safety
        /// All lanes from `p` on must be writable.
        #[inline(always)]
        pub unsafe fn store(self, p: *mut $lane) {
            // SAFETY: the caller vouches for the lanes; the write is unaligned.
            unsafe { p.cast::<[$lane; $n]>().write_unaligned(self.0) }
        }
    };
}

macro_rules! float {
    ($t:ident, $lane:ty, $bits:ident, $bits_lane:ty, $mask:ident, $n:literal) => {
        impl $t {
            memory!($t, $lane, $n);

            /// All lanes the value at `p`.
            ///
            /// # Safety
            /// `p` must be readable.
            #[inline(always)]
            pub unsafe fn load_splat(p: *const $lane) -> Self {
                // SAFETY: the caller vouches for `p`.
                Self::splat(unsafe { p.read_unaligned() })
            }

            /// `self + other`; the operator `+`.
            #[inline(always)]
            fn sum_with(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a + b))
            }

            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a - b))
            }

            #[inline(always)]
            fn times(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a * b))
            }

            #[inline(always)]
            fn over(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a / b))
            }

            #[inline(always)]
            fn negate(self) -> Self {
                Self(map(self.0, |a| -a))
            }

            #[inline(always)]
            fn bits_and(self, other: Self) -> Self {
                Self::from_bits(self.to_bits() & other.to_bits())
            }

            #[inline(always)]
            fn bits_or(self, other: Self) -> Self {
                Self::from_bits(self.to_bits() | other.to_bits())
            }

            #[inline(always)]
            fn bits_xor(self, other: Self) -> Self {
                Self::from_bits(self.to_bits() ^ other.to_bits())
            }

            /// `self` with the bits set in `other` cleared.
            #[inline(always)]
            pub fn andnot(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| <$lane>::from_bits(a.to_bits() & !b.to_bits())))
            }

            /// Clears the sign bit.
            #[inline(always)]
            pub fn abs(self) -> Self {
                Self(map(self.0, <$lane>::abs))
            }

            /// The correctly rounded square root; NaN below zero.
            #[inline(always)]
            pub fn sqrt(self) -> Self {
                Self(map(self.0, <$lane>::sqrt))
            }

            /// `self * b + c`, rounded once where [`FUSED`](crate::FUSED) is true and twice
            /// elsewhere.
            #[inline(always)]
            pub fn mul_add(self, b: Self, c: Self) -> Self {
                Self(core::array::from_fn(|i| {
                    if crate::FUSED { self.0[i].mul_add(b.0[i], c.0[i]) } else { self.0[i] * b.0[i] + c.0[i] }
                }))
            }

            /// `c - self * b`, rounded like [`mul_add`](Self::mul_add).
            #[inline(always)]
            pub fn neg_mul_add(self, b: Self, c: Self) -> Self {
                (-self).mul_add(b, c)
            }

            /// `other < self ? other : self`: one instruction, and `self` where either is NaN or
            /// both are zero.
            #[inline(always)]
            pub fn pmin(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| if b < a { b } else { a }))
            }

            /// `self < other ? other : self`: one instruction, and `self` where either is NaN or
            /// both are zero.
            #[inline(always)]
            pub fn pmax(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| if a < b { b } else { a }))
            }

            /// The smaller; NaN where either is NaN; −0 is below +0.
            #[inline(always)]
            pub fn min(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| {
                    if a.is_nan() || b.is_nan() {
                        <$lane>::NAN
                    } else if b < a || (a == b && b.is_sign_negative()) {
                        b
                    } else {
                        a
                    }
                }))
            }

            /// The larger; NaN where either is NaN; +0 is above −0.
            #[inline(always)]
            pub fn max(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| {
                    if a.is_nan() || b.is_nan() {
                        <$lane>::NAN
                    } else if a < b || (a == b && a.is_sign_negative()) {
                        b
                    } else {
                        a
                    }
                }))
            }

            /// Lanes where `self < other`; false where either is NaN.
            #[inline(always)]
            pub fn lt(self, other: Self) -> $mask {
                $mask(zip(self.0, other.0, |a, b| a < b))
            }

            /// Lanes where `self <= other`; false where either is NaN.
            #[inline(always)]
            pub fn le(self, other: Self) -> $mask {
                $mask(zip(self.0, other.0, |a, b| a <= b))
            }

            /// Lanes where `self == other`; false where either is NaN.
            #[inline(always)]
            pub fn eq(self, other: Self) -> $mask {
                $mask(zip(self.0, other.0, |a, b| a == b))
            }

            /// Lanes where `self != other`; true where either is NaN.
            #[inline(always)]
            pub fn ne(self, other: Self) -> $mask {
                $mask(zip(self.0, other.0, |a, b| a != b))
            }

            /// `a` where the mask holds, `b` elsewhere.
            #[inline(always)]
            pub fn select(mask: $mask, a: Self, b: Self) -> Self {
                Self(core::array::from_fn(|i| if mask.0[i] { a.0[i] } else { b.0[i] }))
            }

            /// Rounds towards −∞.
            #[inline(always)]
            pub fn floor(self) -> Self {
                Self(map(self.0, <$lane>::floor))
            }

            /// Rounds towards +∞.
            #[inline(always)]
            pub fn ceil(self) -> Self {
                Self(map(self.0, <$lane>::ceil))
            }

            /// Rounds towards zero.
            #[inline(always)]
            pub fn trunc(self) -> Self {
                Self(map(self.0, <$lane>::trunc))
            }

            /// Rounds to the nearest integer, halves to even.
            #[inline(always)]
            pub fn nearest(self) -> Self {
                Self(map(self.0, <$lane>::round_ties_even))
            }

            /// The same bits as integers.
            #[inline(always)]
            pub fn to_bits(self) -> $bits {
                $bits(map(self.0, |a| a.to_bits() as $bits_lane))
            }

            /// The same bits as floats.
            #[inline(always)]
            pub fn from_bits(bits: $bits) -> Self {
                Self(map(bits.0, |a| <$lane>::from_bits(a as _)))
            }
        }
    };
}

float!(F32x4, f32, I32x4, i32, M32x4, 4);
float!(F64x2, f64, I64x2, i64, M64x2, 2);

impl F32x4 {
    /// Truncates to i32; out of range saturates and NaN becomes 0. Slow on x86: see
    /// [`trunc_i32_in_range`](Self::trunc_i32_in_range).
    #[inline(always)]
    pub fn trunc_i32(self) -> I32x4 {
        I32x4(map(self.0, |a| a as i32))
    }

    /// Truncates to i32; a lane that is NaN or does not fit gives some unspecified integer.
    #[inline(always)]
    pub fn trunc_i32_in_range(self) -> I32x4 {
        self.trunc_i32()
    }

    /// `[a0, b0, a1, b1]`.
    #[inline(always)]
    pub fn interleave_lo(a: Self, b: Self) -> Self {
        Self([a.0[0], b.0[0], a.0[1], b.0[1]])
    }

    /// `[a2, b2, a3, b3]`.
    #[inline(always)]
    pub fn interleave_hi(a: Self, b: Self) -> Self {
        Self([a.0[2], b.0[2], a.0[3], b.0[3]])
    }

    /// `[a0, a1, b0, b1]`.
    #[inline(always)]
    pub fn concat_lo(a: Self, b: Self) -> Self {
        Self([a.0[0], a.0[1], b.0[0], b.0[1]])
    }

    /// `[a2, a3, b2, b3]`.
    #[inline(always)]
    pub fn concat_hi(a: Self, b: Self) -> Self {
        Self([a.0[2], a.0[3], b.0[2], b.0[3]])
    }

    /// Widens: lanes 0 and 1, then lanes 2 and 3.
    #[inline(always)]
    pub fn to_f64(self) -> (F64x2, F64x2) {
        let [a, b, c, d] = map(self.0, f64::from);
        (F64x2([a, b]), F64x2([c, d]))
    }
}

impl F64x2 {
    /// `[a0, b0]`.
    #[inline(always)]
    pub fn interleave_lo(a: Self, b: Self) -> Self {
        Self([a.0[0], b.0[0]])
    }

    /// `[a1, b1]`.
    #[inline(always)]
    pub fn interleave_hi(a: Self, b: Self) -> Self {
        Self([a.0[1], b.0[1]])
    }

    /// Narrows, rounding to nearest even: the lanes of `lo`, then those of `hi`.
    #[inline(always)]
    pub fn to_f32(lo: Self, hi: Self) -> F32x4 {
        F32x4([lo.0[0] as f32, lo.0[1] as f32, hi.0[0] as f32, hi.0[1] as f32])
    }
}

macro_rules! integer {
    ($t:ident, $lane:ty, $unsigned:ty, $mask:ident, $n:literal) => {
        impl $t {
            memory!($t, $lane, $n);

            #[inline(always)]
            fn sum_with(self, other: Self) -> Self {
                Self(zip(self.0, other.0, <$lane>::wrapping_add))
            }

            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                Self(zip(self.0, other.0, <$lane>::wrapping_sub))
            }

            #[inline(always)]
            fn bits_and(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a & b))
            }

            #[inline(always)]
            fn bits_or(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a | b))
            }

            #[inline(always)]
            fn bits_xor(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a ^ b))
            }

            /// Shifts left by `N` bits, filling with zeros.
            #[inline(always)]
            pub fn shl<const N: u32>(self) -> Self {
                Self(map(self.0, |a| a << N))
            }

            /// Shifts right by `N` bits, filling with zeros.
            #[inline(always)]
            pub fn shr_logical<const N: u32>(self) -> Self {
                Self(map(self.0, |a| ((a as $unsigned) >> N) as $lane))
            }

            /// `a` where the mask holds, `b` elsewhere.
            #[inline(always)]
            pub fn select(mask: $mask, a: Self, b: Self) -> Self {
                Self(core::array::from_fn(|i| if mask.0[i] { a.0[i] } else { b.0[i] }))
            }
        }
    };
}

integer!(I32x4, i32, u32, M32x4, 4);
integer!(I64x2, i64, u64, M64x2, 2);

impl I32x4 {
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Self(zip(self.0, other.0, i32::wrapping_mul))
    }

    #[inline(always)]
    fn negate(self) -> Self {
        Self(map(self.0, i32::wrapping_neg))
    }

    /// Shifts right by `N` bits, filling with the sign.
    #[inline(always)]
    pub fn shr<const N: u32>(self) -> Self {
        Self(map(self.0, |a| a >> N))
    }

    /// Lanes where `self == other`.
    #[inline(always)]
    pub fn eq(self, other: Self) -> M32x4 {
        M32x4(zip(self.0, other.0, |a, b| a == b))
    }

    /// Lanes where `self > other`, signed.
    #[inline(always)]
    pub fn gt(self, other: Self) -> M32x4 {
        M32x4(zip(self.0, other.0, |a, b| a > b))
    }

    /// Converts to f32, rounding to nearest even.
    #[inline(always)]
    pub fn to_f32(self) -> F32x4 {
        F32x4(map(self.0, |a| a as f32))
    }

    /// Smaller of the two, signed.
    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        Self(zip(self.0, other.0, i32::min))
    }

    /// Greater of the two, signed.
    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        Self(zip(self.0, other.0, i32::max))
    }

    /// The low 16 bits of each lane.
    #[inline(always)]
    pub fn low_halves(lo: Self, hi: Self) -> [u16; 8] {
        core::array::from_fn(|i| if i < 4 { lo.0[i] } else { hi.0[i - 4] } as u16)
    }

    /// The low 8 bits of each lane.
    #[inline(always)]
    pub fn low_bytes(lanes: [Self; 4]) -> [u8; 16] {
        core::array::from_fn(|i| lanes[i / 4].0[i % 4] as u8)
    }

    /// Whether any bit is set.
    #[inline(always)]
    pub fn any(self) -> bool {
        self.0.iter().any(|&n| n != 0)
    }

    /// 1 where a lane is not 0.
    #[inline(always)]
    pub fn nonzero_to_bytes(lanes: [Self; 4]) -> [u8; 16] {
        core::array::from_fn(|i| u8::from(lanes[i / 4].0[i % 4] != 0))
    }

    /// The lanes as bytes, where all are between −128 and 127.
    #[inline(always)]
    pub fn small_to_bytes(lanes: [Self; 4]) -> Option<[u8; 16]> {
        let small = lanes.iter().flat_map(|v| v.0).all(|n| i8::try_from(n).is_ok());
        small.then(|| Self::low_bytes(lanes))
    }

    /// The lanes as 16 bits each, where all are at least −2¹⁴ and below 2¹⁴.
    #[inline(always)]
    pub fn small_to_halves(lanes: [Self; 4]) -> Option<[u16; 16]> {
        let small = lanes.iter().flat_map(|v| v.0).all(|n| (-0x4000..0x4000).contains(&n));
        small.then(|| core::array::from_fn(|i| lanes[i / 4].0[i % 4] as u16))
    }

    /// Two times 16 bits a lane, as they are in memory.
    #[inline(always)]
    pub fn pairs_of_halves(halves: [u16; 8]) -> Self {
        Self(core::array::from_fn(|i| i32::from(halves[2 * i]) | i32::from(halves[2 * i + 1]) << 16))
    }

    /// 16 bits a lane, the others as the sign.
    #[inline(always)]
    pub fn from_signed_halves(halves: [u16; 8]) -> (Self, Self) {
        let lane = |i: usize| i32::from(halves[i] as i16);
        (Self(core::array::from_fn(lane)), Self(core::array::from_fn(|i| lane(i + 4))))
    }

    /// Sixteen bytes, without signs.
    #[inline(always)]
    pub fn from_bytes(bytes: [u8; 16]) -> [Self; 4] {
        core::array::from_fn(|k| Self(core::array::from_fn(|i| i32::from(bytes[4 * k + i]))))
    }

    /// Sixteen bytes, with signs.
    #[inline(always)]
    pub fn from_signed_bytes(bytes: [i8; 16]) -> [Self; 4] {
        core::array::from_fn(|k| Self(core::array::from_fn(|i| i32::from(bytes[4 * k + i]))))
    }

    /// Greater of the two, without signs.
    #[inline(always)]
    pub fn max_unsigned(self, other: Self) -> Self {
        Self(zip(self.0, other.0, |a, b| (a as u32).max(b as u32) as i32))
    }

    /// 16 bits a lane, the others zero.
    #[inline(always)]
    pub fn from_halves(halves: [u16; 8]) -> (Self, Self) {
        let lane = |i: usize| i32::from(halves[i]);
        (Self(core::array::from_fn(lane)), Self(core::array::from_fn(|i| lane(i + 4))))
    }
}

macro_rules! mask {
    ($t:ident, $bits:ident, $n:literal) => {
        impl $t {
            /// Lane `i` holds where `lanes[i]` does.
            #[inline(always)]
            pub fn from_array(lanes: [bool; $n]) -> Self {
                Self(lanes)
            }

            #[inline(always)]
            fn bits_and(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a & b))
            }

            #[inline(always)]
            fn bits_or(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a | b))
            }

            #[inline(always)]
            fn bits_xor(self, other: Self) -> Self {
                Self(zip(self.0, other.0, |a, b| a ^ b))
            }

            #[inline(always)]
            fn invert(self) -> Self {
                Self(map(self.0, |a| !a))
            }

            /// Whether some lane holds.
            #[inline(always)]
            pub fn any(self) -> bool {
                self.0.contains(&true)
            }

            /// Whether every lane holds.
            #[inline(always)]
            pub fn all(self) -> bool {
                !self.0.contains(&false)
            }

            /// Bit `i` of the result is lane `i`.
            #[inline(always)]
            pub fn bitmask(self) -> u32 {
                (0..$n).fold(0, |bits, i| bits | (u32::from(self.0[i]) << i))
            }

            /// All ones where the mask holds, zero elsewhere.
            #[inline(always)]
            pub fn to_bits(self) -> $bits {
                $bits(map(self.0, |a| if a { -1 } else { 0 }))
            }
        }
    };
}

mask!(M32x4, I32x4, 4);
mask!(M64x2, I64x2, 2);

impl M32x4 {
    /// The sixteen lanes as bytes 0 or 1.
    #[inline(always)]
    pub fn four_to_bytes(masks: [Self; 4]) -> [u8; 16] {
        core::array::from_fn(|i| u8::from(masks[i / 4].0[i % 4]))
    }

    /// The eight lanes of `lo` and `hi` as bytes 0 or 1.
    #[inline(always)]
    pub fn to_bytes(lo: Self, hi: Self) -> [u8; 8] {
        core::array::from_fn(|i| u8::from(if i < 4 { lo.0[i] } else { hi.0[i - 4] }))
    }
}

impl M64x2 {
    /// The four lanes of `lo` and `hi` as bytes 0 or 1.
    #[inline(always)]
    pub fn to_bytes(lo: Self, hi: Self) -> [u8; 4] {
        core::array::from_fn(|i| u8::from(if i < 2 { lo.0[i] } else { hi.0[i - 2] }))
    }
}
