//! Powers: within their stated error, and C's special cases.

use adjoint_kernels::vecmath;
use adjoint_simd::{F32x4, F64x2};

fn pow32(x: f32, y: f32) -> f32 {
    vecmath::pow(F32x4::splat(x), F32x4::splat(y)).to_array()[0]
}

fn pow64(x: f64, y: f64) -> f64 {
    vecmath::f64::pow(F64x2::splat(x), F64x2::splat(y)).to_array()[1]
}

/// `|got − want|` in units of the last f32 place of `want`.
fn error32(got: f32, want: f64) -> f64 {
    let exponent = (want.abs().max(f64::from(f32::MIN_POSITIVE)).to_bits() >> 52) as i32 - 1023;
    (f64::from(got) - want).abs() / 2f64.powi(exponent - 23)
}

/// Numbers in [0, 1), always the same.
struct Weyl(u64);

impl Weyl {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        ((mixed ^ mixed >> 29) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[test]
fn f32_powers_are_within_their_stated_error() {
    let mut numbers = Weyl(1);
    let (mut worst, mut at) = (0.0, (0.0, 0.0));
    for i in 0..2_000_000 {
        // Bases of all sizes, and many near 1; exponents that use the whole range of results.
        let x = if i % 2 == 0 { 2f64.powf(numbers.next() * 276.0 - 149.0) } else { 0.5 + numbers.next() } as f32;
        let largest = 150.0 / f64::from(x).log2().abs().max(1e-6);
        let y = ((numbers.next() * 2.0 - 1.0) * largest) as f32;
        let want = f64::from(x).powf(f64::from(y));
        let got = pow32(x, y);
        let overflows = want >= f64::from(f32::MAX) * (1.0 + 2f64.powi(-25));
        let error = if overflows { f64::from(u8::from(got != f32::INFINITY)) } else { error32(got, want) };
        if error > worst {
            (worst, at) = (error, (x, y));
        }
    }
    assert!(worst <= vecmath::pow::MAX_ULP, "error {worst} ULP at {at:?}");
}

#[test]
fn f64_powers_are_within_their_stated_error() {
    // Computed in 60 digits: base, exponent, the nearest f64 and what that lacks.
    for line in include_str!("pow.txt").lines().filter(|line| !line.starts_with('#')) {
        let words = line.split(' ').map(|w| f64::from_bits(u64::from_str_radix(w, 16).unwrap())).collect::<Vec<_>>();
        let [x, y, high, low] = words[..] else { panic!("four numbers a line") };
        let ulp = f64::from_bits(high.to_bits() + 1) - high;
        let error = ((pow64(x, y) - high) - low).abs() / ulp;
        assert!(error <= vecmath::f64::pow::MAX_ULP, "error {error} ULP at {x:e} to {y:e}");
    }
}

#[test]
fn whole_powers_that_can_be_represented_are_exact() {
    for base in 1..=20i32 {
        for e in 0..=6 {
            for sign in [1, -1] {
                let want = f64::from(base * sign).powi(e);
                assert_eq!(pow32((base * sign) as f32, e as f32), want as f32, "{base} to {e}");
                assert_eq!(pow64(f64::from(base * sign), f64::from(e)), want, "{base} to {e}");
            }
        }
    }
}

#[test]
fn a_lane_gives_the_same_whatever_the_others_are() {
    // Whole exponents are products, the others go by the logarithm.
    let numbers = [0.7, -3.1, 0.0, -0.0, 1e-20, -7e12, f32::INFINITY, f32::NAN];
    let exponents = [5.0, -3.0, 2.5, 0.0, 64.0, 65.0, -64.0, 0.3, f32::NAN];
    for (i, &x) in numbers.iter().enumerate() {
        for (k, &y) in exponents.iter().enumerate() {
            let alone = pow32(x, y);
            for other in 0..exponents.len() {
                let lanes = |all: &[f32], at: usize, first: f32| {
                    F32x4::from_array([first, all[(at + 1) % all.len()], all[(at + 3) % all.len()], first])
                };
                let got = vecmath::pow(lanes(&numbers, i, x), lanes(&exponents, k + other, y)).to_array()[3];
                assert!(
                    got.to_bits() == alone.to_bits() || got.is_nan() && alone.is_nan(),
                    "{x:e} to {y}: {got:e}, {alone:e}"
                );
            }
        }
    }
}

#[test]
fn whole_exponents_are_rounded_once() {
    let mut worst = 0.0f64;
    for e in -64..=64i32 {
        for i in 0..200 {
            let x = (0.3 + f64::from(i) * 0.013) as f32 * if i % 2 == 0 { 1.0 } else { -1.0 };
            let (want, got) = (f64::from(x).powi(e), pow32(x, e as f32));
            if want.abs() < f64::from(f32::MAX) && want.abs() >= f64::from(f32::MIN_POSITIVE) {
                let unit = 2f64.powi(want.abs().log2().floor() as i32 - 23);
                worst = worst.max((f64::from(got) - want).abs() / unit);
            }
        }
    }
    assert!(worst <= 0.5001, "{worst}");
}

#[test]
fn special_operands_give_what_c_says() {
    let specials = [
        0.0,
        1.0,
        2.0,
        3.0,
        0.5,
        0.25,
        1.5,
        2.5,
        1e-30,
        1e30,
        1e10,
        16_777_217.0,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-45,
        f32::INFINITY,
        f32::NAN,
        0.999_999_94,
        1.000_000_1,
    ];
    for x in specials.into_iter().flat_map(|x| [x, -x]) {
        for y in specials.into_iter().flat_map(|y| [y, -y]) {
            let want = f64::from(x).powf(f64::from(y));
            let (got, rounded) = (pow32(x, y), want as f32);
            let near = got.to_bits().abs_diff(rounded.to_bits()) <= 1;
            assert!(near || got.is_nan() && rounded.is_nan(), "{x:e} to {y:e}: {got:e}, not {rounded:e}");
            let got = pow64(f64::from(x), f64::from(y));
            let near = got.to_bits().abs_diff(want.to_bits()) <= 1;
            assert!(near || got.is_nan() && want.is_nan(), "{x:e} to {y:e}: {got:e}, not {want:e}");
        }
    }
    for (x, y) in
        [(1e300, 2.0), (1e-300, 2.0), (1e-200, 1.55), (5e-324, 0.5), (2.0, -1074.0), (2.0, 1e10), (-2.0, 1023.0)]
    {
        assert_eq!(pow64(x, y), x.powf(y), "{x:e} to {y:e}");
    }
}
