//! WebAssembly `simd128`, with the instructions of `relaxed-simd` where the build has them.
#![allow(missing_docs, reason = "each method is documented once, in `scalar`")]

use core::arch::wasm32::*;

/// Four f32. Methods are documented at [`scalar::F32x4`](crate::scalar::F32x4).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct F32x4(v128);
/// Two f64. Methods are documented at [`scalar::F64x2`](crate::scalar::F64x2).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct F64x2(v128);
/// Four i32. Methods are documented at [`scalar::I32x4`](crate::scalar::I32x4).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct I32x4(v128);
/// Two i64. Methods are documented at [`scalar::I64x2`](crate::scalar::I64x2).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct I64x2(v128);
/// Four bools, all ones or zero. Methods are documented at
/// [`scalar::M32x4`](crate::scalar::M32x4).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct M32x4(v128);
/// Two bools, all ones or zero. Methods are documented at
/// [`scalar::M64x2`](crate::scalar::M64x2).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct M64x2(v128);

crate::operators::derive_vector_api!();

/// Forwards methods to intrinsics.
macro_rules! forward {
    ($t:ident: $($vis:vis fn $name:ident = $intrinsic:ident($($arg:ident),*) -> $out:ident;)+) => {
        impl $t {$(
            #[inline(always)]
            $vis fn $name(self $(, $arg: Self)*) -> $out {
                $out($intrinsic(self.0 $(, $arg.0)*))
            }
        )+}
    };
}

macro_rules! memory {
    ($t:ident, $lane:ty, $n:literal, $splat:ident, $load_splat:ident) => {
        impl $t {
            #[inline(always)]
            pub fn splat(v: $lane) -> Self {
                Self($splat(v))
            }

            #[inline(always)]
            pub fn from_array(lanes: [$lane; $n]) -> Self {
                // SAFETY: the array is as many bytes as the vector, and any bits are a vector.
                Self(unsafe { core::mem::transmute::<[$lane; $n], v128>(lanes) })
            }

            #[inline(always)]
            pub fn to_array(self) -> [$lane; $n] {
                // SAFETY: the array is as many bytes as the vector, and any bits are numbers.
                unsafe { core::mem::transmute::<v128, [$lane; $n]>(self.0) }
            }

            /// # Safety
            /// All lanes from `p` on must be readable.
            #[inline(always)]
            pub unsafe fn load(p: *const $lane) -> Self {
                // SAFETY: the caller vouches for the lanes; `v128_load` is unaligned.
                Self(unsafe { v128_load(p.cast()) })
            }

            /// # Safety
            /// All lanes from `p` on must be writable.
            #[inline(always)]
            pub unsafe fn store(self, p: *mut $lane) {
                // SAFETY: the caller vouches for the lanes; `v128_store` is unaligned.
                unsafe { v128_store(p.cast(), self.0) }
            }

            /// # Safety
            /// `p` must be readable.
            #[inline(always)]
            pub unsafe fn load_splat(p: *const $lane) -> Self {
                // SAFETY: the caller vouches for `p`.
                Self(unsafe { $load_splat(p.cast()) })
            }
        }
    };
}

macro_rules! select {
    ($t:ident, $mask:ident, $relaxed:ident) => {
        impl $t {
            #[inline(always)]
            pub fn select(mask: $mask, a: Self, b: Self) -> Self {
                // A relaxed select may look at the top bit of a lane only; the lanes of a mask are
                // all ones or zero, so both agree.
                #[cfg(target_feature = "relaxed-simd")]
                return Self($relaxed(a.0, b.0, mask.0));
                #[cfg(not(target_feature = "relaxed-simd"))]
                return Self(v128_bitselect(a.0, b.0, mask.0));
            }
        }
    };
}

memory!(F32x4, f32, 4, f32x4_splat, v128_load32_splat);
memory!(F64x2, f64, 2, f64x2_splat, v128_load64_splat);
memory!(I32x4, i32, 4, i32x4_splat, v128_load32_splat);
memory!(I64x2, i64, 2, i64x2_splat, v128_load64_splat);
select!(F32x4, M32x4, i32x4_relaxed_laneselect);
select!(I32x4, M32x4, i32x4_relaxed_laneselect);
select!(F64x2, M64x2, i64x2_relaxed_laneselect);
select!(I64x2, M64x2, i64x2_relaxed_laneselect);

