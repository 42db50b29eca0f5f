//! x86-64: SSE2, which every such machine has, and SSE4.1 and FMA where the build turns them on.
#![allow(missing_docs, reason = "each method is documented once, in `scalar`")]

use core::arch::x86_64::*;

/// Four f32. Methods are documented at [`scalar::F32x4`](crate::scalar::F32x4).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct F32x4(__m128);
/// Two f64. Methods are documented at [`scalar::F64x2`](crate::scalar::F64x2).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct F64x2(__m128d);
/// Four i32. Methods are documented at [`scalar::I32x4`](crate::scalar::I32x4).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct I32x4(__m128i);
/// Two i64. Methods are documented at [`scalar::I64x2`](crate::scalar::I64x2).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct I64x2(__m128i);
/// Four bools, all ones or zero. Methods are documented at
/// [`scalar::M32x4`](crate::scalar::M32x4).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct M32x4(__m128);
/// Two bools, all ones or zero. Methods are documented at
/// [`scalar::M64x2`](crate::scalar::M64x2).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct M64x2(__m128d);

/// Calls an intrinsic.
macro_rules! sse {
    ($call:expr) => {
        // SAFETY: SSE2 is part of x86-64; anything newer stands behind the `cfg` that says the
        // build has it.
        unsafe { $call }
    };
}

crate::operators::derive_vector_api!();

/// Forwards methods to intrinsics.
macro_rules! forward {
    ($t:ident: $($vis:vis fn $name:ident = $intrinsic:ident($($arg:ident),*) -> $out:ident;)+) => {
        impl $t {$(
            #[inline(always)]
            $vis fn $name(self $(, $arg: Self)*) -> $out {
                $out(sse!($intrinsic(self.0 $(, $arg.0)*)))
            }
        )+}
    };
}

macro_rules! memory {
    ($t:ident, $lane:ty, $n:literal, $raw:ty, $splat:ident, $load:ident, $store:ident) => {
        impl $t {
            #[inline(always)]
            pub fn splat(v: $lane) -> Self {
                Self(sse!($splat(v)))
            }

            #[inline(always)]
            pub fn from_array(lanes: [$lane; $n]) -> Self {
                // SAFETY: the array is as many bytes as the vector, and any bits are a vector.
                Self(unsafe { core::mem::transmute::<[$lane; $n], $raw>(lanes) })
            }

            #[inline(always)]
            pub fn to_array(self) -> [$lane; $n] {
                // SAFETY: the array is as many bytes as the vector, and any bits are numbers.
                unsafe { core::mem::transmute::<$raw, [$lane; $n]>(self.0) }
            }

            /// # Safety
            /// All lanes from `p` on must be readable.
            #[inline(always)]
            pub unsafe fn load(p: *const $lane) -> Self {
                // SAFETY: the caller vouches for the lanes; the intrinsic is the unaligned one.
                Self(unsafe { $load(p.cast()) })
            }

            /// # Safety
            /// All lanes from `p` on must be writable.
            #[inline(always)]
            pub unsafe fn store(self, p: *mut $lane) {
                // SAFETY: the caller vouches for the lanes; the intrinsic is the unaligned one.
                unsafe { $store(p.cast(), self.0) }
            }

            /// # Safety
            /// `p` must be readable.
            #[inline(always)]
            pub unsafe fn load_splat(p: *const $lane) -> Self {
                // SAFETY: the caller vouches for `p`.
                Self::splat(unsafe { p.read_unaligned() })
            }
        }
    };
}

memory!(F32x4, f32, 4, __m128, _mm_set1_ps, _mm_loadu_ps, _mm_storeu_ps);
memory!(F64x2, f64, 2, __m128d, _mm_set1_pd, _mm_loadu_pd, _mm_storeu_pd);
memory!(I32x4, i32, 4, __m128i, _mm_set1_epi32, _mm_loadu_si128, _mm_storeu_si128);
memory!(I64x2, i64, 2, __m128i, _mm_set1_epi64x, _mm_loadu_si128, _mm_storeu_si128);

