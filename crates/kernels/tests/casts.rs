//! Casts, over all halves and a dense sample of floats, against conversions written the long way.

use adjoint_kernels::dispatch;
use adjoint_kernels::dtype::{BF16, Bool, DType, Element, F16};
use adjoint_kernels::elementwise::cast_contiguous;

/// Casts a slice.
fn cast<S: Element, T: Element>(from: &[S]) -> Vec<T> {
    let mut to = vec![T::ZERO; from.len()];
    // SAFETY: as many elements, apart.
    unsafe { cast_contiguous(S::DTYPE, from.as_ptr().cast(), T::DTYPE, to.as_mut_ptr().cast(), from.len()) };
    to
}

/// The value of a half from sign, exponent and fraction.
fn half_value(bits: u16, fraction_bits: u32) -> f64 {
    let exponent_bits = 15 - fraction_bits;
    let (sign, exponent) = (if bits >> 15 == 1 { -1.0 } else { 1.0 }, i32::from((bits & 0x7fff) >> fraction_bits));
    let fraction = f64::from(bits & ((1 << fraction_bits) - 1)) / f64::from(1 << fraction_bits);
    let (most, bias) = ((1 << exponent_bits) - 1, (1 << (exponent_bits - 1)) - 1);
    sign * match exponent {
        0 => fraction * 2f64.powi(1 - bias),
        e if e == most => {
            if fraction == 0.0 {
                f64::INFINITY
            } else {
                f64::NAN
            }
        }
        e => (1.0 + fraction) * 2f64.powi(e - bias),
    }
}

/// The half nearest to `v`, ties to even, by the distance to both neighbours. `v` is positive.
fn nearest_half(v: f64, fraction_bits: u32) -> u16 {
    let infinite = ((1u16 << (15 - fraction_bits)) - 1) << fraction_bits;
    // The last finite value and its distance to the next power of two, which overflow is measured from.
    let value = |bits: u16| {
        if bits == infinite {
            2.0 * half_value(infinite - (1 << fraction_bits), fraction_bits)
        } else {
            half_value(bits, fraction_bits)
        }
    };
    if v >= value(infinite) {
        return infinite;
    }
    let (mut low, mut high) = (0u16, infinite);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if value(middle) <= v { low = middle } else { high = middle }
    }
    let (below, above) = (v - value(low), value(high) - v);
    if below < above || (below == above && low & 1 == 0) { low } else { high }
}

#[test]
fn every_half_is_what_its_bits_say_and_comes_back() {
    let bits: Vec<u16> = (0..=u16::MAX).collect();
    macro_rules! check {
        ($t:ident, $fraction:expr) => {
            let halves: Vec<$t> = bits.iter().map(|&b| $t(b)).collect();
            let wide: Vec<f32> = cast(&halves);
            let back: Vec<$t> = cast(&wide);
            for (i, &b) in bits.iter().enumerate() {
                let want = half_value(b, $fraction);
                assert!(f64::from(wide[i]).to_bits() == want.to_bits() || want.is_nan() && wide[i].is_nan(), "{b:#x}");
                assert_eq!(wide[i].to_bits(), halves[i].to_f32().to_bits(), "{b:#x}");
                assert!(back[i].0 == b || want.is_nan() && back[i].to_f32().is_nan(), "{b:#x}");
                assert_eq!(back[i].0 >> 15, b >> 15, "the sign of {b:#x}");
            }
        };
    }
    check!(F16, 10);
    check!(BF16, 7);
}

/// Casts to halves of these floats, with both signs, are the nearest ones.
fn check_to_halves(values: &[f32]) {
    let (half, brain): (Vec<F16>, Vec<BF16>) = (cast(values), cast(values));
    for (i, &v) in values.iter().enumerate() {
        assert_eq!((F16::from_f32(v).0, BF16::from_f32(v).0), (half[i].0, brain[i].0), "{v:e}: one by one");
        if v.is_nan() {
            assert!(half[i].to_f32().is_nan() && brain[i].to_f32().is_nan());
            continue;
        }
        let (sign, size) = ((v.to_bits() >> 31 << 15) as u16, f64::from(v.abs()));
        assert_eq!(half[i].0, sign | nearest_half(size, 10), "float16 of {v:e}");
        assert_eq!(brain[i].0, sign | nearest_half(size, 7), "bfloat16 of {v:e}");
    }
}