forward! { F32x4:
    fn sum_with = f32x4_add(other) -> F32x4;
    fn minus = f32x4_sub(other) -> F32x4;
    fn times = f32x4_mul(other) -> F32x4;
    fn over = f32x4_div(other) -> F32x4;
    fn negate = f32x4_neg() -> F32x4;
    fn bits_and = v128_and(other) -> F32x4;
    fn bits_or = v128_or(other) -> F32x4;
    fn bits_xor = v128_xor(other) -> F32x4;
    pub fn andnot = v128_andnot(other) -> F32x4;
    pub fn abs = f32x4_abs() -> F32x4;
    pub fn sqrt = f32x4_sqrt() -> F32x4;
    pub fn min = f32x4_min(other) -> F32x4;
    pub fn max = f32x4_max(other) -> F32x4;
    pub fn lt = f32x4_lt(other) -> M32x4;
    pub fn le = f32x4_le(other) -> M32x4;
    pub fn eq = f32x4_eq(other) -> M32x4;
    pub fn ne = f32x4_ne(other) -> M32x4;
    pub fn floor = f32x4_floor() -> F32x4;
    pub fn ceil = f32x4_ceil() -> F32x4;
    pub fn trunc = f32x4_trunc() -> F32x4;
    pub fn nearest = f32x4_nearest() -> F32x4;
    pub fn trunc_i32 = i32x4_trunc_sat_f32x4() -> I32x4;
}

forward! { F64x2:
    fn sum_with = f64x2_add(other) -> F64x2;
    fn minus = f64x2_sub(other) -> F64x2;
    fn times = f64x2_mul(other) -> F64x2;
    fn over = f64x2_div(other) -> F64x2;
    fn negate = f64x2_neg() -> F64x2;
    fn bits_and = v128_and(other) -> F64x2;
    fn bits_or = v128_or(other) -> F64x2;
    fn bits_xor = v128_xor(other) -> F64x2;
    pub fn andnot = v128_andnot(other) -> F64x2;
    pub fn abs = f64x2_abs() -> F64x2;
    pub fn sqrt = f64x2_sqrt() -> F64x2;
    pub fn min = f64x2_min(other) -> F64x2;
    pub fn max = f64x2_max(other) -> F64x2;
    pub fn lt = f64x2_lt(other) -> M64x2;
    pub fn le = f64x2_le(other) -> M64x2;
    pub fn eq = f64x2_eq(other) -> M64x2;
    pub fn ne = f64x2_ne(other) -> M64x2;
    pub fn floor = f64x2_floor() -> F64x2;
    pub fn ceil = f64x2_ceil() -> F64x2;
    pub fn trunc = f64x2_trunc() -> F64x2;
    pub fn nearest = f64x2_nearest() -> F64x2;
}

forward! { I32x4:
    fn sum_with = i32x4_add(other) -> I32x4;
    fn minus = i32x4_sub(other) -> I32x4;
    fn times = i32x4_mul(other) -> I32x4;
    fn negate = i32x4_neg() -> I32x4;
    fn bits_and = v128_and(other) -> I32x4;
    fn bits_or = v128_or(other) -> I32x4;
    fn bits_xor = v128_xor(other) -> I32x4;
    pub fn eq = i32x4_eq(other) -> M32x4;
    pub fn gt = i32x4_gt(other) -> M32x4;
    pub fn to_f32 = f32x4_convert_i32x4() -> F32x4;
    pub fn min = i32x4_min(other) -> I32x4;
    pub fn max = i32x4_max(other) -> I32x4;
    pub fn max_unsigned = u32x4_max(other) -> I32x4;
}

forward! { I64x2:
    fn sum_with = i64x2_add(other) -> I64x2;
    fn minus = i64x2_sub(other) -> I64x2;
    fn bits_and = v128_and(other) -> I64x2;
    fn bits_or = v128_or(other) -> I64x2;
    fn bits_xor = v128_xor(other) -> I64x2;
}

macro_rules! float {
    ($t:ident, $bits:ident, $madd:ident, $nmadd:ident, $mul:ident, $add:ident, $sub:ident) => {
        impl $t {
            #[inline(always)]
            pub fn mul_add(self, b: Self, c: Self) -> Self {
                #[cfg(target_feature = "relaxed-simd")]
                return Self($madd(self.0, b.0, c.0));
                #[cfg(not(target_feature = "relaxed-simd"))]
                return Self($add($mul(self.0, b.0), c.0));
            }

            #[inline(always)]
            pub fn neg_mul_add(self, b: Self, c: Self) -> Self {
                #[cfg(target_feature = "relaxed-simd")]
                return Self($nmadd(self.0, b.0, c.0));
                #[cfg(not(target_feature = "relaxed-simd"))]
                return Self($sub(c.0, $mul(self.0, b.0)));
            }

            #[inline(always)]
            pub fn to_bits(self) -> $bits {
                $bits(self.0)
            }

            #[inline(always)]
            pub fn from_bits(bits: $bits) -> Self {
                Self(bits.0)
            }
        }
    };
}

