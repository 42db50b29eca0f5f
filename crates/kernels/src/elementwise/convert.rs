//! Loops that convert contiguous elements from one type to another, for
//! [`cast_contiguous`](super::cast_contiguous).
//!
//! Each means what [`Element::cast`] means and says it in the types a vector has: no loop goes
//! through a wider type than its two. Most are plain loops without branches, of which the compiler
//! makes vector code. Floats become integers by an addition where all of a block are small enough:
//! the instruction for it takes ten on x86, and for 64 bits there is none.

use core::array;
use core::slice::{from_raw_parts, from_raw_parts_mut};

use adjoint_simd::{F32x4, F64x2, I32x4, M64x2};

use crate::dtype::{BF16, Bool, DType, Element, F16};

/// Elements that are looked at together.
const BLOCK: usize = 16;

/// Converts `len` elements where the pair of dtypes has a loop of its own; false, and nothing done,
/// where it has none.
///
/// # Safety
/// `len` elements must be readable at `from` and writable at `to`, both aligned to their elements;
/// the two may not overlap.
#[inline(never)]
pub(super) unsafe fn convert(from_dtype: DType, from: *const u8, to_dtype: DType, to: *mut u8, len: usize) -> bool {
    use DType::{BFloat16, Bool as B, Float16, Float32, Float64, Int8, Int16, Int32, Int64, UInt8};
    macro_rules! pairs {
        ($($s:pat, $t:pat => $from:ty, $to:ty: $f:expr;)+) => {
            // SAFETY: the caller's elements, of the types of the arm.
            unsafe {
                match (from_dtype, to_dtype) {
                    $(($s, $t) => each::<$from, $to>(from, to, len, $f),)+
                    (Float32, Int32) => blocks::<f32, i32>(from, to, len, |v, to| small(v, to, same), none, f32_to_i32),
                    (Float32, Int16) => {
                        let any = |v: &_, to: &mut _| small(v, to, halves);
                        blocks::<f32, u16>(from, to, len, i16s_from_f32, any, |v| f32_to_i32(v) as u16);
                    }
                    (Float32, Int8) => {
                        let any = |v: &_, to: &mut _| small(v, to, bytes);
                        blocks::<f32, u8>(from, to, len, i8s_from_f32, any, |v| f32_to_i32(v) as u8);
                    }
                    // What is outside of 32 bits has no low byte in 64 bits either.
                    (Float32, UInt8) => {
                        blocks::<f32, u8>(from, to, len, |v, to| small(v, to, bytes), none, |v| f32_to_i32(v) as u8);
                    }
                    (Float32, Int64) => {
                        blocks::<f32, i64>(from, to, len, |v, to| small(v, to, wide), none, Element::cast);
                    }
                    (Float32, B) => blocks::<f32, u8>(from, to, len, nonzero, none, |v| u8::from(v != 0.0)),
                    (Float32, Float16) => {
                        blocks::<f32, u16>(from, to, len, f16s_from_f32, f16s_from_any_f32, |v| F16::from_f32(v).0);
                    }
                    (Float32, BFloat16) => {
                        blocks::<f32, u16>(from, to, len, bf16s_from_f32, none, |v| BF16::from_f32(v).0);
                    }
                    (Float16, Float32) => blocks::<u16, f32>(from, to, len, from_halves, from_any_halves, |v| F16(v).to_f32()),
                    (Int8, Float32) => {
                        let block = |v: &_, to: &mut _| numbers(I32x4::from_signed_bytes(*v), to);
                        blocks::<i8, f32>(from, to, len, block, none, f32::from);
                    }
                    (UInt8, Float32) => {
                        let block = |v: &_, to: &mut _| numbers(I32x4::from_bytes(*v), to);
                        blocks::<u8, f32>(from, to, len, block, none, f32::from);
                    }
                    (Float64, Int64) => blocks::<f64, i64>(from, to, len, small_f64_to_i64, none, Element::cast),
                    _ => return false,
                }
            }
        };
    }
    pairs! {
        Float32, Float64 => f32, f64: f64::from;
        BFloat16, Float32 => BF16, f32: BF16::to_f32;
        Float64, Float32 => f64, f32: |v| v as f32;
        Float64, Int32 => f64, i32: f64_to_i32;
        Float64, B => f64, u8: |v| u8::from(v != 0.0);
        Int64, Float32 => i64, f32: |v| v as f32;
        Int64, Float64 => i64, f64: |v| v as f64;
        Int64, Int32 => i64, i32: |v| v as i32;
        Int64, Int16 => i64, i16: |v| v as i16;
        Int64, Int8 | UInt8 => i64, u8: |v| v as u8;
        Int64, B => i64, u8: |v| u8::from(v != 0);
        Int32, Float32 => i32, f32: |v| v as f32;
        Int32, Float64 => i32, f64: f64::from;
        Int32, Int64 => i32, i64: i64::from;
        Int32, Int16 => i32, i16: |v| v as i16;
        Int32, Int8 | UInt8 => i32, u8: |v| v as u8;
        Int32, B => i32, u8: |v| u8::from(v != 0);
        Int16, Float32 => i16, f32: f32::from;
        Int16, Int32 => i16, i32: i32::from;
        Int8, Int32 => i8, i32: i32::from;
        UInt8, Int32 => u8, i32: i32::from;
        B, Float32 => Bool, f32: |v| if v.0 != 0 { 1.0 } else { 0.0 };
        B, Int32 => Bool, i32: |v| i32::from(v.0 != 0);
        B | UInt8 | Int8, Int8 | UInt8 | B => u8, u8: byte(from_dtype, to_dtype);
    }
    true
}

