//! Reductions and scans against the definition, in exact or double-double arithmetic where rounding matters.

mod sequence;

use adjoint_kernels::reduce::*;
use sequence::Sequence;

const EPSILON: f64 = f32::EPSILON as f64;

/// Shapes around every block, tile and vector edge.
fn axes() -> Vec<Axis> {
    let mut axes = vec![];
    for n in [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 127, 128, 129, 257, 1023, 1024, 1025, 5000] {
        axes.push(Axis { outer: 3, n, inner: 1 });
        for inner in [2, 3, 4, 7, 13] {
            axes.push(Axis { outer: 2, n, inner });
        }
    }
    for (outer, n, inner) in
        [(0, 3, 2), (2, 3, 0), (1, 17, 255), (1, 9, 256), (2, 11, 257), (1, 3, 1000), (1, 40000, 5), (1, 300_001, 1)]
    {
        axes.push(Axis { outer, n, inner });
    }
    axes
}

/// The elements of each reduced position, in order.
fn lanes<T: Copy>(x: &[T], axis: Axis) -> Vec<Vec<T>> {
    let Axis { outer, n, inner } = axis;
    let lane = |o: usize, c: usize| (0..n).map(|i| x[(o * n + i) * inner + c]).collect();
    (0..outer).flat_map(|o| (0..inner).map(move |c| (o, c))).map(|(o, c)| lane(o, c)).collect()
}

/// Runs a kernel on an output surrounded by values it must leave alone.
fn guarded<T: Copy + PartialEq + std::fmt::Debug>(len: usize, guard: T, run: impl FnOnce(&mut [T])) -> Vec<T> {
    let mut buffer = vec![guard; len + 32];
    run(&mut buffer[16..16 + len]);
    assert!(buffer[..16].iter().chain(&buffer[16 + len..]).all(|&x| x == guard), "wrote outside its output");
    buffer[16..16 + len].to_vec()
}

/// Compares an f32 and the f64 reduction with a reference over f64 lanes; `room(lane)` is the error allowed to f32, in units of its ε.
#[expect(clippy::type_complexity, reason = "two kernels of the same signature")]
fn compare(
    name: &str,
    kernels: (fn(&[f32], Axis, &mut [f32]), fn(&[f64], Axis, &mut [f64])),
    reference: impl Fn(&[f64]) -> f64,
    room: impl Fn(&[f64]) -> f64,
    values: impl Fn(&mut Sequence) -> f64,
) {
    let sequence = &mut Sequence::new(7);
    for axis in axes() {
        let x: Vec<f32> = (0..axis.numel()).map(|_| values(sequence) as f32).collect();
        let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let got = guarded(axis.reduced(), -77.0, |out| kernels.0(&x, axis, out));
        let got_wide = guarded(axis.reduced(), -77.0, |out| kernels.1(&wide, axis, out));
        for (i, lane) in lanes(&wide, axis).iter().enumerate() {
            let (want, room) = (reference(lane), room(lane));
            let close = |got: f64, epsilon: f64| {
                got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= room * epsilon
            };
            assert!(close(f64::from(got[i]), EPSILON), "{name} f32 {axis:?} at {i}: {} is not {want}", got[i]);
            // The reference rounds in f64 too: leave it the error of a plain loop.
            let epsilon = f64::EPSILON * (1.0 + lane.len() as f64);
            assert!(close(got_wide[i], epsilon), "{name} f64 {axis:?} at {i}: {} is not {want}", got_wide[i]);
        }
    }
}

fn unit(sequence: &mut Sequence) -> f64 {
    sequence.unit()
}

#[test]
fn sums_are_sums() {
    let room = |lane: &[f64]| 8.0 * lane.iter().map(|x| x.abs()).sum::<f64>();
    compare("sum", (sum, sum), |lane| lane.iter().sum(), room, unit);
    compare("sum_abs", (sum_abs, sum_abs), |lane| lane.iter().map(|x| x.abs()).sum(), room, unit);
    compare("sum_squares", (sum_squares, sum_squares), |lane| lane.iter().map(|x| x * x).sum(), room, unit);
    let mean_of = |lane: &[f64]| lane.iter().sum::<f64>() / lane.len() as f64;
    compare(
        "mean",
        (mean, mean),
        mean_of,
        |lane| 8.0 * lane.iter().map(|x| x.abs()).sum::<f64>() / lane.len() as f64,
        unit,
    );
}