/// With relaxed SIMD, LLVM makes every pseudo-minimum a relaxed one, with the operands in either
/// order, and so loses which of them a NaN gives (22.1; `exp(NaN)` was ∞). Asked for by name it
/// keeps the order. Engines answer a NaN with the second operand (x86, whose instruction is that)
/// or with NaN (Arm): right for a NaN in `self`, which is what vector functions pass on. The tests
/// in WebAssembly hold this.
macro_rules! pseudo {
    ($t:ident, $pmin:ident, $pmax:ident, $relaxed_min:ident, $relaxed_max:ident) => {
        impl $t {
            #[inline(always)]
            pub fn pmin(self, other: Self) -> Self {
                #[cfg(target_feature = "relaxed-simd")]
                return Self($relaxed_min(other.0, self.0));
                #[cfg(not(target_feature = "relaxed-simd"))]
                return Self($pmin(self.0, other.0));
            }

            #[inline(always)]
            pub fn pmax(self, other: Self) -> Self {
                #[cfg(target_feature = "relaxed-simd")]
                return Self($relaxed_max(other.0, self.0));
                #[cfg(not(target_feature = "relaxed-simd"))]
                return Self($pmax(self.0, other.0));
            }
        }
    };
}

pseudo!(F32x4, f32x4_pmin, f32x4_pmax, f32x4_relaxed_min, f32x4_relaxed_max);
pseudo!(F64x2, f64x2_pmin, f64x2_pmax, f64x2_relaxed_min, f64x2_relaxed_max);

float!(F32x4, I32x4, f32x4_relaxed_madd, f32x4_relaxed_nmadd, f32x4_mul, f32x4_add, f32x4_sub);
float!(F64x2, I64x2, f64x2_relaxed_madd, f64x2_relaxed_nmadd, f64x2_mul, f64x2_add, f64x2_sub);

impl F32x4 {
    #[inline(always)]
    pub fn trunc_i32_in_range(self) -> I32x4 {
        #[cfg(target_feature = "relaxed-simd")]
        return I32x4(i32x4_relaxed_trunc_f32x4(self.0));
        #[cfg(not(target_feature = "relaxed-simd"))]
        return I32x4(i32x4_trunc_sat_f32x4(self.0));
    }

    #[inline(always)]
    pub fn interleave_lo(a: Self, b: Self) -> Self {
        Self(i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0))
    }

    #[inline(always)]
    pub fn interleave_hi(a: Self, b: Self) -> Self {
        Self(i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0))
    }

    #[inline(always)]
    pub fn concat_lo(a: Self, b: Self) -> Self {
        Self(i64x2_shuffle::<0, 2>(a.0, b.0))
    }

    #[inline(always)]
    pub fn concat_hi(a: Self, b: Self) -> Self {
        Self(i64x2_shuffle::<1, 3>(a.0, b.0))
    }

    #[inline(always)]
    pub fn to_f64(self) -> (F64x2, F64x2) {
        let high = i64x2_shuffle::<1, 1>(self.0, self.0);
        (F64x2(f64x2_promote_low_f32x4(self.0)), F64x2(f64x2_promote_low_f32x4(high)))
    }
}

impl F64x2 {
    #[inline(always)]
    pub fn interleave_lo(a: Self, b: Self) -> Self {
        Self(i64x2_shuffle::<0, 2>(a.0, b.0))
    }

    #[inline(always)]
    pub fn interleave_hi(a: Self, b: Self) -> Self {
        Self(i64x2_shuffle::<1, 3>(a.0, b.0))
    }

    #[inline(always)]
    pub fn to_f32(lo: Self, hi: Self) -> F32x4 {
        F32x4(i64x2_shuffle::<0, 2>(f32x4_demote_f64x2_zero(lo.0), f32x4_demote_f64x2_zero(hi.0)))
    }
}

impl I32x4 {
    #[inline(always)]
    pub fn shl<const N: u32>(self) -> Self {
        Self(i32x4_shl(self.0, N))
    }

    #[inline(always)]
    pub fn shr<const N: u32>(self) -> Self {
        Self(i32x4_shr(self.0, N))
    }

