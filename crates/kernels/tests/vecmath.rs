//! Every function within its stated error: densely by default, at every f32 in the ignored tests.

use adjoint_kernels::algebra::{Algebra, F32s, F64s, Ring};
use adjoint_kernels::vecmath;
use adjoint_simd::{F32x4, F64x2};

/// The distance of `got` from `want` in units of the last f32 place of `want`; 0 if both are NaN, infinite if only one is special.
fn ulp_error(got: f32, want: f64) -> f64 {
    let rounded = want as f32;
    if got.to_bits() == rounded.to_bits() || (got.is_nan() && want.is_nan()) {
        return 0.0;
    }
    if !rounded.is_finite() || !got.is_finite() {
        // Just past the largest finite number either answer is a rounding away; anywhere else it is wrong.
        let edge = f64::from(f32::MAX) * (1.0 + 1.5 / 16_777_216.0);
        return if !got.is_nan() && !want.is_nan() && want.abs() <= edge && want.abs() >= f64::from(f32::MAX) {
            1.0
        } else {
            f64::INFINITY
        };
    }
    if want == 0.0 || got == 0.0 {
        // The sign of zero counts.
        if (got.is_sign_negative() != want.is_sign_negative()) || want == 0.0 {
            return f64::INFINITY;
        }
    }
    let exponent = (want.abs().max(f64::from(f32::MIN_POSITIVE)).to_bits() >> 52) as i32 - 1023;
    (f64::from(got) - want).abs() / 2f64.powi(exponent - 23)
}

/// `1 / (1 + e^−x)`, to full relative accuracy also where it is small.
fn logistic(x: f64) -> f64 {
    let z = (-x.abs()).exp();
    (if x < 0.0 { z } else { 1.0 }) / (1.0 + z)
}

type Lanes = F32s<2>;

/// The largest error over the bit patterns `0, step, 2·step, …`, and where it is.
fn worst(step: usize, f: impl Fn(Lanes) -> Lanes, reference: impl Fn(f64) -> f64) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    let mut xs = [0f32; 8];
    let mut filled = 0;
    let mut probe = |xs: [f32; 8]| {
        let x =
            F32s([F32x4::from_array([xs[0], xs[1], xs[2], xs[3]]), F32x4::from_array([xs[4], xs[5], xs[6], xs[7]])]);
        let y = f(x).to_array();
        for (x, y) in xs.into_iter().zip(y.into_iter().flatten()) {
            let error = ulp_error(y, reference(f64::from(x)));
            if error > worst.0 {
                worst = (error, x);
            }
        }
    };
    let mut push = |x: f32| {
        xs[filled] = x;
        filled += 1;
        if filled == 8 {
            probe(xs);
            filled = 0;
        }
    };
    for bits in (0..=u32::MAX).step_by(step) {
        push(f32::from_bits(bits));
    }
    if step > 1 {
        let special = [
            0.0,
            1.0,
            -1.0,
            f32::MIN_POSITIVE,
            1e-45,
            0.5,
            0.693,
            9.0,
            17.3,
            18.0,
            87.33,
            88.72284,
            89.0,
            103.97,
            104.0,
            3.92,
            8192.0,
            f32::MAX,
        ];
        for centre in special {
            for near in -300i32..=300 {
                let x = f32::from_bits((centre.to_bits() as i32).wrapping_add(near) as u32);
                push(x);
                push(-x);
            }
        }
    }
    for _ in 0..8 {
        push(f32::INFINITY);
        push(f32::NEG_INFINITY);
        push(f32::NAN);
        push(-0.0);
    }
    worst
}

macro_rules! accuracy {
    ($($dense:ident, $every:ident: $f:expr, $reference:expr, $bound:expr;)+) => {$(
        #[test]
        fn $dense() {
            let (error, x) = worst(1009, $f, $reference);
            assert!(error <= $bound, "error {error} ULP at {x:e}, stated {}", $bound);
        }

        #[test]
        #[ignore = "tries every f32, which takes a minute"]
        fn $every() {
            let (error, x) = worst(1, $f, $reference);
            assert!(error <= $bound, "error {error} ULP at {x:e}, stated {}", $bound);
        }
    )+};
}