#[test]
fn products_are_products() {
    let near_one = |s: &mut Sequence| 1.0 + 1e-3 * s.unit();
    let product = |lane: &[f64]| lane.iter().product();
    compare("prod", (prod, prod), product, |lane| lane.len() as f64 * product(lane), near_one);
}

#[test]
fn greatest_and_smallest_are_exact() {
    let none = |_: &[f64]| 0.0;
    let greatest = |lane: &[f64]| lane.iter().fold(f64::NEG_INFINITY, |y, &x| y.max(x));
    let smallest = |lane: &[f64]| lane.iter().fold(f64::INFINITY, |y, &x| y.min(x));
    compare("amax", (amax, amax), greatest, none, unit);
    compare("amin", (amin, amin), smallest, none, unit);
    let norm = |lane: &[f64]| lane.iter().fold(f64::NEG_INFINITY, |y, &x| y.max(x.abs()));
    compare("max_abs", (max_abs, max_abs), norm, none, unit);
}

#[test]
fn a_nan_anywhere_is_the_extreme() {
    for axis in [Axis::rows(2, 100), Axis { outer: 1, n: 40, inner: 5 }, Axis::whole(3)] {
        for at in 0..axis.numel() {
            let mut x = vec![1.0_f32; axis.numel()];
            x[at] = f32::NAN;
            let (mut greatest, mut smallest) = (vec![0.0; axis.reduced()], vec![0.0; axis.reduced()]);
            amax(&x, axis, &mut greatest);
            amin(&x, axis, &mut smallest);
            for (i, lane) in lanes(&x, axis).iter().enumerate() {
                let has_nan = lane.iter().any(|x| x.is_nan());
                assert_eq!(greatest[i].is_nan(), has_nan);
                assert_eq!(smallest[i].is_nan(), has_nan);
            }
        }
    }
}

#[test]
fn a_sum_of_millions_is_as_accurate_as_a_cascade() {
    // All of one sign, so that a plain loop would lose digits: its error here is some 1e-3.
    let sequence = &mut Sequence::new(11);
    let x: Vec<f32> = (0..4_000_000).map(|_| (sequence.unit() + 1.0) as f32).collect();
    let want: f64 = x.iter().map(|&x| f64::from(x)).sum();
    let plain: f32 = x.iter().sum();
    assert!((f64::from(plain) - want).abs() / want > 1e-5, "the input is too easy to tell anything");
    for axis in
        [Axis::whole(x.len()), Axis { outer: 1, n: x.len() / 2, inner: 2 }, Axis { outer: 1, n: x.len() / 8, inner: 8 }]
    {
        let mut out = vec![0.0_f32; axis.reduced()];
        sum(&x, axis, &mut out);
        for (got, lane) in out.iter().zip(lanes(&x, axis)) {
            let want: f64 = lane.iter().map(|&x| f64::from(x)).sum();
            let error = (f64::from(*got) - want).abs() / want;
            assert!(error < 3e-7, "{axis:?}: relative error {error:e}");
        }
    }
}

fn var_of(lane: &[f64], correction: f64) -> f64 {
    let n = lane.len() as f64;
    let mean = lane.iter().sum::<f64>() / n;
    lane.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - correction).max(0.0)
}