    #[inline(always)]
    pub fn shr_logical<const N: u32>(self) -> Self {
        Self(u32x4_shr(self.0, N))
    }

    #[inline(always)]
    pub fn low_halves(lo: Self, hi: Self) -> [u16; 8] {
        // Of numbers of 16 bits the narrowing, which saturates, changes nothing.
        let mask = i32x4_splat(0xffff);
        let halves = u16x8_narrow_i32x4(v128_and(lo.0, mask), v128_and(hi.0, mask));
        // SAFETY: as many bytes, and any bits are numbers.
        unsafe { core::mem::transmute::<v128, [u16; 8]>(halves) }
    }

    #[inline(always)]
    pub fn low_bytes(lanes: [Self; 4]) -> [u8; 16] {
        // Shuffles: of lanes whose bits LLVM knows something about it makes two comparisons for a
        // narrowing.
        let [a, b, c, d] = lanes.map(|lane| lane.0);
        let lo = i16x8_shuffle::<0, 2, 4, 6, 8, 10, 12, 14>(a, b);
        let hi = i16x8_shuffle::<0, 2, 4, 6, 8, 10, 12, 14>(c, d);
        let bytes = i8x16_shuffle::<0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30>(lo, hi);
        // SAFETY: as many bytes, and any bits are numbers.
        unsafe { core::mem::transmute::<v128, [u8; 16]>(bytes) }
    }

    #[inline(always)]
    pub fn any(self) -> bool {
        v128_any_true(self.0)
    }

    #[inline(always)]
    pub fn nonzero_to_bytes([a, b, c, d]: [Self; 4]) -> [u8; 16] {
        // A narrowing that saturates leaves 0 and nothing else at 0.
        let bytes = i8x16_narrow_i16x8(i16x8_narrow_i32x4(a.0, b.0), i16x8_narrow_i32x4(c.0, d.0));
        // SAFETY: as many bytes, and any bits are numbers.
        unsafe { core::mem::transmute::<v128, [u8; 16]>(u8x16_min(bytes, i8x16_splat(1))) }
    }

    #[inline(always)]
    pub fn small_to_bytes([a, b, c, d]: [Self; 4]) -> Option<[u8; 16]> {
        // What the narrowing to 16 bits cuts off is no byte either.
        let (lo, hi) = (i16x8_narrow_i32x4(a.0, b.0), i16x8_narrow_i32x4(c.0, d.0));
        let middle = i16x8_splat(0x80);
        let outside = v128_and(v128_or(i16x8_add(lo, middle), i16x8_add(hi, middle)), u16x8_splat(0xff00));
        // SAFETY: as many bytes, and any bits are numbers.
        (!v128_any_true(outside)).then(|| unsafe { core::mem::transmute::<v128, [u8; 16]>(i8x16_narrow_i16x8(lo, hi)) })
    }

    #[inline(always)]
    pub fn small_to_halves([a, b, c, d]: [Self; 4]) -> Option<[u16; 16]> {
        let (lo, hi) = (i16x8_narrow_i32x4(a.0, b.0), i16x8_narrow_i32x4(c.0, d.0));
        let middle = i16x8_splat(0x4000);
        let outside = v128_or(i16x8_add(lo, middle), i16x8_add(hi, middle));
        // SAFETY: as many bytes, and any bits are numbers.
        (i16x8_bitmask(outside) == 0).then(|| unsafe { core::mem::transmute::<[v128; 2], [u16; 16]>([lo, hi]) })
    }

    #[inline(always)]
    pub fn pairs_of_halves(halves: [u16; 8]) -> Self {
        // SAFETY: as many bytes, and any bits are a vector.
        Self(unsafe { core::mem::transmute::<[u16; 8], v128>(halves) })
    }

    #[inline(always)]
    pub fn from_signed_halves(halves: [u16; 8]) -> (Self, Self) {
        // SAFETY: as many bytes, and any bits are a vector.
        let halves = unsafe { core::mem::transmute::<[u16; 8], v128>(halves) };
        (Self(i32x4_extend_low_i16x8(halves)), Self(i32x4_extend_high_i16x8(halves)))
    }

    #[inline(always)]
    pub fn from_bytes(bytes: [u8; 16]) -> [Self; 4] {
        // SAFETY: as many bytes, and any bits are a vector.
        let bytes = unsafe { core::mem::transmute::<[u8; 16], v128>(bytes) };
        let (lo, hi) = (u16x8_extend_low_u8x16(bytes), u16x8_extend_high_u8x16(bytes));
        [
            u32x4_extend_low_u16x8(lo),
            u32x4_extend_high_u16x8(lo),
            u32x4_extend_low_u16x8(hi),
            u32x4_extend_high_u16x8(hi),
        ]
        .map(Self)
    }