/// Between types of one byte: a mask of the bits that stay, and whether they become 0 and 1.
fn byte(from: DType, to: DType) -> impl Fn(u8) -> u8 {
    let to_bool = from == DType::Bool || to == DType::Bool;
    move |v| if to_bool { u8::from(v != 0) } else { v }
}

/// 32 bits as `cvttps2dq` gives them: what does not fit is the smallest integer.
#[inline(always)]
fn f32_to_i32(v: f32) -> i32 {
    // Saturates, and what is too small is right so; a NaN is not less.
    let whole = v as i32;
    if v < 2_147_483_648.0 { whole } else { i32::MIN }
}

/// The same for f64.
#[inline(always)]
fn f64_to_i32(v: f64) -> i32 {
    let whole = v as i32;
    if v < 2_147_483_648.0 { whole } else { i32::MIN }
}

/// A function of its own for each pair, so that a page loads the loops of the few pairs it meets
/// (docs/decisions/0009).
///
/// # Safety
/// As [`convert`], for these types.
#[inline(never)]
unsafe fn each<S: Copy, T>(from: *const u8, to: *mut u8, len: usize, f: impl Fn(S) -> T) {
    // SAFETY: the caller's elements, aligned, and no one else's while this runs.
    let (from, to) = unsafe { (from_raw_parts(from.cast::<S>(), len), from_raw_parts_mut(to.cast::<T>(), len)) };
    for (to, &v) in to.iter_mut().zip(from) {
        *to = f(v);
    }
}

/// Converts blocks by `block`, where that says it did, else by `any`, where that did, else by
/// `one`; and the last few elements by `one`. A function of its own for each pair, as [`each`] is.
///
/// # Safety
/// As [`convert`], for these types.
#[inline(never)]
unsafe fn blocks<S: Copy, T>(
    from: *const u8,
    to: *mut u8,
    len: usize,
    block: impl Fn(&[S; BLOCK], &mut [T; BLOCK]) -> bool,
    any: impl Fn(&[S; BLOCK], &mut [T; BLOCK]) -> bool,
    one: impl Fn(S) -> T,
) {
    // SAFETY: the caller's elements, aligned, and no one else's while this runs.
    let (from, to) = unsafe { (from_raw_parts(from.cast::<S>(), len), from_raw_parts_mut(to.cast::<T>(), len)) };
    let ((from, from_tail), (to, to_tail)) = (from.as_chunks::<BLOCK>(), to.as_chunks_mut::<BLOCK>());
    let mut blocks = from.iter().zip(to);
    // A loop without calls keeps its constants in registers.
    while let Some((from, to)) = blocks.find_map(|(from, to)| (!block(from, &mut *to)).then_some((from, to))) {
        one_block(from, to, &any, &one);
    }
    for (to, &v) in to_tail.iter_mut().zip(from_tail) {
        *to = one(v);
    }
}