/// What is spelled the same for four f32 and two f64, up to the suffix of the intrinsics.
macro_rules! float {
    ($t:ident, $lane:ty, $bits:ident, $mask:ident, $n:literal,
     $add:ident $sub:ident $mul:ident $div:ident $and:ident $or:ident $xor:ident $andnot:ident $sqrt:ident $min:ident $max:ident
     $lt:ident $le:ident $eq:ident $ne:ident $unord:ident $to_bits:ident $from_bits:ident $fmadd:ident $fnmadd:ident
     $round:ident $blend:ident) => {
        forward! { $t:
            fn sum_with = $add(other) -> $t;
            fn minus = $sub(other) -> $t;
            fn times = $mul(other) -> $t;
            fn over = $div(other) -> $t;
            fn bits_and = $and(other) -> $t;
            fn bits_or = $or(other) -> $t;
            fn bits_xor = $xor(other) -> $t;
            pub fn sqrt = $sqrt() -> $t;
            pub fn lt = $lt(other) -> $mask;
            pub fn le = $le(other) -> $mask;
            pub fn eq = $eq(other) -> $mask;
            pub fn ne = $ne(other) -> $mask;
            pub fn to_bits = $to_bits() -> $bits;
        }

        impl $t {
            #[inline(always)]
            fn negate(self) -> Self {
                self ^ Self::splat(-0.0)
            }

            #[inline(always)]
            pub fn andnot(self, other: Self) -> Self {
                Self(sse!($andnot(other.0, self.0)))
            }

            #[inline(always)]
            pub fn abs(self) -> Self {
                self.andnot(Self::splat(-0.0))
            }

            // The x86 minimum and maximum return their second operand on NaN and on equal zeros;
            // pmin and pmax their first.
            #[inline(always)]
            pub fn pmin(self, other: Self) -> Self {
                Self(sse!($min(other.0, self.0)))
            }

            #[inline(always)]
            pub fn pmax(self, other: Self) -> Self {
                Self(sse!($max(other.0, self.0)))
            }

            // Both orders joined bit by bit: a zero keeps its minus sign, and a NaN in either order
            // stays a NaN.
            #[inline(always)]
            pub fn min(self, other: Self) -> Self {
                Self(sse!($min(self.0, other.0))) | Self(sse!($min(other.0, self.0)))
            }

            // Both orders met bit by bit: of two zeros the sign is dropped; NaN is put in by hand.
            #[inline(always)]
            pub fn max(self, other: Self) -> Self {
                let met = Self(sse!($max(self.0, other.0))) & Self(sse!($max(other.0, self.0)));
                met | Self(sse!($unord(self.0, other.0)))
            }

            #[inline(always)]
            pub fn mul_add(self, b: Self, c: Self) -> Self {
                #[cfg(target_feature = "fma")]
                return Self(sse!($fmadd(self.0, b.0, c.0)));
                #[cfg(not(target_feature = "fma"))]
                return self * b + c;
            }

            #[inline(always)]
            pub fn neg_mul_add(self, b: Self, c: Self) -> Self {
                #[cfg(target_feature = "fma")]
                return Self(sse!($fnmadd(self.0, b.0, c.0)));
                #[cfg(not(target_feature = "fma"))]
                return c - self * b;
            }

            #[inline(always)]
            pub fn select(mask: $mask, a: Self, b: Self) -> Self {
                #[cfg(target_feature = "sse4.1")]
                return Self(sse!($blend(b.0, a.0, mask.0)));
                #[cfg(not(target_feature = "sse4.1"))]
                return Self(sse!($or($and(mask.0, a.0), $andnot(mask.0, b.0))));
            }

            #[inline(always)]
            pub fn from_bits(bits: $bits) -> Self {
                Self(sse!($from_bits(bits.0)))
            }

            #[inline(always)]
            pub fn floor(self) -> Self {
                #[cfg(target_feature = "sse4.1")]
                return Self(sse!($round::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0)));
                #[cfg(not(target_feature = "sse4.1"))]
                return Self::from_array(self.to_array().map(<$lane>::floor));
            }

            #[inline(always)]
            pub fn ceil(self) -> Self {
                #[cfg(target_feature = "sse4.1")]
                return Self(sse!($round::<{ _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC }>(self.0)));
                #[cfg(not(target_feature = "sse4.1"))]
                return Self::from_array(self.to_array().map(<$lane>::ceil));
            }

            #[inline(always)]
            pub fn trunc(self) -> Self {
                #[cfg(target_feature = "sse4.1")]
                return Self(sse!($round::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0)));
                #[cfg(not(target_feature = "sse4.1"))]
                return Self::from_array(self.to_array().map(<$lane>::trunc));
            }

            #[inline(always)]
            pub fn nearest(self) -> Self {
                #[cfg(target_feature = "sse4.1")]
                return Self(sse!($round::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)));
                #[cfg(not(target_feature = "sse4.1"))]
                return Self::from_array(self.to_array().map(<$lane>::round_ties_even));
            }
        }
    };
}

