//! Holds the compiled back end against [`crate::scalar`], over every pair and triple of values that
//! could tell them apart. With the feature `scalar` both are the same code and the tests say
//! nothing; run them without it.

use crate::scalar;

/// Signs of zero, denormals, halves (for rounding), the integer limits, infinities and NaN.
const SPECIAL: [f32; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    0.1,
    -3.7,
    1e-45,
    -1e-40,
    f32::MIN_POSITIVE,
    1e10,
    -1e10,
    2147483648.0,
    -2147483648.0,
    8388609.0,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

/// Equal bits, or both NaN.
fn same32(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn same64(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Four lanes that run through [`SPECIAL`] from `i` on in steps of `step`.
fn lanes32(i: usize, step: usize) -> [f32; 4] {
    core::array::from_fn(|lane| SPECIAL[(i + lane * step) % SPECIAL.len()])
}

fn lanes64(i: usize, step: usize) -> [f64; 2] {
    core::array::from_fn(|lane| {
        f64::from(SPECIAL[(i + lane * step) % SPECIAL.len()]) * if i.is_multiple_of(2) { 1.0 } else { 1e-300 }
    })
}

macro_rules! agree {
    ($same:ident, $got:expr, $want:expr, $($what:tt)*) => {
        let (got, want) = ($got, $want);
        assert!(got.iter().zip(&want).all(|(&a, &b)| $same(a, b)), "{}: {got:?} instead of {want:?}", format_args!($($what)*));
    };
}

macro_rules! float_tests {
    ($name:ident, $t:ident, $mask:ident, $lane:ty, $lanes:ident, $same:ident) => {
        #[test]
        fn $name() {
            type Native = crate::$t;
            type Reference = scalar::$t;
            for i in 0..SPECIAL.len() {
                let x = $lanes(i, 1);
                let (n, r) = (Native::from_array(x), Reference::from_array(x));
                agree!($same, n.abs().to_array(), r.abs().to_array(), "abs {x:?}");
                agree!($same, (-n).to_array(), (-r).to_array(), "neg {x:?}");
                agree!($same, n.sqrt().to_array(), r.sqrt().to_array(), "sqrt {x:?}");
                agree!($same, n.floor().to_array(), r.floor().to_array(), "floor {x:?}");
                agree!($same, n.ceil().to_array(), r.ceil().to_array(), "ceil {x:?}");
                agree!($same, n.trunc().to_array(), r.trunc().to_array(), "trunc {x:?}");
                agree!($same, n.nearest().to_array(), r.nearest().to_array(), "nearest {x:?}");
                agree!($same, [n.sum()], [r.sum()], "sum {x:?}");
                agree!($same, [n.max_lane()], [r.max_lane()], "max_lane {x:?}");
                agree!($same, [n.min_lane()], [r.min_lane()], "min_lane {x:?}");
                assert_eq!(n.is_nan().bitmask(), r.is_nan().bitmask(), "is_nan {x:?}");
                for j in 0..SPECIAL.len() {
                    let y = $lanes(j, 5);
                    let (m, s) = (Native::from_array(y), Reference::from_array(y));
                    agree!($same, (n + m).to_array(), (r + s).to_array(), "{x:?} + {y:?}");
                    agree!($same, (n - m).to_array(), (r - s).to_array(), "{x:?} - {y:?}");
                    agree!($same, (n * m).to_array(), (r * s).to_array(), "{x:?} * {y:?}");
                    agree!($same, (n / m).to_array(), (r / s).to_array(), "{x:?} / {y:?}");
                    agree!($same, (n & m).to_array(), (r & s).to_array(), "{x:?} & {y:?}");
                    agree!($same, (n | m).to_array(), (r | s).to_array(), "{x:?} | {y:?}");
                    agree!($same, (n ^ m).to_array(), (r ^ s).to_array(), "{x:?} ^ {y:?}");
                    agree!($same, n.andnot(m).to_array(), r.andnot(s).to_array(), "andnot {x:?} {y:?}");
                    agree!($same, n.min(m).to_array(), r.min(s).to_array(), "min {x:?} {y:?}");
                    agree!($same, n.max(m).to_array(), r.max(s).to_array(), "max {x:?} {y:?}");
                    agree!($same, n.pmin(m).to_array(), r.pmin(s).to_array(), "pmin {x:?} {y:?}");
                    agree!($same, n.pmax(m).to_array(), r.pmax(s).to_array(), "pmax {x:?} {y:?}");
                    agree!(
                        $same,
                        Native::interleave_lo(n, m).to_array(),
                        Reference::interleave_lo(r, s).to_array(),
                        "interleave_lo"
                    );
                    agree!(
                        $same,
                        Native::interleave_hi(n, m).to_array(),
                        Reference::interleave_hi(r, s).to_array(),
                        "interleave_hi"
                    );
                    for (native, reference) in [
                        (n.lt(m), r.lt(s)),
                        (n.le(m), r.le(s)),
                        (n.eq(m), r.eq(s)),
                        (n.ne(m), r.ne(s)),
                        (n.gt(m), r.gt(s)),
                        (n.ge(m), r.ge(s)),
                        (n.lt(m) | n.eq(m), r.lt(s) | r.eq(s)),
                        (n.le(m) & !n.eq(m), r.le(s) & !r.eq(s)),
                        (n.le(m) ^ n.ge(m), r.le(s) ^ r.ge(s)),
                    ] {
                        assert_eq!(native.bitmask(), reference.bitmask(), "comparing {x:?} and {y:?}");
                        assert_eq!(native.any(), reference.any());
                        assert_eq!(native.all(), reference.all());
                        assert_eq!(native.to_bits().to_array(), reference.to_bits().to_array());
                        assert_eq!(
                            crate::$mask::to_bytes(native, !native),
                            scalar::$mask::to_bytes(reference, !reference)
                        );
                        let native = Native::select(native, n, m).to_array();
                        agree!($same, native, Reference::select(reference, r, s).to_array(), "select {x:?} {y:?}");
                    }
                    let z = $lanes(i + j, 7);
                    let (o, t) = (Native::from_array(z), Reference::from_array(z));
                    agree!($same, n.mul_add(m, o).to_array(), r.mul_add(s, t).to_array(), "{x:?} * {y:?} + {z:?}");
                    agree!(
                        $same,
                        n.neg_mul_add(m, o).to_array(),
                        r.neg_mul_add(s, t).to_array(),
                        "{z:?} - {x:?} * {y:?}"
                    );
                }
            }
        }
    };
}

float_tests!(f32x4_means_what_scalar_does, F32x4, M32x4, f32, lanes32, same32);
float_tests!(f64x2_means_what_scalar_does, F64x2, M64x2, f64, lanes64, same64);

#[test]
fn f32x4_shuffles_and_conversions_mean_what_scalar_does() {
    for i in 0..SPECIAL.len() {
        let (x, y) = (lanes32(i, 1), lanes32(i, 3));
        let (n, r) = (crate::F32x4::from_array(x), scalar::F32x4::from_array(x));
        let (m, s) = (crate::F32x4::from_array(y), scalar::F32x4::from_array(y));
        agree!(
            same32,
            crate::F32x4::concat_lo(n, m).to_array(),
            scalar::F32x4::concat_lo(r, s).to_array(),
            "concat_lo"
        );
        agree!(
            same32,
            crate::F32x4::concat_hi(n, m).to_array(),
            scalar::F32x4::concat_hi(r, s).to_array(),
            "concat_hi"
        );
        assert_eq!(n.trunc_i32().to_array(), r.trunc_i32().to_array(), "trunc_i32 {x:?}");
        assert_eq!(n.to_bits().to_array(), r.to_bits().to_array());
        agree!(same32, crate::F32x4::from_bits(n.to_bits()).to_array(), x, "from_bits");
        let ((lo, hi), (want_lo, want_hi)) = (n.to_f64(), r.to_f64());
        agree!(same64, lo.to_array(), want_lo.to_array(), "to_f64 low");
        agree!(same64, hi.to_array(), want_hi.to_array(), "to_f64 high");
        let back = crate::F64x2::to_f32(hi, lo).to_array();
        agree!(same32, back, scalar::F64x2::to_f32(want_hi, want_lo).to_array(), "to_f32");
        let in_range = crate::F32x4::from_array(x.map(|v| if v.abs() < 2e9 { v } else { 7.9 }));
        assert_eq!(in_range.trunc_i32_in_range().to_array(), in_range.trunc_i32().to_array());
    }
}

#[test]
fn transpose_swaps_rows_and_columns() {
    let rows = [0, 4, 8, 12].map(|r| crate::F32x4::from_array([r, r + 1, r + 2, r + 3].map(|v| v as f32)));
    let columns = crate::F32x4::transpose(rows).map(crate::F32x4::to_array);
    assert_eq!(columns, [[0., 4., 8., 12.], [1., 5., 9., 13.], [2., 6., 10., 14.], [3., 7., 11., 15.]]);
}

#[test]
fn integers_mean_what_scalar_does() {
    let special = [0, 1, -1, 2, -7, 65_537, 123_456_789, -987_654_321, i32::MAX, i32::MIN, 1 << 30];
    let pick =
        |i: usize, step: usize| -> [i32; 4] { core::array::from_fn(|lane| special[(i + lane * step) % special.len()]) };
    for i in 0..special.len() {
        for j in 0..special.len() {
            let (x, y) = (pick(i, 1), pick(j, 3));
            let (n, r) = (crate::I32x4::from_array(x), scalar::I32x4::from_array(x));
            let (m, s) = (crate::I32x4::from_array(y), scalar::I32x4::from_array(y));
            assert_eq!((n + m).to_array(), (r + s).to_array());
            assert_eq!((n - m).to_array(), (r - s).to_array());
            assert_eq!((n * m).to_array(), (r * s).to_array(), "{x:?} * {y:?}");
            assert_eq!((n & m).to_array(), (r & s).to_array());
            assert_eq!((n | m).to_array(), (r | s).to_array());
            assert_eq!((n ^ m).to_array(), (r ^ s).to_array());
            assert_eq!((-n).to_array(), (-r).to_array());
            assert_eq!(n.shl::<23>().to_array(), r.shl::<23>().to_array());
            assert_eq!(n.shr::<5>().to_array(), r.shr::<5>().to_array());
            assert_eq!(n.shr_logical::<5>().to_array(), r.shr_logical::<5>().to_array());
            assert_eq!(n.eq(m).bitmask(), r.eq(s).bitmask());
            assert_eq!(n.gt(m).bitmask(), r.gt(s).bitmask());
            assert_eq!(n.lt(m).bitmask(), r.lt(s).bitmask());
            assert_eq!(n.to_f32().to_array(), r.to_f32().to_array());
            assert_eq!(crate::I32x4::select(n.gt(m), n, m).to_array(), scalar::I32x4::select(r.gt(s), r, s).to_array());
            assert_eq!((n.min(m).to_array(), n.max(m).to_array()), (r.min(s).to_array(), r.max(s).to_array()));
            let halves = scalar::I32x4::low_halves(r, s);
            assert_eq!(crate::I32x4::low_halves(n, m), halves);
            assert_eq!(crate::I32x4::low_bytes([n, m, m, n]), scalar::I32x4::low_bytes([r, s, s, r]));
            let mut small = 0;
            for shift in [0, 10, 16, 24] {
                let shifted = |v: scalar::I32x4| v.to_array().map(|n| n >> shift);
                let v = [r, s].map(|v| scalar::I32x4::from_array(shifted(v)));
                let u = [r, s].map(|v| crate::I32x4::from_array(shifted(v)));
                let bytes = scalar::I32x4::small_to_bytes([v[0], v[1], v[1], v[0]]);
                assert_eq!(crate::I32x4::small_to_bytes([u[0], u[1], u[1], u[0]]), bytes);
                let halves = scalar::I32x4::small_to_halves([v[1], v[0], v[0], v[1]]);
                assert_eq!(crate::I32x4::small_to_halves([u[1], u[0], u[0], u[1]]), halves);
                assert_eq!(
                    crate::I32x4::nonzero_to_bytes([u[0], u[1], u[0], u[0] ^ u[0]]),
                    scalar::I32x4::nonzero_to_bytes([v[0], v[1], v[0], v[0] ^ v[0]])
                );
                small += u32::from(bytes.is_some());
            }
            assert!(small > 0);
            assert_eq!((n.any(), (n & crate::I32x4::splat(0)).any()), (r.any(), false));
            assert_eq!(n.max_unsigned(m).to_array(), r.max_unsigned(s).to_array());
            let pairs = (crate::I32x4::pairs_of_halves(halves), scalar::I32x4::pairs_of_halves(halves));
            assert_eq!(pairs.0.to_array(), pairs.1.to_array());
            let bytes: [u8; 16] = core::array::from_fn(|i| (halves[i / 2] >> (8 * (i % 2))) as u8);
            let signed = bytes.map(|byte| byte as i8);
            let (a, b) = (crate::I32x4::from_bytes(bytes), scalar::I32x4::from_bytes(bytes));
            assert_eq!(a.map(crate::I32x4::to_array), b.map(scalar::I32x4::to_array));
            let (a, b) = (crate::I32x4::from_signed_bytes(signed), scalar::I32x4::from_signed_bytes(signed));
            assert_eq!(a.map(crate::I32x4::to_array), b.map(scalar::I32x4::to_array));
            let (lo, hi) = crate::I32x4::from_signed_halves(halves);
            let (a, b) = scalar::I32x4::from_signed_halves(halves);
            assert_eq!((lo.to_array(), hi.to_array()), (a.to_array(), b.to_array()));
            let (m1, s1) = ([n.gt(m), n.eq(m), m.gt(n), n.gt(m)], [r.gt(s), r.eq(s), s.gt(r), r.gt(s)]);
            assert_eq!(crate::M32x4::four_to_bytes(m1), scalar::M32x4::four_to_bytes(s1));
            let (lo, hi) = crate::I32x4::from_halves(halves);
            let (a, b) = scalar::I32x4::from_halves(halves);
            assert_eq!((lo.to_array(), hi.to_array()), (a.to_array(), b.to_array()));
            let (x, y) = ([i64::from(x[0]) << 20, i64::from(x[1])], [i64::from(y[0]), i64::from(y[1]) << 31]);
            let (n, r) = (crate::I64x2::from_array(x), scalar::I64x2::from_array(x));
            let (m, s) = (crate::I64x2::from_array(y), scalar::I64x2::from_array(y));
            assert_eq!((n + m).to_array(), (r + s).to_array());
            assert_eq!((n - m).to_array(), (r - s).to_array());
            assert_eq!((n & m).to_array(), (r & s).to_array());
            assert_eq!((n | m).to_array(), (r | s).to_array());
            assert_eq!((n ^ m).to_array(), (r ^ s).to_array());
            assert_eq!(n.shl::<52>().to_array(), r.shl::<52>().to_array());
            assert_eq!(n.shr_logical::<11>().to_array(), r.shr_logical::<11>().to_array());
        }
    }
}

#[test]
fn loads_and_stores_touch_their_lanes_only() {
    let source = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0];
    let mut target = [0.0f32; 6];
    // SAFETY: lanes 1 to 4 of six are read and written.
    unsafe { crate::F32x4::load(source.as_ptr().add(1)).store(target.as_mut_ptr().add(1)) };
    assert_eq!(target, [0.0, 2.0, 3.0, 4.0, 5.0, 0.0]);
    // SAFETY: lane 5 of six is read.
    assert_eq!(unsafe { crate::F32x4::load_splat(source.as_ptr().add(5)) }.to_array(), [6.0; 4]);
    assert_eq!(crate::M32x4::from_array([true, false, true, true]).bitmask(), 0b1101);
    assert_eq!(crate::M64x2::from_array([false, true]).bitmask(), 0b10);
}