accuracy! {
    exp_is_accurate, exp_is_accurate_everywhere: Algebra::exp, f64::exp, vecmath::exp::MAX_ULP;
    expm1_is_accurate, expm1_is_accurate_everywhere: Algebra::expm1, f64::exp_m1, vecmath::expm1::MAX_ULP;
    log_is_accurate, log_is_accurate_everywhere: Algebra::log, f64::ln, vecmath::log::MAX_ULP;
    log1p_is_accurate, log1p_is_accurate_everywhere: Algebra::log1p, f64::ln_1p, vecmath::log1p::MAX_ULP;
    log1p_exp_is_accurate, log1p_exp_is_accurate_everywhere: |x| (-Ring::abs(x)).log1p_exp(),
        |x| (-x.abs()).exp().ln_1p(), vecmath::log1p_exp::MAX_ULP;
    tanh_is_accurate, tanh_is_accurate_everywhere: Algebra::tanh, f64::tanh, vecmath::tanh::MAX_ULP;
    sigmoid_is_accurate, sigmoid_is_accurate_everywhere: Algebra::sigmoid, logistic, vecmath::sigmoid::MAX_ULP;
    sin_is_accurate, sin_is_accurate_everywhere: Algebra::sin, f64::sin, vecmath::sine::MAX_ULP;
    cos_is_accurate, cos_is_accurate_everywhere: Algebra::cos, f64::cos, vecmath::sine::MAX_ULP;
    erf_is_accurate, erf_is_accurate_everywhere: Algebra::erf, vecmath::f64::erf, vecmath::erf::MAX_ULP;
}

/// The largest of `error(x, f(x))` over f32 in `low..=high`, a hundred thousand and those next to either end.
fn worst_within(low: f32, high: f32, f: impl Fn(Lanes) -> Lanes, error: impl Fn(f64, f64) -> f64) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    for i in 0..=100_000 {
        let x = low + (high - low) * (i as f32 / 100_000.0);
        let y = f(F32s([F32x4::splat(x); 2])).to_array()[0][0];
        let error = error(f64::from(x), f64::from(y));
        if error > worst.0 || error.is_nan() {
            worst = (error, x);
        }
    }
    worst
}

const EPSILON: f64 = f32::EPSILON as f64;

#[test]
fn exp_flushed_is_accurate() {
    use vecmath::exp::{MAX_FLUSHED_ERROR, exp_flushed};
    for (low, high) in [(-87.6, 0.0), (-1.0, 0.0), (-1e-3, 0.0), (0.0, 87.0)] {
        let (error, x) = worst_within(low, high, exp_flushed, |x, y| {
            ((y / x.exp() - 1.0).abs() / EPSILON) / (MAX_FLUSHED_ERROR + x.abs() / 8.0)
        });
        assert!(error <= 1.0, "{error} times the stated error at {x:e}");
    }
    let at = |x: f32| exp_flushed(F32s([F32x4::splat(x)])).to_array()[0][0];
    assert_eq!([at(0.0), at(-0.0), at(-87.9), at(-1e30), at(f32::NEG_INFINITY)], [1.0, 1.0, 0.0, 0.0, 0.0]);
    assert!(at(f32::NAN).is_nan());
}