#[test]
fn floats_become_the_nearest_half_ties_to_even() {
    // A prime step visits all exponents and all patterns of the bits that are dropped.
    let dense: Vec<f32> = (0..u64::from(u32::MAX)).step_by(9973).map(|bits| f32::from_bits(bits as u32)).collect();
    check_to_halves(&dense);
    // Each half, the middle to the next, and the neighbours of both.
    let around = |fraction: u32| {
        (0..0x7fffu16).flat_map(move |bits| {
            let [a, b] = [bits, bits + 1].map(|bits| half_value(bits, fraction));
            let near =
                |v: f64| [-1i32, 0, 1].map(|step| f32::from_bits((v as f32).to_bits().wrapping_add_signed(step)));
            near(a).into_iter().chain(near((a + b) / 2.0)).chain(near(-a))
        })
    };
    check_to_halves(&around(10).collect::<Vec<_>>());
    check_to_halves(&around(7).collect::<Vec<_>>());
}

#[test]
#[ignore = "minutes: all 2^32 floats"]
fn all_floats_become_the_nearest_half() {
    for high in 0..=u16::MAX {
        let values: Vec<f32> =
            (0..=u16::MAX).map(|low| f32::from_bits(u32::from(high) << 16 | u32::from(low))).collect();
        check_to_halves(&values);
    }
}

/// Values at which casts to integers differ: whole, broken, beyond each width, infinite, NaN.
fn special() -> Vec<f64> {
    let mut out =
        vec![0.0, -0.0, 0.9, -0.9, 1.5, -1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e20, -1e20, 5e-324];
    for power in [7, 8, 15, 16, 21, 22, 23, 24, 31, 32, 51, 52, 53, 62, 63, 64] {
        let p = 2f64.powi(power);
        out.extend([p, -p, p - 1.0, 1.0 - p, p + 1.0, -p - 1.0, p + 5.0, p - 0.5, 0.5 - p, p * 1.25]);
    }
    out
}

#[test]
fn every_pair_of_dtypes_casts_what_does_not_fit_as_one_element_does() {
    let special = special();
    for from in DType::ALL {
        for to in DType::ALL {
            dispatch!(from, S => dispatch!(to, T => {
                // Blocks of one kind and mixed ones, and a tail that fills no block.
                for len in [1, 15, 16, 17, 300, 1000] {
                    for stride in [1, 7] {
                        let values: Vec<S> =
                            (0..len).map(|i| S::from_f64(special[i / stride % special.len()])).collect();
                        for (got, v) in cast::<S, T>(&values).into_iter().zip(values) {
                            let want = if from == to { T::from_f64(v.to_f64()) } else { v.cast::<T>() };
                            let same = got == want || (got.to_f64().is_nan() && want.to_f64().is_nan());
                            assert!(same || from == to, "{from:?} {v:?} -> {to:?}: {got:?}, not {want:?}");
                        }
                    }
                }
            }));
        }
    }
}

/// What PyTorch 2.15 gives on x86. C++ leaves it undefined; on Arm values saturate.
#[test]
fn what_fits_no_integer_becomes_what_it_is_on_x86() {
    let values = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 3e9, -3e9, 1e20];
    assert_eq!(cast::<f32, i32>(&values), [i32::MIN; 6]);
    assert_eq!(cast::<f32, i16>(&values), [0; 6]);
    assert_eq!(cast::<f32, i8>(&values), [0; 6]);
    assert_eq!(cast::<f32, u8>(&values), [0; 6]);
    assert_eq!(cast::<f32, i64>(&values), [i64::MIN, i64::MIN, i64::MIN, 3_000_000_000, -3_000_000_000, i64::MIN]);
    assert_eq!(cast::<f32, Bool>(&values), [Bool(1); 6]);
    // The low bits: of 32 bits for int8 and int16, of 64 for uint8.
    let beyond = [4_294_967_301.0f64, 65_541.0, -251.0, 300.5];
    assert_eq!(cast::<f64, u8>(&beyond), [5, 5, 5, 44]);
    assert_eq!(cast::<f64, i8>(&beyond), [0, 5, 5, 44]);
    assert_eq!(cast::<f64, i16>(&beyond), [0, 5, -251, 300]);
}

#[test]
fn int64_is_rounded_once_to_float32_and_from_there_to_halves() {
    let values = [16_777_217i64, 9_007_199_791_611_905, i64::MAX, i64::MIN, -16_777_219, 2049, 2051, 257, 70_000];
    for (got, v) in cast::<i64, f32>(&values).into_iter().zip(values) {
        assert_eq!(got, v as f32);
    }
    assert_eq!(
        cast::<i64, F16>(&values[5..]).iter().map(|h| h.to_f32()).collect::<Vec<_>>(),
        [2048.0, 2052.0, 257.0, f32::INFINITY]
    );
    assert_eq!(
        cast::<i64, BF16>(&values[5..]).iter().map(|h| h.to_f32()).collect::<Vec<_>>(),
        [2048.0, 2048.0, 256.0, 70_144.0]
    );
}