#[test]
fn variances_survive_a_large_offset() {
    for axis in axes() {
        let x: Vec<f32> = Sequence::new(5).f32s(axis.numel()).iter().map(|x| 1000.0 + x).collect();
        for correction in [0.0, 1.0] {
            let mut mean = vec![0.0; axis.reduced()];
            let var = guarded(axis.reduced(), -77.0, |var| var_mean(&x, axis, correction, var, &mut mean));
            for (i, lane) in lanes(&x, axis).iter().enumerate() {
                let lane: Vec<f64> = lane.iter().map(|&x| f64::from(x)).collect();
                let want = var_of(&lane, correction);
                let got = f64::from(var[i]);
                // The mean of numbers near 1000 is off by up to 1e-4 in f32, and that squared is what it adds.
                let good = (got - want).abs() <= 1e-5 * want + 1e-7 || (got.is_nan() && want.is_nan());
                assert!(good, "{axis:?} at {i}: {got} is not {want}");
            }
        }
    }
    let (mut var, mut mean) = ([0.0_f64], [0.0_f64]);
    var_mean(&[1.0, 2.0, 4.0, 9.0], Axis::whole(4), 1.0, &mut var, &mut mean);
    assert_eq!((var[0], mean[0]), (38.0 / 3.0, 4.0));
}

#[test]
fn logsumexp_neither_overflows_nor_loses_infinities() {
    let reference = |lane: &[f64]| {
        let m = lane.iter().fold(f64::NEG_INFINITY, |y, &x| y.max(x));
        if lane.is_empty() { m } else { m + lane.iter().map(|x| (x - m).exp()).sum::<f64>().ln() }
    };
    let large = |s: &mut Sequence| 500.0 * s.unit();
    compare("logsumexp", (logsumexp, logsumexp), reference, |lane| 8.0 * (1.0 + reference(lane).abs()), large);
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    for (x, want) in
        [([-inf, -inf], -inf), ([-inf, 1.0], 1.0), ([inf, 1.0], inf), ([inf, -inf], inf), ([nan, inf], nan)]
    {
        let mut out = [0.0_f32];
        logsumexp(&x, Axis::whole(2), &mut out);
        assert!(out[0] == want || (out[0].is_nan() && want.is_nan()), "{x:?}: {} is not {want}", out[0]);
    }
}

#[test]
fn integer_reductions_are_exact_and_wrap_in_64_bits() {
    let sequence = &mut Sequence::new(6);
    for axis in axes() {
        let x: Vec<i8> = (0..axis.numel()).map(|_| sequence.next() as i8).collect();
        let sums = guarded(axis.reduced(), -77, |out| sum_int(&x, axis, out));
        let products = guarded(axis.reduced(), -77, |out| prod_int(&x, axis, out));
        let greatest = guarded(axis.reduced(), -77, |out| amax_int(&x, axis, out));
        let smallest = guarded(axis.reduced(), -77, |out| amin_int(&x, axis, out));
        for (i, lane) in lanes(&x, axis).iter().enumerate() {
            assert_eq!(sums[i], lane.iter().map(|&x| i64::from(x)).sum::<i64>());
            assert_eq!(products[i], lane.iter().fold(1_i64, |y, &x| y.wrapping_mul(i64::from(x))));
            assert_eq!(greatest[i], lane.iter().copied().max().unwrap_or(i8::MIN));
            assert_eq!(smallest[i], lane.iter().copied().min().unwrap_or(i8::MAX));
        }
    }
    let mut out = [0];
    sum_int(&[i64::MAX, 1], Axis::whole(2), &mut out);
    assert_eq!(out, [i64::MIN]);
    sum_int(&vec![255_u8; 1000], Axis::whole(1000), &mut out);
    assert_eq!(out, [255_000]);
}

/// The definition: a NaN beats a number, of equals the first wins.
fn first_extreme(lane: &[f32], greatest: bool) -> usize {
    let mut at = 0;
    for (i, &x) in lane.iter().enumerate() {
        let best = lane[at];
        if !best.is_nan() && (x.is_nan() || if greatest { x > best } else { x < best }) {
            at = i;
        }
    }
    at
}