#[test]
fn ndtr_is_accurate() {
    use vecmath::normal::{MAX_ERROR, ndtr};
    let exact = |x: f64| 0.5 * vecmath::f64::erfc(-x * core::f64::consts::FRAC_1_SQRT_2);
    for (low, high) in [(-12.9, 8.0), (-5.3, -5.2), (5.2, 5.3), (-1e-3, 1e-3)] {
        let (error, x) = worst_within(low, high, ndtr, |x, y| {
            let square = if x < 0.0 { x * x / 3.0 } else { 0.0 };
            ((y / exact(x) - 1.0).abs() / EPSILON) / (MAX_ERROR + square)
        });
        assert!(error <= 1.0, "{error} times the stated error at {x:e}");
    }
    let at = |x: f32| ndtr(F32s([F32x4::splat(x)])).to_array()[0][0];
    for x in [14.0, 20.0, 1e4, 1e25, f32::MAX, f32::INFINITY] {
        assert_eq!([at(x), at(-x)], [1.0, 0.0], "beyond {x}");
    }
    assert_eq!([at(0.0), at(-0.0)], [0.5; 2]);
    assert!(at(f32::NAN).is_nan());
}

#[test]
fn normal_density_is_accurate() {
    use vecmath::normal::{MAX_DENSITY_ERROR, normal_density};
    let (error, x) = worst_within(-13.2, 13.2, normal_density, |x, y| {
        let exact = (-0.5 * x * x).exp() * core::f64::consts::FRAC_1_SQRT_2 * core::f64::consts::FRAC_2_SQRT_PI / 2.0;
        ((y / exact - 1.0).abs() / EPSILON) / (MAX_DENSITY_ERROR + x * x / 3.0)
    });
    assert!(error <= 1.0, "{error} times the stated error at {x:e}");
    let at = |x: f32| normal_density(F32s([F32x4::splat(x)])).to_array()[0][0];
    assert_eq!([at(20.0), at(-1e30), at(f32::INFINITY)], [0.0; 3]);
    assert!(at(f32::NAN).is_nan());
}

#[test]
#[ignore = "prints the largest error of each function over every f32, for the stated bounds"]
#[allow(clippy::print_stderr, reason = "printing is the purpose")]
fn report_errors() {
    let step = std::env::var("STEP").map_or(1, |s| s.parse().unwrap());
    eprintln!("exp {:?}", worst(step, Algebra::exp, f64::exp));
    eprintln!("expm1 {:?}", worst(step, Algebra::expm1, f64::exp_m1));
    eprintln!("log {:?}", worst(step, Algebra::log, f64::ln));
    eprintln!("log1p {:?}", worst(step, Algebra::log1p, f64::ln_1p));
    let log1p_exp = |x: f64| (-x.abs()).exp().ln_1p();
    eprintln!("log1p_exp {:?}", worst(step, |x| (-Ring::abs(x)).log1p_exp(), log1p_exp));
    eprintln!("tanh {:?}", worst(step, Algebra::tanh, f64::tanh));
    eprintln!("sigmoid {:?}", worst(step, Algebra::sigmoid, logistic));
    eprintln!("sin {:?}", worst(step, Algebra::sin, f64::sin));
    eprintln!("cos {:?}", worst(step, Algebra::cos, f64::cos));
    eprintln!("lgamma {:?}", worst(step, |x| Ring::abs(x).lgamma(), |x| vecmath::f64::lgamma(x.abs())));
    eprintln!("tan {:?}", worst(step, Algebra::tan, f64::tan));
    eprintln!("asin {:?}", worst(step, Algebra::asin, f64::asin));
    eprintln!("acos {:?}", worst(step, Algebra::acos, f64::acos));
    eprintln!("atan {:?}", worst(step, Algebra::atan, f64::atan));
    eprintln!("erf {:?}", worst(step, Algebra::erf, vecmath::f64::erf));
}