float!(F32x4, f32, I32x4, M32x4, 4,
    _mm_add_ps _mm_sub_ps _mm_mul_ps _mm_div_ps _mm_and_ps _mm_or_ps _mm_xor_ps _mm_andnot_ps _mm_sqrt_ps _mm_min_ps _mm_max_ps
    _mm_cmplt_ps _mm_cmple_ps _mm_cmpeq_ps _mm_cmpneq_ps _mm_cmpunord_ps _mm_castps_si128 _mm_castsi128_ps _mm_fmadd_ps _mm_fnmadd_ps
    _mm_round_ps _mm_blendv_ps);
float!(F64x2, f64, I64x2, M64x2, 2,
    _mm_add_pd _mm_sub_pd _mm_mul_pd _mm_div_pd _mm_and_pd _mm_or_pd _mm_xor_pd _mm_andnot_pd _mm_sqrt_pd _mm_min_pd _mm_max_pd
    _mm_cmplt_pd _mm_cmple_pd _mm_cmpeq_pd _mm_cmpneq_pd _mm_cmpunord_pd _mm_castpd_si128 _mm_castsi128_pd _mm_fmadd_pd _mm_fnmadd_pd
    _mm_round_pd _mm_blendv_pd);

impl F32x4 {
    #[inline(always)]
    pub fn trunc_i32(self) -> I32x4 {
        I32x4::from_array(self.to_array().map(|a| a as i32))
    }

    #[inline(always)]
    pub fn trunc_i32_in_range(self) -> I32x4 {
        I32x4(sse!(_mm_cvttps_epi32(self.0)))
    }

    #[inline(always)]
    pub fn interleave_lo(a: Self, b: Self) -> Self {
        Self(sse!(_mm_unpacklo_ps(a.0, b.0)))
    }

    #[inline(always)]
    pub fn interleave_hi(a: Self, b: Self) -> Self {
        Self(sse!(_mm_unpackhi_ps(a.0, b.0)))
    }

    #[inline(always)]
    pub fn concat_lo(a: Self, b: Self) -> Self {
        Self(sse!(_mm_movelh_ps(a.0, b.0)))
    }

    #[inline(always)]
    pub fn concat_hi(a: Self, b: Self) -> Self {
        Self(sse!(_mm_movehl_ps(b.0, a.0)))
    }

    #[inline(always)]
    pub fn to_f64(self) -> (F64x2, F64x2) {
        (F64x2(sse!(_mm_cvtps_pd(self.0))), F64x2(sse!(_mm_cvtps_pd(_mm_movehl_ps(self.0, self.0)))))
    }
}

impl F64x2 {
    #[inline(always)]
    pub fn interleave_lo(a: Self, b: Self) -> Self {
        Self(sse!(_mm_unpacklo_pd(a.0, b.0)))
    }

    #[inline(always)]
    pub fn interleave_hi(a: Self, b: Self) -> Self {
        Self(sse!(_mm_unpackhi_pd(a.0, b.0)))
    }

    #[inline(always)]
    pub fn to_f32(lo: Self, hi: Self) -> F32x4 {
        F32x4(sse!(_mm_movelh_ps(_mm_cvtpd_ps(lo.0), _mm_cvtpd_ps(hi.0))))
    }
}