#[test]
fn indices_of_extremes_take_the_first_of_equals_and_the_first_nan() {
    let sequence = &mut Sequence::new(8);
    for axis in axes().into_iter().filter(|axis| axis.n > 0) {
        // Few different values, hence many ties; now and then a NaN.
        let mut draw = || if sequence.below(200) == 0 { f32::NAN } else { sequence.below(9) as f32 };
        let x: Vec<f32> = (0..axis.numel()).map(|_| draw()).collect();
        let mut values = vec![0.0; axis.reduced()];
        let max = guarded(axis.reduced(), -77, |out| argmax(&x, axis, out));
        let min = guarded(axis.reduced(), -77, |out| argmin(&x, axis, out));
        let both = guarded(axis.reduced(), -77, |out| max_with_index(&x, axis, &mut values, out));
        assert_eq!(max, both);
        for (i, lane) in lanes(&x, axis).iter().enumerate() {
            let at = first_extreme(lane, true);
            assert_eq!(max[i], at as i64, "{axis:?}");
            assert_eq!(values[i].to_bits(), lane[at].to_bits());
            assert_eq!(min[i], first_extreme(lane, false) as i64, "{axis:?}");
        }
        min_with_index(&x, axis, &mut values, &mut vec![0; axis.reduced()]);
        for (value, lane) in values.iter().zip(lanes(&x, axis)) {
            assert_eq!(value.to_bits(), lane[first_extreme(&lane, false)].to_bits());
        }
    }
}

#[test]
#[should_panic(expected = "empty axis")]
fn an_empty_axis_has_no_greatest_element() {
    argmax::<f32>(&[], Axis { outer: 2, n: 0, inner: 1 }, &mut [0, 0]);
}

#[test]
fn zeros_are_counted_and_nan_is_none() {
    let x = [0.0, -0.0, f32::NAN, 3.0, 0.0, 0.0];
    let axis = Axis::rows(3, 2);
    assert_eq!(guarded(3, 9, |out| any(&x, axis, out)), [0, 1, 0]);
    assert_eq!(guarded(3, 9, |out| all(&x, axis, out)), [0, 1, 0]);
    assert_eq!(guarded(3, 9, |out| count_nonzero(&x, axis, out)), [0, 2, 0]);
    let axis = Axis { outer: 1, n: 3, inner: 2 };
    assert_eq!(guarded(2, 9, |out| any(&x, axis, out)), [1, 1]);
    assert_eq!(guarded(2, 9, |out| all(&x, axis, out)), [0, 0]);
    assert_eq!(guarded(2, 9, |out| count_nonzero(&x, axis, out)), [1, 1]);
    let axis = Axis { outer: 2, n: 0, inner: 1 };
    assert_eq!(guarded(2, 9, |out| any::<u8>(&[], axis, out)), [0, 0]);
    assert_eq!(guarded(2, 9, |out| all::<u8>(&[], axis, out)), [1, 1]);
}

#[test]
fn scans_run_along_their_axis() {
    for axis in axes() {
        let x: Vec<f32> = Sequence::new(9).f32s(axis.numel()).iter().map(|x| 1.0 + 0.01 * x).collect();
        let ints: Vec<i16> = x.iter().map(|x| (x * 1e4) as i16).collect();
        let sums = guarded(axis.numel(), -77.0, |out| cumsum(&x, axis, out));
        let products = guarded(axis.numel(), -77.0, |out| cumprod(&x, axis, out));
        let int_sums = guarded(axis.numel(), -77, |out| cumsum_int(&ints, axis, out));
        let int_products = guarded(axis.numel(), -77, |out| cumprod_int(&ints, axis, out));
        for (lane, (s, p)) in lanes(&x, axis).iter().zip(lanes(&sums, axis).iter().zip(lanes(&products, axis))) {
            let (mut sum, mut product) = (0.0_f64, 1.0_f64);
            for (i, &x) in lane.iter().enumerate() {
                sum += f64::from(x);
                product *= f64::from(x);
                assert_eq!(s[i], sum as f32);
                assert_eq!(p[i], product as f32);
            }
        }
        for (lane, (s, p)) in
            lanes(&ints, axis).iter().zip(lanes(&int_sums, axis).iter().zip(lanes(&int_products, axis)))
        {
            let (mut sum, mut product) = (0_i64, 1_i64);
            for (i, &x) in lane.iter().enumerate() {
                sum += i64::from(x);
                product = product.wrapping_mul(i64::from(x));
                assert_eq!((s[i], p[i]), (sum, product));
            }
        }
    }
}