#[cold]
#[inline(never)]
fn one_block<S: Copy, T>(
    from: &[S; BLOCK],
    to: &mut [T; BLOCK],
    any: &impl Fn(&[S; BLOCK], &mut [T; BLOCK]) -> bool,
    one: &impl Fn(S) -> T,
) {
    if !any(from, to) {
        for (to, &v) in to.iter_mut().zip(from) {
            *to = one(v);
        }
    }
}

/// Does no block.
#[inline(always)]
fn none<S, T>(_: &[S; BLOCK], _: &mut [T; BLOCK]) -> bool {
    false
}

/// The vectors of a block.
#[inline(always)]
fn vectors(from: &[f32; BLOCK]) -> [F32x4; BLOCK / 4] {
    // SAFETY: `4 k + 4 <= BLOCK`.
    array::from_fn(|k| unsafe { F32x4::load(from.as_ptr().add(4 * k)) })
}

/// Where all are less than 2^22: their integer part is the fraction of its sum with 1.5 · 2^23.
#[inline(always)]
fn small<T>(from: &[f32; BLOCK], to: &mut [T; BLOCK], write: impl Fn([I32x4; BLOCK / 4], &mut [T; BLOCK])) -> bool {
    let magic = F32x4::splat(12_582_912.0);
    // From the bits of 2^23 on: the number and 2^22.
    let sums = vectors(from).map(|v| (v.trunc() + magic).to_bits() - I32x4::splat(0x4b00_0000));
    // Where the sum left the binade, as for a NaN, there are more bits than a fraction has.
    let left = (sums[0] | sums[1] | sums[2] | sums[3]) & I32x4::splat(0xff80_0000_u32 as i32);
    if left.any() {
        return false;
    }
    write(sums.map(|v| v - I32x4::splat(1 << 22)), to);
    true
}

#[inline(always)]
fn same([a, b, c, d]: [I32x4; BLOCK / 4], to: &mut [i32; BLOCK]) {
    let to = to.as_mut_ptr();
    // SAFETY: a block is four vectors.
    unsafe {
        a.store(to);
        b.store(to.add(4));
        c.store(to.add(8));
        d.store(to.add(12));
    }
}

#[inline(always)]
fn wide(v: [I32x4; BLOCK / 4], to: &mut [i64; BLOCK]) {
    for (to, v) in to.as_chunks_mut::<4>().0.iter_mut().zip(v) {
        *to = v.to_array().map(i64::from);
    }
}

#[inline(always)]
fn halves([a, b, c, d]: [I32x4; BLOCK / 4], to: &mut [u16; BLOCK]) {
    let (lo, hi) = to.split_at_mut(BLOCK / 2);
    lo.copy_from_slice(&I32x4::low_halves(a, b));
    hi.copy_from_slice(&I32x4::low_halves(c, d));
}

#[inline(always)]
fn bytes(v: [I32x4; BLOCK / 4], to: &mut [u8; BLOCK]) {
    *to = I32x4::low_bytes(v);
}

/// The integer parts, wrong where one is not less than 2^22, and then not small either.
#[inline(always)]
fn whole(from: &[f32; BLOCK]) -> [I32x4; BLOCK / 4] {
    let magic = F32x4::splat(12_582_912.0);
    vectors(from).map(|v| (v.trunc() + magic).to_bits() - magic.to_bits())
}

/// Where all are within the range a narrowing that saturates is the right one.
#[inline(always)]
fn i8s_from_f32(from: &[f32; BLOCK], to: &mut [u8; BLOCK]) -> bool {
    match I32x4::small_to_bytes(whole(from)) {
        Some(all) => *to = all,
        None => return false,
    }
    true
}