forward! { I32x4:
    fn sum_with = _mm_add_epi32(other) -> I32x4;
    fn minus = _mm_sub_epi32(other) -> I32x4;
    fn bits_and = _mm_and_si128(other) -> I32x4;
    fn bits_or = _mm_or_si128(other) -> I32x4;
    fn bits_xor = _mm_xor_si128(other) -> I32x4;
    pub fn to_f32 = _mm_cvtepi32_ps() -> F32x4;
}

impl I32x4 {
    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        Self::select(self.gt(other), other, self)
    }

    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        Self::select(self.gt(other), self, other)
    }

    #[inline(always)]
    pub fn low_halves(lo: Self, hi: Self) -> [u16; 8] {
        // SSE2 narrows with signs only: they are made to fit.
        let [lo, hi] = [lo, hi].map(|v| v.shl::<16>().shr::<16>().0);
        let halves = sse!(_mm_packs_epi32(lo, hi));
        // SAFETY: as many bytes, and any bits are numbers.
        unsafe { core::mem::transmute::<__m128i, [u16; 8]>(halves) }
    }

    #[inline(always)]
    pub fn low_bytes(lanes: [Self; 4]) -> [u8; 16] {
        let [a, b, c, d] = lanes.map(|lane| (lane & Self::splat(0xff)).0);
        let bytes = sse!(_mm_packus_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d)));
        // SAFETY: as many bytes, and any bits are numbers.
        unsafe { core::mem::transmute::<__m128i, [u8; 16]>(bytes) }
    }

    #[inline(always)]
    pub fn any(self) -> bool {
        sse!(_mm_movemask_epi8(_mm_cmpeq_epi8(self.0, _mm_setzero_si128()))) != 0xffff
    }

    #[inline(always)]
    pub fn nonzero_to_bytes([a, b, c, d]: [Self; 4]) -> [u8; 16] {
        // A narrowing that saturates leaves 0 and nothing else at 0.
        let bytes = sse!(_mm_packs_epi16(_mm_packs_epi32(a.0, b.0), _mm_packs_epi32(c.0, d.0)));
        let ones = sse!(_mm_min_epu8(bytes, _mm_set1_epi8(1)));
        // SAFETY: as many bytes, and any bits are numbers.
        unsafe { core::mem::transmute::<__m128i, [u8; 16]>(ones) }
    }

    #[inline(always)]
    pub fn small_to_bytes([a, b, c, d]: [Self; 4]) -> Option<[u8; 16]> {
        let (lo, hi) = (sse!(_mm_packs_epi32(a.0, b.0)), sse!(_mm_packs_epi32(c.0, d.0)));
        let middle = sse!(_mm_set1_epi16(0x80));
        let outside = sse!(_mm_or_si128(_mm_add_epi16(lo, middle), _mm_add_epi16(hi, middle)));
        let inside =
            sse!(_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_srli_epi16::<8>(outside), _mm_setzero_si128()))) == 0xffff;
        // SAFETY: as many bytes, and any bits are numbers.
        inside.then(|| unsafe { core::mem::transmute::<__m128i, [u8; 16]>(_mm_packs_epi16(lo, hi)) })
    }

    #[inline(always)]
    pub fn small_to_halves([a, b, c, d]: [Self; 4]) -> Option<[u16; 16]> {
        let (lo, hi) = (sse!(_mm_packs_epi32(a.0, b.0)), sse!(_mm_packs_epi32(c.0, d.0)));
        let middle = sse!(_mm_set1_epi16(0x4000));
        let outside = sse!(_mm_or_si128(_mm_add_epi16(lo, middle), _mm_add_epi16(hi, middle)));
        // The sign of each is the top bit of its second byte.
        let inside = sse!(_mm_movemask_epi8(outside)) & 0xaaaa == 0;
        // SAFETY: as many bytes, and any bits are numbers.
        inside.then(|| unsafe { core::mem::transmute::<[__m128i; 2], [u16; 16]>([lo, hi]) })
    }

    #[inline(always)]
    pub fn pairs_of_halves(halves: [u16; 8]) -> Self {
        // SAFETY: as many bytes, and any bits are a vector.
        Self(unsafe { core::mem::transmute::<[u16; 8], __m128i>(halves) })
    }

    #[inline(always)]
    pub fn from_signed_halves(halves: [u16; 8]) -> (Self, Self) {
        let (lo, hi) = Self::from_halves(halves);
        (lo.shl::<16>().shr::<16>(), hi.shl::<16>().shr::<16>())
    }

    #[inline(always)]
    pub fn from_bytes(bytes: [u8; 16]) -> [Self; 4] {
        core::array::from_fn(|k| Self::from_array(core::array::from_fn(|i| i32::from(bytes[4 * k + i]))))
    }

    #[inline(always)]
    pub fn from_signed_bytes(bytes: [i8; 16]) -> [Self; 4] {
        core::array::from_fn(|k| Self::from_array(core::array::from_fn(|i| i32::from(bytes[4 * k + i]))))
    }

    #[inline(always)]
    pub fn max_unsigned(self, other: Self) -> Self {
        // The order of numbers without a sign is that of their bits with the top one turned over.
        let top = Self::splat(i32::MIN);
        (self ^ top).max(other ^ top) ^ top
    }

    #[inline(always)]
    pub fn from_halves(halves: [u16; 8]) -> (Self, Self) {
        // SAFETY: as many bytes, and any bits are a vector.
        let halves = unsafe { core::mem::transmute::<[u16; 8], __m128i>(halves) };
        let zero = Self::splat(0).0;
        (Self(sse!(_mm_unpacklo_epi16(halves, zero))), Self(sse!(_mm_unpackhi_epi16(halves, zero))))
    }

    #[inline(always)]
    fn negate(self) -> Self {
        Self::splat(0) - self
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        #[cfg(target_feature = "sse4.1")]
        return Self(sse!(_mm_mullo_epi32(self.0, other.0)));
        #[cfg(not(target_feature = "sse4.1"))]
        {
            let even = sse!(_mm_mul_epu32(self.0, other.0));
            let odd = sse!(_mm_mul_epu32(_mm_srli_epi64::<32>(self.0), _mm_srli_epi64::<32>(other.0)));
            Self(sse!(_mm_unpacklo_epi32(
                _mm_shuffle_epi32::<0b00_00_10_00>(even),
                _mm_shuffle_epi32::<0b00_00_10_00>(odd)
            )))
        }
    }

    #[inline(always)]
    pub fn eq(self, other: Self) -> M32x4 {
        M32x4(sse!(_mm_castsi128_ps(_mm_cmpeq_epi32(self.0, other.0))))
    }

    #[inline(always)]
    pub fn gt(self, other: Self) -> M32x4 {
        M32x4(sse!(_mm_castsi128_ps(_mm_cmpgt_epi32(self.0, other.0))))
    }

    // Counts are const parameters of the portable type but `i32` ones of the intrinsics, so they go
    // through a register.
    #[inline(always)]
    pub fn shl<const N: u32>(self) -> Self {
        Self(sse!(_mm_sll_epi32(self.0, _mm_cvtsi32_si128(N as i32))))
    }

    #[inline(always)]
    pub fn shr<const N: u32>(self) -> Self {
        Self(sse!(_mm_sra_epi32(self.0, _mm_cvtsi32_si128(N as i32))))
    }

    #[inline(always)]
    pub fn shr_logical<const N: u32>(self) -> Self {
        Self(sse!(_mm_srl_epi32(self.0, _mm_cvtsi32_si128(N as i32))))
    }

    #[inline(always)]
    pub fn select(mask: M32x4, a: Self, b: Self) -> Self {
        F32x4::select(mask, F32x4::from_bits(a), F32x4::from_bits(b)).to_bits()
    }
}