/// `f` of one f64 through the lanes.
fn f64_lane(f: impl Fn(F64s<1>) -> F64s<1>, x: f64) -> f64 {
    f(F64s([F64x2::splat(x)])).to_array()[0][0]
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod against_libm {
    //! The functions the standard library lacks, against those of the C library it is linked with.
    use super::*;

    unsafe extern "C" {
        safe fn erf(x: f64) -> f64;
        safe fn erfc(x: f64) -> f64;
        safe fn lgamma(x: f64) -> f64;
        safe fn asinh(x: f64) -> f64;
        safe fn acosh(x: f64) -> f64;
        safe fn atanh(x: f64) -> f64;
    }

    fn ulps(got: f64, want: f64) -> f64 {
        if got == want || (got.is_nan() && want.is_nan()) {
            return 0.0;
        }
        let ulp = f64::from_bits(want.abs().to_bits() + 1) - want.abs();
        (got - want).abs() / ulp
    }

    fn sweep(name: &str, bound: f64, lo: f64, hi: f64, f: impl Fn(f64) -> f64, reference: impl Fn(f64) -> f64) {
        let mut worst = (0.0, 0.0);
        for i in 0..=400_000 {
            let x = lo + (hi - lo) * f64::from(i) / 400_000.0;
            let error = ulps(f(x), reference(x));
            if error > worst.0 || error.is_nan() {
                worst = (error, x);
            }
        }
        assert!(worst.0 <= bound, "{name}: error {} ULP at {}, stated {bound}", worst.0, worst.1);
    }

    /// `f` of one number through the lanes.
    fn lane(f: fn(F64s<1>) -> F64s<1>) -> impl Fn(f64) -> f64 {
        move |x| f64_lane(f, x)
    }

    #[test]
    fn pairs_of_f64_are_accurate() {
        use vecmath::f64::{exp, log, sigmoid, sine, tanh};
        // The C library's are within 0.6 ULP, but its tanh within 2.3.
        for (low, high) in [(-746.0, 710.0), (-1.0, 1.0), (-1e-3, 1e-3), (-746.0, -707.0), (709.0, 710.0)] {
            sweep("exp", exp::MAX_ULP, low, high, lane(Algebra::exp), f64::exp);
            sweep("sigmoid", sigmoid::MAX_ULP, low, high, lane(Algebra::sigmoid), logistic);
        }
        for (low, high) in [(-20.0, 20.0), (-1.0, 1.0), (-1e-3, 1e-3), (-1e-300, 1e-300)] {
            sweep("tanh", tanh::MAX_ULP + 1.0, low, high, lane(Algebra::tanh), f64::tanh);
        }
        for (low, high) in [(0.0, 3.0), (0.99, 1.01), (0.5, 1e9), (1e300, 1.7e308), (1e-310, 1e-307), (0.0, 1e-320)] {
            sweep("log", log::MAX_ULP, low, high, lane(Algebra::log), f64::ln);
        }
        for (low, high) in [(-7.0, 7.0), (-1e-3, 1e-3), (-1e6, 1e6), (9e5, 2e6), (1e15, 1e22), (0.0, 1e-310)] {
            sweep("sin", sine::MAX_ULP, low, high, lane(Algebra::sin), f64::sin);
            sweep("cos", sine::MAX_ULP, low, high, lane(Algebra::cos), f64::cos);
        }
        for n in 1..600_000 {
            // Next to the zeros.
            let x = f64::from(n) * core::f64::consts::FRAC_PI_2;
            for x in [x.next_down(), x, x.next_up()] {
                assert!(ulps(f64_lane(Algebra::sin, x), x.sin()) <= 1.0, "sin {x:e}");
                assert!(ulps(f64_lane(Algebra::cos, x), x.cos()) <= 1.0, "cos {x:e}");
            }
        }
        let edges = [
            0.0,
            5e-324,
            1e-310,
            f64::MIN_POSITIVE,
            1e-20,
            0.5,
            1.0,
            709.78,
            709.79,
            745.13,
            745.14,
            1e300,
            f64::INFINITY,
        ];
        for x in edges.into_iter().flat_map(|x| [x, -x]).chain([f64::NAN]) {
            let pairs: [(f64, f64); 6] = [
                (f64_lane(Algebra::sigmoid, x), logistic(x)),
                (f64_lane(Algebra::exp, x), x.exp()),
                (f64_lane(Algebra::log, x), x.ln()),
                (f64_lane(Algebra::sin, x), x.sin()),
                (f64_lane(Algebra::cos, x), x.cos()),
                (f64_lane(Algebra::tanh, x), x.tanh()),
            ];
            for (k, (got, want)) in pairs.into_iter().enumerate() {
                assert!(ulps(got, want) <= 1.0, "function {k} at {x:e}: {got:e} not {want:e}");
                assert!(want != 0.0 || got.to_bits() == want.to_bits(), "function {k} at {x:e}: the sign of zero");
            }
        }
    }

    #[test]
    fn a_pair_gives_each_number_what_it_gives_alone() {
        let numbers = [0.0, -0.0, 0.3, -2.5, 1e-310, 700.0, -800.0, 3e6, -1e22, f64::INFINITY, f64::NAN];
        let functions: [fn(F64s<1>) -> F64s<1>; 6] =
            [Algebra::sigmoid, Algebra::exp, Algebra::log, Algebra::sin, Algebra::cos, Algebra::tanh];
        for f in functions {
            for x in numbers {
                for y in numbers {
                    let [both] = f(F64s([F64x2::from_array([x, y])])).to_array();
                    let alone = [f64_lane(f, x), f64_lane(f, y)];
                    for i in 0..2 {
                        assert!(both[i].to_bits() == alone[i].to_bits() || alone[i].is_nan(), "of {x:e} and {y:e}");
                    }
                }
            }
        }
    }

    #[test]
    fn error_functions_in_f64_are_accurate() {
        use vecmath::f64::erf::{MAX_ULP_ERF, MAX_ULP_ERFC};
        sweep("erf", MAX_ULP_ERF, -7.0, 7.0, vecmath::f64::erf, |x| erf(x));
        sweep("erf near 0", MAX_ULP_ERF, -1e-3, 1e-3, vecmath::f64::erf, |x| erf(x));
        sweep("erfc", MAX_ULP_ERFC, -7.0, 26.5, vecmath::f64::erfc, |x| erfc(x));
        for x in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.0, -0.0] {
            assert_eq!(ulps(vecmath::f64::erf(x), erf(x)), 0.0);
            assert_eq!(ulps(vecmath::f64::erfc(x), erfc(x)), 0.0);
        }
    }

    #[test]
    fn erfinv_inverts_erf() {
        // A step of one ULP in x moves y by at most this much.
        for i in -9999..=9999 {
            let x = f64::from(i) / 10_000.0;
            let back = erf(vecmath::f64::erfinv(x));
            assert!(ulps(back, x) <= 4.0, "erf(erfinv({x})) = {back}");
        }
        for exponent in 4..50 {
            let tail = 2f64.powi(-exponent);
            let back = erfc(vecmath::f64::erfinv(1.0 - tail));
            assert!((back / tail - 1.0).abs() < 1e-13, "erfc(erfinv(1 - {tail})) = {back}");
        }
        assert_eq!(vecmath::f64::erfinv(1.0), f64::INFINITY);
        assert_eq!(vecmath::f64::erfinv(-1.0), f64::NEG_INFINITY);
        assert!(vecmath::f64::erfinv(1.1).is_nan() && vecmath::f64::erfinv(f64::NAN).is_nan());
    }

    #[test]
    fn lgamma_is_accurate() {
        use vecmath::f64::gamma::MAX_ULP_LGAMMA;
        sweep("lgamma", MAX_ULP_LGAMMA, 1e-4, 40.0, vecmath::f64::lgamma, |x| lgamma(x));
        sweep("lgamma near 1", MAX_ULP_LGAMMA, 0.999, 1.001, vecmath::f64::lgamma, |x| lgamma(x));
        sweep("lgamma near 2", MAX_ULP_LGAMMA, 1.999, 2.001, vecmath::f64::lgamma, |x| lgamma(x));
        sweep("lgamma far", MAX_ULP_LGAMMA, 40.0, 1e9, vecmath::f64::lgamma, |x| lgamma(x));
        // Between the poles: absolute error, the zeros there are ill-conditioned.
        for i in 0..100_000 {
            let x = -12.0 * f64::from(i) / 100_000.0 - 1e-5;
            let (got, want) = (vecmath::f64::lgamma(x), lgamma(x));
            assert!(
                (got - want).abs() <= 1e-13 * want.abs().max(1.0) || got == want,
                "lgamma({x}) = {got}, not {want}"
            );
        }
        for x in [0.0, -0.0, -1.0, -5.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(vecmath::f64::lgamma(x), f64::INFINITY);
        }
        assert!(vecmath::f64::lgamma(f64::NAN).is_nan());
    }

    #[test]
    fn inverse_hyperbolic_functions_are_accurate() {
        sweep("asinh", 3.0, -30.0, 30.0, vecmath::f64::asinh, |x| asinh(x));
        sweep("asinh near 0", 3.0, -1e-3, 1e-3, vecmath::f64::asinh, |x| asinh(x));
        sweep("acosh", 3.0, 1.0, 30.0, vecmath::f64::acosh, |x| acosh(x));
        sweep("acosh far", 3.0, 1e7, 1e12, vecmath::f64::acosh, |x| acosh(x));
        sweep("atanh", 3.0, -1.0, 1.0, vecmath::f64::atanh, |x| atanh(x));
        assert!(vecmath::f64::acosh(0.5).is_nan() && vecmath::f64::atanh(1.5).is_nan());
        assert_eq!(vecmath::f64::asinh(f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert!(vecmath::f64::atanh(-0.0).is_sign_negative() && vecmath::f64::asinh(-0.0).is_sign_negative());
    }
}

#[test]
fn digamma_is_the_derivative_of_lgamma_and_obeys_its_identities() {
    use vecmath::f64::digamma;
    // γ, and Gauss's values at ½ and ¼ (Abramowitz and Stegun 6.3).
    let gamma = 0.577_215_664_901_532_9;
    let ln2 = core::f64::consts::LN_2;
    assert!((digamma(1.0) + gamma).abs() < 1e-15);
    assert!((digamma(0.5) + gamma + 2.0 * ln2).abs() < 1e-15);
    assert!((digamma(0.25) + gamma + core::f64::consts::FRAC_PI_2 + 3.0 * ln2).abs() < 2e-15);
    for i in 1..5000 {
        let x = f64::from(i) * 0.01 + 0.003;
        assert!((digamma(x + 1.0) - digamma(x) - 1.0 / x).abs() <= 1e-14 * (1.0 / x).max(1.0), "recurrence at {x}");
        let reflected = digamma(1.0 - x) - core::f64::consts::PI / (core::f64::consts::PI * x).tan();
        assert!((reflected - digamma(x)).abs() <= 1e-9 * reflected.abs().max(1.0), "reflection at {x}");
        let (h, y) = (1e-4, x + 1.0);
        let slope = (vecmath::f64::lgamma(y + h) - vecmath::f64::lgamma(y - h)) / (2.0 * h);
        assert!((slope - digamma(y)).abs() < 1e-7, "derivative at {y}");
    }
    assert_eq!(digamma(0.0), f64::NEG_INFINITY);
    assert_eq!(digamma(-0.0), f64::INFINITY);
    assert!(digamma(-3.0).is_nan() && digamma(f64::NEG_INFINITY).is_nan() && digamma(f64::NAN).is_nan());
    assert_eq!(digamma(f64::INFINITY), f64::INFINITY);
}

#[test]
fn rare_functions_are_rounded_from_f64() {
    let check = |name: &str, f: fn(Lanes) -> Lanes, reference: fn(f64) -> f64| {
        let (error, x) = worst(40_009, f, reference);
        assert!(error <= 0.501, "{name}: error {error} ULP at {x:e}");
    };
    check("exp2", Algebra::exp2, f64::exp2);
    check("log2", Algebra::log2, f64::log2);
    check("log10", Algebra::log10, f64::log10);
    check("tan", Algebra::tan, f64::tan);
    check("asin", Algebra::asin, f64::asin);
    check("acos", Algebra::acos, f64::acos);
    check("atan", Algebra::atan, f64::atan);
    check("sinh", Algebra::sinh, f64::sinh);
    check("cosh", Algebra::cosh, f64::cosh);
    check("asinh", Algebra::asinh, f64::asinh);
    check("erfc", Algebra::erfc, vecmath::f64::erfc);
    check("lgamma", Algebra::lgamma, vecmath::f64::lgamma);
    check("digamma", Algebra::digamma, vecmath::f64::digamma);
}

#[test]
fn angles_of_points_are_rounded_from_f64() {
    let specials =
        [0.0, 1e-45, 1e-38, 1e-3, 0.41, 0.415, 0.5, 0.999_999_9, 1.0, 1.000_000_1, 2.0, 2.415, 3e38, f32::INFINITY];
    let mut points = vec![(f32::NAN, 1.0), (1.0, f32::NAN), (f32::NAN, f32::NAN), (f32::INFINITY, f32::NAN)];
    for y in specials {
        for x in specials {
            points.extend([(y, x), (-y, x), (y, -x), (-y, -x)]);
        }
    }
    let mut state = 1u64;
    for _ in 0..200_000 {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f32::from_bits((state >> 32) as u32)
        };
        points.push((next(), next()));
        let (y, x) = (next(), next());
        points.push((y % 3.0, x % 3.0));
    }
    for (y, x) in points {
        let got = F32s([F32x4::splat(y)]).atan2(F32s([F32x4::splat(x)])).to_array()[0];
        assert!(got.iter().all(|v| v.to_bits() == got[0].to_bits()));
        let error = ulp_error(got[0], f64::from(y).atan2(f64::from(x)));
        assert!(error <= vecmath::arctangent::MAX_ULP, "atan2({y:e}, {x:e}) = {:e}: error {error} ULP", got[0]);
    }
}

#[test]
fn a_lane_gives_what_it_gives_alone() {
    type Vector = F32s<1>;
    let unary: [fn(Vector) -> Vector; 10] = [
        Algebra::tan,
        Algebra::asin,
        Algebra::acos,
        Algebra::atan,
        Algebra::lgamma,
        Algebra::sin,
        Algebra::cos,
        Algebra::log1p,
        |x| (-Ring::abs(x)).log1p_exp(),
        Algebra::sigmoid,
    ];
    let binary: [fn(Vector, Vector) -> Vector; 4] = [Algebra::atan2, Ring::fmod, Ring::remainder, Ring::div_floor];
    let numbers = [0.0, -0.0, 0.3, -2.5, 1e-45, 7000.5, 9000.5, -3e6, -1.0, 1e30, f32::INFINITY, f32::NAN];
    let same = |x: f32, y: f32| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
    for x in numbers {
        for y in numbers {
            let mixed = || F32s([F32x4::from_array([x, y, y, x])]);
            for (k, f) in unary.into_iter().enumerate() {
                let [together] = f(mixed()).to_array();
                let alone = [x, y].map(|x| f(F32s::splat(x)).to_array()[0][0]);
                assert!(same(together[0], alone[0]) && same(together[1], alone[1]), "function {k} of {x:e} and {y:e}");
            }
            for (k, f) in binary.into_iter().enumerate() {
                let [together] = f(mixed(), F32s::splat(0.7)).to_array();
                let alone = [x, y].map(|x| f(F32s::splat(x), F32s::splat(0.7)).to_array()[0][0]);
                assert!(same(together[0], alone[0]) && same(together[1], alone[1]), "pair {k} of {x:e} and {y:e}");
            }
        }
    }
}

#[test]
fn remainders_are_exact() {
    let specials = [
        0.0,
        1e-45,
        3e-39,
        1e-38,
        0.1,
        0.5,
        0.999_999_9,
        1.0,
        1.000_000_1,
        3.0,
        7.5,
        16_777_215.0,
        2.7e8,
        1e30,
        f32::MAX,
        f32::INFINITY,
    ];
    let mut pairs = vec![(f32::NAN, 1.0), (1.0, f32::NAN)];
    for x in specials {
        for y in specials {
            pairs.extend([(x, y), (-x, y), (x, -y), (-x, -y)]);
        }
    }
    let mut state = 1u64;
    for _ in 0..100_000 {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 32
        };
        pairs.push((f32::from_bits(next() as u32), f32::from_bits(next() as u32)));
        let (x, y) = (f32::from_bits(next() as u32) % 1e9, f32::from_bits(next() as u32) % 10.0);
        pairs.push((x, y));
        // A product, and what is next to it.
        let (n, y) = ((next() % 5000) as f32, ((next() % 5000) as f32 - 2500.0) * 0.37);
        pairs.extend([n * y, (n * y).next_up(), (n * y).next_down()].map(|x| (x, y)));
    }
    type Function<T> = fn(T, T) -> T;
    let functions: [(Function<F32s<1>>, Function<f64>); 3] = [
        (Ring::fmod, |x, y| x % y),
        (Ring::remainder, vecmath::f64::remainder::remainder),
        (Ring::div_floor, vecmath::f64::remainder::div_floor),
    ];
    for (x, y) in pairs {
        for (k, (f, exact)) in functions.into_iter().enumerate() {
            let want = exact(f64::from(x), f64::from(y)) as f32;
            let got = f(F32s([F32x4::splat(x)]), F32s([F32x4::splat(y)])).to_array()[0];
            assert!(
                got.iter().all(|v| v.to_bits() == want.to_bits() || (v.is_nan() && want.is_nan())),
                "function {k} of {x:e} and {y:e}: {got:?}, not {want:e}"
            );
        }
    }
}