#[test]
fn rows_whose_start_is_far_from_their_mean_have_exact_variances() {
    let ramp = |i: usize| i as f32;
    let jump = |i: usize| if i < 40 { 1e6 } else { (i % 7) as f32 };
    let late = |i: usize| if i == 999 { 1e9 } else { (i % 5) as f32 };
    let rows: [&dyn Fn(usize) -> f32; 3] = [&ramp, &jump, &late];
    for row in rows {
        let x: Vec<f32> = (0..1000).map(row).collect();
        let exact_mean = x.iter().map(|&v| f64::from(v)).sum::<f64>() / 1000.0;
        let exact = x.iter().map(|&v| (f64::from(v) - exact_mean).powi(2)).sum::<f64>() / 999.0;
        let (mut var, mut mean) = ([0.0_f32], [0.0_f32]);
        var_mean(&x, Axis::whole(1000), 1.0, &mut var, &mut mean);
        assert!((f64::from(var[0]) / exact - 1.0).abs() < 2e-7, "{} for {exact}", var[0]);
        assert!((f64::from(mean[0]) / exact_mean - 1.0).abs() < 3e-7, "{} for {exact_mean}", mean[0]);
    }
}

#[test]
fn long_rows_have_the_same_extremes_as_short_ones() {
    let sequence = &mut Sequence::new(31);
    for n in [64, 65, 79, 80, 97, 128, 131, 1009] {
        for special in [1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0] {
            for at in [0, 1, n / 2, n - 2, n - 1] {
                // Below the special number, above it, and on both sides.
                for shift in [-2.0, 2.0, 0.0] {
                    let mut row: Vec<f32> = sequence.f32s(n).iter().map(|v| v + shift).collect();
                    row[at] = special;
                    let (mut most, mut least) = ([0.0], [0.0]);
                    amax(&row, Axis::rows(1, n), &mut most);
                    amin(&row, Axis::rows(1, n), &mut least);
                    let (mut columns, mut low) = ([0.0], [0.0]);
                    let pairs: Vec<f32> = row.iter().flat_map(|&v| [v, v]).collect();
                    let (mut wide, mut deep) = ([0.0; 2], [0.0; 2]);
                    amax(&pairs, Axis { outer: 1, n, inner: 2 }, &mut wide);
                    amin(&pairs, Axis { outer: 1, n, inner: 2 }, &mut deep);
                    (columns[0], low[0]) = (wide[1], deep[0]);
                    let bits = |v: f32| if v.is_nan() { u32::MAX } else { v.to_bits() };
                    assert_eq!(bits(most[0]), bits(columns[0]), "{special} at {at} of {n}");
                    assert_eq!(bits(least[0]), bits(low[0]), "{special} at {at} of {n}");
                    let double: Vec<f64> = row.iter().map(|&v| f64::from(v)).collect();
                    let mut wide = [0.0];
                    amax(&double, Axis::rows(1, n), &mut wide);
                    assert_eq!(bits(wide[0] as f32), bits(most[0]), "{special} at {at} of {n}");
                }
            }
        }
    }
}

