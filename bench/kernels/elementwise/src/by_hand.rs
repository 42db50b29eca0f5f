//! The same algorithms in bare intrinsics, two vectors a turn: what the formulas are held against.

use core::arch::wasm32::*;

#[inline(always)]
fn fma(a: v128, b: v128, c: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return f32x4_relaxed_madd(a, b, c);
    #[cfg(not(target_feature = "relaxed-simd"))]
    return f32x4_add(f32x4_mul(a, b), c);
}

#[inline(always)]
fn fnma(a: v128, b: v128, c: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return f32x4_relaxed_nmadd(a, b, c);
    #[cfg(not(target_feature = "relaxed-simd"))]
    return f32x4_sub(c, f32x4_mul(a, b));
}

#[inline(always)]
fn choose(a: v128, b: v128, mask: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return i32x4_relaxed_laneselect(a, b, mask);
    #[cfg(not(target_feature = "relaxed-simd"))]
    return v128_bitselect(a, b, mask);
}

type Pair = (v128, v128);

/// Writes a statement for each vector of a pair, one after the other.
macro_rules! pair {
    ($a:ident, $b:ident => $f:expr) => {
        ($f($a.0, $b.0), $f($a.1, $b.1))
    };
    ($a:ident => $f:expr) => {
        ($f($a.0), $f($a.1))
    };
}

#[inline(always)]
fn reduce(x: Pair, biased: f32) -> (Pair, Pair) {
    let biased = f32x4_splat(biased);
    let t = pair!(x => |x| fma(x, f32x4_splat(core::f32::consts::LOG2_E), biased));
    let n = pair!(t => |t| f32x4_sub(t, biased));
    let r = pair!(n, x => |n, x| fnma(n, f32x4_splat(-2.121_944_4e-4), fnma(n, f32x4_splat(0.693_359_375), x)));
    (t, r)
}

#[inline(always)]
fn poly(r: Pair, coefficients: [f32; 5]) -> Pair {
    let mut y = (f32x4_splat(coefficients[0]), f32x4_splat(coefficients[0]));
    for c in &coefficients[1..] {
        y = pair!(y, r => |y, r| fma(y, r, f32x4_splat(*c)));
    }
    y
}

#[inline(always)]
fn exp(x: Pair) -> Pair {
    let x = pair!(x => |x| f32x4_pmax(f32x4_pmin(x, f32x4_splat(89.0)), f32x4_splat(-104.0)));
    let (t, r) = reduce(x, 12_582_912.0 + 254.0);
    let q = poly(r, [1.383_876e-3, 8.369_191e-3, 4.166_810_2e-2, 1.666_651_7e-1, 4.999_999_4e-1]);
    let p = pair!(q, r => |q, r| f32x4_add(fma(f32x4_mul(r, r), q, r), f32x4_splat(1.0)));
    let half = pair!(t => |t| u32x4_shr(t, 1));
    let rest = pair!(t, half => |t, h| i32x4_shl(i32x4_sub(t, h), 23));
    let p = pair!(p, half => |p, h| f32x4_mul(p, i32x4_shl(h, 23)));
    pair!(p, rest => f32x4_mul)
}

#[inline(always)]
fn tanh(x: Pair) -> Pair {
    let a = pair!(x => |x| f32x4_pmin(f32x4_abs(x), f32x4_splat(10.0)));
    let a = pair!(a => |a| f32x4_add(a, a));
    let a = pair!(a => |x| f32x4_pmax(f32x4_pmin(x, f32x4_splat(89.0)), f32x4_splat(-18.0)));
    let (t, r) = reduce(a, 12_582_912.0 + 126.0);
    let q = poly(r, [1.383_779_7e-3, 8.367_09e-3, 4.166_775e-2, 1.666_653_9e-1, 4.999_999_7e-1]);
    let p = pair!(q, r => |q, r| fma(f32x4_mul(r, r), q, r));
    let power = pair!(t => |t| i32x4_shl(t, 23));
    let half = pair!(power, p => |s, p| fma(s, p, f32x4_sub(s, f32x4_splat(0.5))));
    let m = pair!(half => |h| f32x4_add(h, h));
    let y = pair!(m => |m| f32x4_div(m, f32x4_add(m, f32x4_splat(2.0))));
    pair!(y, x => |y, x| v128_xor(y, v128_and(x, f32x4_splat(-0.0))))
}

macro_rules! export {
    ($name:ident($x:ident, $y:ident, $z:ident) = $value:expr) => {
        /// # Safety
        /// `len` elements at each pointer, a multiple of 8.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(x: *const f32, y: *const f32, z: *const f32, out: *mut f32, len: usize) {
            for at in (0..len).step_by(8) {
                // SAFETY: the caller's.
                unsafe {
                    let load = |p: *const f32| (v128_load(p.add(at).cast()), v128_load(p.add(at + 4).cast()));
                    let ($x, $y, $z) = (load(x), load(y), load(z));
                    let value: Pair = $value;
                    v128_store(out.add(at).cast(), value.0);
                    v128_store(out.add(at + 4).cast(), value.1);
                }
            }
        }
    };
}

export!(exp_hand(x, _y, _z) = exp(x));
export!(tanh_hand(x, _y, _z) = tanh(x));
export!(mul_add_hand(x, y, z) = (fma(x.0, y.0, z.0), fma(x.1, y.1, z.1)));
export!(
    relu_backward_hand(x, y, _z) = {
        let zero = f32x4_splat(0.0);
        (choose(y.0, zero, f32x4_gt(x.0, zero)), choose(y.1, zero, f32x4_gt(x.1, zero)))
    }
);