forward! { I64x2:
    fn sum_with = _mm_add_epi64(other) -> I64x2;
    fn minus = _mm_sub_epi64(other) -> I64x2;
    fn bits_and = _mm_and_si128(other) -> I64x2;
    fn bits_or = _mm_or_si128(other) -> I64x2;
    fn bits_xor = _mm_xor_si128(other) -> I64x2;
}

impl I64x2 {
    #[inline(always)]
    pub fn shl<const N: u32>(self) -> Self {
        Self(sse!(_mm_sll_epi64(self.0, _mm_cvtsi32_si128(N as i32))))
    }

    #[inline(always)]
    pub fn shr_logical<const N: u32>(self) -> Self {
        Self(sse!(_mm_srl_epi64(self.0, _mm_cvtsi32_si128(N as i32))))
    }

    #[inline(always)]
    pub fn select(mask: M64x2, a: Self, b: Self) -> Self {
        F64x2::select(mask, F64x2::from_bits(a), F64x2::from_bits(b)).to_bits()
    }
}

macro_rules! mask {
    ($t:ident, $bits:ident, $lane:ty, $n:literal, $full:literal, $and:ident $or:ident $xor:ident $movemask:ident $to_bits:ident $from_bits:ident) => {
        forward! { $t:
            fn bits_and = $and(other) -> $t;
            fn bits_or = $or(other) -> $t;
            fn bits_xor = $xor(other) -> $t;
            pub fn to_bits = $to_bits() -> $bits;
        }
        impl $t {
            #[inline(always)]
            pub fn from_array(lanes: [bool; $n]) -> Self {
                Self(sse!($from_bits($bits::from_array(lanes.map(|on| -<$lane>::from(on))).0)))
            }

            #[inline(always)]
            fn invert(self) -> Self {
                self ^ Self(sse!($from_bits($bits::splat(-1).0)))
            }

            #[inline(always)]
            pub fn any(self) -> bool {
                self.bitmask() != 0
            }

            #[inline(always)]
            pub fn all(self) -> bool {
                self.bitmask() == $full
            }

            #[inline(always)]
            pub fn bitmask(self) -> u32 {
                sse!($movemask(self.0)) as u32
            }
        }
    };
}