/// The same for 16 bits.
#[inline(always)]
fn i16s_from_f32(from: &[f32; BLOCK], to: &mut [u16; BLOCK]) -> bool {
    match I32x4::small_to_halves(whole(from)) {
        Some(all) => *to = all,
        None => return false,
    }
    true
}

/// 1 where a number is not 0: where there are bits besides the sign.
#[inline(always)]
fn nonzero(from: &[f32; BLOCK], to: &mut [u8; BLOCK]) -> bool {
    *to = I32x4::nonzero_to_bytes(vectors(from).map(|v| v.to_bits().shl::<1>()));
    true
}

/// [`F16::from_f32`] on vectors.
#[inline(always)]
fn f16_from_f32(v: F32x4) -> I32x4 {
    let infinite = I32x4::splat(0x7f80_0000);
    let least = I32x4::splat(113 << 23);
    let all = v.abs().to_bits();
    let magnitude = all.min(I32x4::splat(143 << 23));
    let exponent = (magnitude & infinite).max(least);
    let power = exponent + I32x4::splat(13 << 23);
    let rounded = (F32x4::from_bits(magnitude) + F32x4::from_bits(power)).to_bits();
    let half = (rounded - power) + (exponent - least).shr_logical::<13>();
    let quiet = all.gt(infinite).to_bits() & I32x4::splat(0x0200);
    let sign = v.to_bits().shr_logical::<16>() & I32x4::splat(0x8000);
    half | quiet | sign
}

/// [`F16::from_f32`] on a block, where all are between the least normal half and the greatest:
/// rounded to nearest even by adding half a unit.
#[inline(always)]
fn f16s_from_f32(from: &[f32; BLOCK], to: &mut [u16; BLOCK]) -> bool {
    let least = 113 << 23;
    let mut greatest = I32x4::splat(0);
    let all = vectors(from).map(|v| {
        let (bits, magnitude) = (v.to_bits(), v.abs().to_bits());
        let odd = magnitude.shr_logical::<13>() & I32x4::splat(1);
        // What is less than the least has no sign bit to spare and becomes the greatest.
        let rounded = magnitude + I32x4::splat(0xfff - least) + odd;
        greatest = greatest.max_unsigned(rounded);
        rounded.shr_logical::<13>() | (bits ^ magnitude).shr_logical::<16>()
    });
    let most = I32x4::splat(0x0eff_ffff);
    if (greatest.max_unsigned(most) ^ most).any() {
        return false;
    }
    halves(all.map(|v| v + I32x4::splat(0x0400)), to);
    true
}

/// The same for any numbers.
fn f16s_from_any_f32(from: &[f32; BLOCK], to: &mut [u16; BLOCK]) -> bool {
    halves(vectors(from).map(f16_from_f32), to);
    true
}

/// [`BF16::from_f32`] on a block.
#[inline(always)]
fn bf16s_from_f32(from: &[f32; BLOCK], to: &mut [u16; BLOCK]) -> bool {
    halves(vectors(from).map(bf16_from_f32), to);
    true
}

/// [`BF16::from_f32`] on vectors.
#[inline(always)]
fn bf16_from_f32(v: F32x4) -> I32x4 {
    let bits = v.to_bits();
    let odd = bits.shr_logical::<16>() & I32x4::splat(1);
    let rounded = bits + I32x4::splat(0x7fff) + odd;
    // Of a NaN the upper half, quiet: adding to it could carry into the sign.
    let value = I32x4::select(v.is_nan(), bits | I32x4::splat(0x0040_0000), rounded);
    value.shr_logical::<16>()
}

/// Integers as floats. From bytes the compiler takes four at a time, which is a load for each.
#[inline(always)]
fn numbers([a, b, c, d]: [I32x4; BLOCK / 4], to: &mut [f32; BLOCK]) -> bool {
    let to = to.as_mut_ptr();
    // SAFETY: a block is four vectors.
    unsafe {
        a.to_f32().store(to);
        b.to_f32().store(to.add(4));
        c.to_f32().store(to.add(8));
        d.to_f32().store(to.add(12));
    }
    true
}