#[test]
fn running_extremes_take_the_last_of_equals_and_of_nans() {
    let sequence = &mut Sequence::new(32);
    for axis in axes() {
        let mut x: Vec<f32> = (0..axis.numel()).map(|_| sequence.below(5) as f32).collect();
        for nans in [0, axis.numel() / 7] {
            for _ in 0..nans {
                let at = sequence.below(axis.numel());
                x[at] = f32::NAN;
            }
            for greatest in [true, false] {
                let mut places = vec![-9; axis.numel()];
                let scan = if greatest { cummax } else { cummin };
                let got = guarded(axis.numel(), -77.0, |out| scan(&x, axis, out, &mut places));
                for lane in 0..axis.reduced() {
                    let (o, c) = (lane / axis.inner, lane % axis.inner);
                    let mut best = 0;
                    for i in 0..axis.n {
                        let at = |i: usize| (o * axis.n + i) * axis.inner + c;
                        let (new, held) = (x[at(i)], x[at(best)]);
                        let wins = if greatest { new >= held } else { new <= held };
                        if new.is_nan() || wins {
                            best = i;
                        }
                        assert_eq!(places[at(i)], best as i64, "{axis:?}");
                        assert_eq!(got[at(i)].to_bits(), x[at(best)].to_bits(), "{axis:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn distances_and_their_gradients_are_those_of_the_definition() {
    let sequence = &mut Sequence::new(33);
    let kinds = [(Distance::One, 1), (Distance::Two, 2), (Distance::Three, 3)];
    for (rows, others) in [(0, 3), (1, 1), (3, 0), (2, 5), (7, 4), (5, 5), (8, 9)] {
        for width in [0, 1, 2, 3, 4, 7, 64, 67] {
            for triangle in [false, true] {
                if triangle && rows != others {
                    continue;
                }
                let batches = 2;
                let pairs = Pairs { batches, rows, others, width, triangle };
                let mut x = sequence.f64s(batches * rows * width);
                let y = if triangle { x.clone() } else { sequence.f64s(batches * others * width) };
                if rows * others * width > 0 && !triangle {
                    // A distance of 0.
                    x[..width].copy_from_slice(&y[..width]);
                }
                let met = |i: usize, j: usize| !triangle || j > i;
                let list: Vec<(usize, usize, usize)> = (0..batches)
                    .flat_map(|b| (0..rows).flat_map(move |i| (0..others).map(move |j| (b, i, j))))
                    .filter(|&(_, i, j)| met(i, j))
                    .collect();
                assert_eq!(list.len(), batches * pairs.count());
                for (kind, p) in kinds {
                    let got = guarded(list.len(), -77.0, |out| distances(&x, &y, pairs, kind, out));
                    let differences = |b: usize, i: usize, j: usize| -> Vec<f64> {
                        let (x, y) = (&x[(b * rows + i) * width..][..width], &y[(b * others + j) * width..][..width]);
                        x.iter().zip(y).map(|(x, y)| x - y).collect()
                    };
                    for (&(b, i, j), got) in list.iter().zip(&got) {
                        let sum: f64 = differences(b, i, j).iter().map(|d| d.abs().powi(p)).sum();
                        assert!((got - sum.powf(1.0 / f64::from(p))).abs() < 1e-12, "{pairs:?} {kind:?}");
                    }
                    let narrow: Vec<f32> = x.iter().map(|&v| v as f32).collect();
                    let narrow_y: Vec<f32> = y.iter().map(|&v| v as f32).collect();
                    let single = guarded(list.len(), -77.0, |out| distances(&narrow, &narrow_y, pairs, kind, out));
                    assert!(single.iter().zip(&got).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-4));

                    let scales = sequence.f64s(list.len());
                    let place = |b: usize, i: usize, j: usize| {
                        let (i, j) = if triangle { (i.min(j), i.max(j)) } else { (i, j) };
                        list.iter().position(|&at| at == (b, i, j)).unwrap()
                    };
                    let dx = guarded(x.len(), -77.0, |dx| {
                        distance_gradient(&x, &y, pairs, kind, &scales, place, dx);
                    });
                    let mut want = vec![0.0; x.len()];
                    for b in 0..batches {
                        for i in 0..rows {
                            for j in (0..others).filter(|&j| !triangle || i != j) {
                                for (c, d) in differences(b, i, j).into_iter().enumerate() {
                                    let h = match kind {
                                        Distance::One if d == 0.0 => 0.0,
                                        Distance::One => d.signum(),
                                        Distance::Two => d,
                                        Distance::Three => d * d.abs(),
                                    };
                                    want[(b * rows + i) * width + c] += scales[place(b, i, j)] * h;
                                }
                            }
                        }
                    }
                    assert!(dx.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-12), "{pairs:?} {kind:?}");
                }
            }
        }
    }
}