mask!(M32x4, I32x4, i32, 4, 0b1111, _mm_and_ps _mm_or_ps _mm_xor_ps _mm_movemask_ps _mm_castps_si128 _mm_castsi128_ps);
mask!(M64x2, I64x2, i64, 2, 0b11, _mm_and_pd _mm_or_pd _mm_xor_pd _mm_movemask_pd _mm_castpd_si128 _mm_castsi128_pd);

impl M32x4 {
    #[inline(always)]
    pub fn four_to_bytes(masks: [Self; 4]) -> [u8; 16] {
        let [a, b, c, d] = masks.map(|mask| mask.to_bits().0);
        let bytes = sse!(_mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d)));
        let bytes = sse!(_mm_and_si128(bytes, _mm_set1_epi8(1)));
        // SAFETY: as many bytes, and any bits are numbers.
        unsafe { core::mem::transmute::<__m128i, [u8; 16]>(bytes) }
    }

    #[inline(always)]
    pub fn to_bytes(lo: Self, hi: Self) -> [u8; 8] {
        let halves = sse!(_mm_packs_epi32(lo.to_bits().0, hi.to_bits().0));
        let bytes = sse!(_mm_and_si128(_mm_packs_epi16(halves, halves), _mm_set1_epi8(1)));
        sse!(_mm_cvtsi128_si64(bytes)).to_le_bytes()
    }
}

impl M64x2 {
    #[inline(always)]
    pub fn to_bytes(lo: Self, hi: Self) -> [u8; 4] {
        let words = sse!(_mm_shuffle_ps::<0b10_00_10_00>(_mm_castpd_ps(lo.0), _mm_castpd_ps(hi.0)));
        let halves = sse!(_mm_packs_epi32(_mm_castps_si128(words), _mm_setzero_si128()));
        let bytes = sse!(_mm_and_si128(_mm_packs_epi16(halves, halves), _mm_set1_epi8(1)));
        sse!(_mm_cvtsi128_si32(bytes)).to_le_bytes()
    }
}