#[test]
fn f64_lanes_call_the_functions_of_their_name() {
    for i in 1..100 {
        let x = f64::from(i) * 0.0099;
        let pairs: [(f64, f64); 12] = [
            (f64_lane(Algebra::exp, x), x.exp()),
            (f64_lane(Algebra::log, x), x.ln()),
            (f64_lane(Algebra::log1p, x), x.ln_1p()),
            (f64_lane(Algebra::expm1, x), x.exp_m1()),
            (f64_lane(Algebra::sin, x), x.sin()),
            (f64_lane(Algebra::cos, x), x.cos()),
            (f64_lane(Algebra::tanh, x), x.tanh()),
            (f64_lane(Algebra::sigmoid, x), 1.0 / (1.0 + (-x).exp())),
            (f64_lane(Algebra::acos, x), x.acos()),
            (f64_lane(Algebra::atanh, x), x.atanh()),
            (f64_lane(|x| x.atan2(F64s::c(2.0)), x), x.atan2(2.0)),
            (f64_lane(|x| x.powf(F64s::c(1.7)), x), x.powf(1.7)),
        ];
        for (k, (got, want)) in pairs.into_iter().enumerate() {
            assert!((got - want).abs() <= 4e-16 * want.abs().max(1e-2), "function {k} at {x}: {got} not {want}");
        }
    }
}

#[test]
fn remainders_take_the_sign_of_the_divisor() {
    let two = |x: f64, y: f64| {
        let (x, y) = (F32s::<1>::c(x), F32s::<1>::c(y));
        [x.fmod(y), x.remainder(y), x.div_floor(y), x.div_trunc(y)].map(|v| v.to_array()[0][0])
    };
    assert_eq!(two(7.5, 2.0), [1.5, 1.5, 3.0, 3.0]);
    assert_eq!(two(-7.5, 2.0), [-1.5, 0.5, -4.0, -3.0]);
    assert_eq!(two(7.5, -2.0), [1.5, -0.5, -4.0, -3.0]);
    assert_eq!(two(-7.5, -2.0), [-1.5, -1.5, 3.0, 3.0]);
    assert!(two(1.0, 0.0)[..2].iter().all(|v| v.is_nan()));
    assert_eq!(two(1.0, 0.0)[2], f32::INFINITY);
    // 0.1f32 is a little more than 0.1, so ten of them do not fit in 1.
    assert_eq!(two(1.0, 0.1)[2], 9.0);
}