/// [`F16::to_f32`] on a block, where none is infinite or NaN: the bits in their places and a
/// product with the quotient of the biases.
#[inline(always)]
fn from_halves(from: &[u16; BLOCK], to: &mut [f32; BLOCK]) -> bool {
    // Two halves a lane. One more carries out of the five bits of the greatest exponent.
    let exponents =
        from.as_chunks::<8>().0.iter().map(|halves| I32x4::pairs_of_halves(*halves) & I32x4::splat(0x7c00_7c00));
    let carries = exponents.map(|bits| bits + I32x4::splat(0x0400_0400)).reduce(|a, b| a | b);
    if carries.is_some_and(|bits| (bits & I32x4::splat(0x8000_8000_u32 as i32)).any()) {
        return false;
    }
    // 2^112. The product is exact, of subnormal halves too.
    let scale = F32x4::from_bits(I32x4::splat((127 + 112) << 23));
    let number = |half: I32x4| F32x4::from_bits(half.shl::<13>() & I32x4::splat(0x8fff_e000_u32 as i32)) * scale;
    for (from, to) in from.as_chunks::<8>().0.iter().zip(to.as_chunks_mut::<8>().0) {
        let (lo, hi) = I32x4::from_signed_halves(*from);
        // SAFETY: a chunk is two vectors.
        unsafe {
            number(lo).store(to.as_mut_ptr());
            number(hi).store(to.as_mut_ptr().add(4));
        }
    }
    true
}

/// The same for any halves.
fn from_any_halves(from: &[u16; BLOCK], to: &mut [f32; BLOCK]) -> bool {
    for (from, to) in from.as_chunks::<8>().0.iter().zip(to.as_chunks_mut::<8>().0) {
        let (lo, hi) = I32x4::from_halves(*from);
        // SAFETY: a chunk is two vectors.
        unsafe {
            f32_from_f16(lo).store(to.as_mut_ptr());
            f32_from_f16(hi).store(to.as_mut_ptr().add(4));
        }
    }
    true
}

#[inline(always)]
fn f32_from_f16(bits: I32x4) -> F32x4 {
    let greatest = I32x4::splat(0x7c00);
    let exponent = bits & greatest;
    let rebiased = (bits & I32x4::splat(0x7fff)).shl::<13>() + I32x4::splat(112 << 23);
    let moved = exponent.eq(greatest).to_bits() & I32x4::splat(112 << 23);
    let subnormal = exponent.eq(I32x4::splat(0)).to_bits();
    let one = subnormal & I32x4::splat(1 << 23);
    let excess = subnormal & I32x4::splat(113 << 23);
    let value = F32x4::from_bits(rebiased + moved + one) - F32x4::from_bits(excess);
    let sign = (bits & I32x4::splat(0x8000)).shl::<16>();
    F32x4::from_bits(value.to_bits() | sign)
}

/// Where all are less than 2^51: their integer part is the fraction of its sum with 1.5 · 2^52.
#[inline(always)]
fn small_f64_to_i64(from: &[f64; BLOCK], to: &mut [i64; BLOCK]) -> bool {
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    let limit = F64x2::splat(2_251_799_813_685_248.0);
    // SAFETY: `2 k + 2 <= BLOCK`.
    let v: [F64x2; BLOCK / 2] = array::from_fn(|k| unsafe { F64x2::load(from.as_ptr().add(2 * k)) });
    // A NaN is not less.
    if !v.iter().map(|v| v.abs().lt(limit)).reduce(|a, b| a & b).is_some_and(M64x2::all) {
        return false;
    }
    let magic = F64x2::splat(MAGIC);
    for (to, v) in to.chunks_exact_mut(2).zip(v) {
        let whole = (v.trunc() + magic).to_bits() - magic.to_bits();
        to.copy_from_slice(&whole.to_array());
    }
    true
}