    #[inline(always)]
    pub fn from_signed_bytes(bytes: [i8; 16]) -> [Self; 4] {
        // SAFETY: as many bytes, and any bits are a vector.
        let bytes = unsafe { core::mem::transmute::<[i8; 16], v128>(bytes) };
        let (lo, hi) = (i16x8_extend_low_i8x16(bytes), i16x8_extend_high_i8x16(bytes));
        [
            i32x4_extend_low_i16x8(lo),
            i32x4_extend_high_i16x8(lo),
            i32x4_extend_low_i16x8(hi),
            i32x4_extend_high_i16x8(hi),
        ]
        .map(Self)
    }

    #[inline(always)]
    pub fn from_halves(halves: [u16; 8]) -> (Self, Self) {
        // SAFETY: as many bytes, and any bits are a vector.
        let halves = unsafe { core::mem::transmute::<[u16; 8], v128>(halves) };
        (Self(u32x4_extend_low_u16x8(halves)), Self(u32x4_extend_high_u16x8(halves)))
    }
}

impl I64x2 {
    #[inline(always)]
    pub fn shl<const N: u32>(self) -> Self {
        Self(i64x2_shl(self.0, N))
    }

    #[inline(always)]
    pub fn shr_logical<const N: u32>(self) -> Self {
        Self(u64x2_shr(self.0, N))
    }
}

macro_rules! mask {
    ($t:ident, $bits:ident, $lane:ty, $n:literal, $all:ident, $bitmask:ident) => {
        forward! { $t:
            fn bits_and = v128_and(other) -> $t;
            fn bits_or = v128_or(other) -> $t;
            fn bits_xor = v128_xor(other) -> $t;
            fn invert = v128_not() -> $t;
        }
        impl $t {
            #[inline(always)]
            pub fn from_array(lanes: [bool; $n]) -> Self {
                Self($bits::from_array(lanes.map(|on| -<$lane>::from(on))).0)
            }

            #[inline(always)]
            pub fn any(self) -> bool {
                v128_any_true(self.0)
            }

            #[inline(always)]
            pub fn all(self) -> bool {
                $all(self.0)
            }

            #[inline(always)]
            pub fn bitmask(self) -> u32 {
                u32::from($bitmask(self.0))
            }

            #[inline(always)]
            pub fn to_bits(self) -> $bits {
                $bits(self.0)
            }
        }
    };
}

mask!(M32x4, I32x4, i32, 4, i32x4_all_true, i32x4_bitmask);
mask!(M64x2, I64x2, i64, 2, i64x2_all_true, i64x2_bitmask);

impl M32x4 {
    #[inline(always)]
    pub fn four_to_bytes([a, b, c, d]: [Self; 4]) -> [u8; 16] {
        // A byte of each lane, at another index for each mask, and those in order. LLVM makes two
        // comparisons for a narrowing of masks.
        let lo = v128_or(v128_and(a.0, i32x4_splat(1)), v128_and(b.0, i32x4_splat(1 << 8)));
        let hi = v128_or(v128_and(c.0, i32x4_splat(1 << 16)), v128_and(d.0, i32x4_splat(1 << 24)));
        let all = v128_or(lo, hi);
        let bytes = i8x16_shuffle::<0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15>(all, all);
        // SAFETY: as many bytes, and any bits are numbers.
        unsafe { core::mem::transmute::<v128, [u8; 16]>(bytes) }
    }

    #[inline(always)]
    pub fn to_bytes(lo: Self, hi: Self) -> [u8; 8] {
        let halves = i16x8_narrow_i32x4(lo.0, hi.0);
        let bytes = v128_and(i8x16_narrow_i16x8(halves, halves), i8x16_splat(1));
        i64x2_extract_lane::<0>(bytes).to_le_bytes()
    }
}

impl M64x2 {
    #[inline(always)]
    pub fn to_bytes(lo: Self, hi: Self) -> [u8; 4] {
        let words = i32x4_shuffle::<0, 2, 4, 6>(lo.0, hi.0);
        let halves = i16x8_narrow_i32x4(words, words);
        let bytes = v128_and(i8x16_narrow_i16x8(halves, halves), i8x16_splat(1));
        i32x4_extract_lane::<0>(bytes).to_le_bytes()
    }
}
