//! Normalization of channels and its derivatives against the definition in `f64`.

mod sequence;

use adjoint_kernels::norm::Derivatives;
use adjoint_kernels::norm::channels::{Channels, MOMENTS, Sharing, channel_norm, channel_norm_backward};
use adjoint_simd::Scalar;
use sequence::Sequence;

/// `[outer, channels, inner]`.
const SIZES: [[usize; 3]; 10] = [
    [1, 1, 3],
    [3, 2, 5],
    [2, 4, 1],
    [130, 6, 1],
    [65, 9, 1],
    [5, 4, 31],
    [3, 6, 49],
    [2, 3, 257],
    [1, 5, 64],
    [70, 1, 1],
];

/// The moments that element `i` shares, and their number.
fn moments_of(i: usize, [outer, channels, inner]: [usize; 3], sharing: Sharing) -> (usize, usize) {
    match sharing {
        Sharing::Batch => (i / inner % channels, channels),
        Sharing::Group(of) => (i / inner / of, outer * channels / of),
    }
}

fn check<T: Scalar + std::fmt::Debug>(epsilon: f64, offset: f64, with_weights: bool) {
    for size in SIZES {
        let [outer, channels, inner] = size;
        let sharings = [Sharing::Batch, Sharing::Group(1), Sharing::Group(channels)];
        for sharing in sharings {
            let at = Channels { outer, channels, inner, sharing };
            let len = outer * channels * inner;
            let s = &mut Sequence::new(len as u64);
            let draw = |s: &mut Sequence, len: usize, by: f64| {
                (0..len).map(|_| T::from_f64(s.unit() + by)).collect::<Vec<T>>()
            };
            let (x, g) = (draw(s, len, offset), draw(s, len, 0.0));
            let (w, b) = (draw(s, channels, 0.0), draw(s, channels, 0.0));
            let given = |v| if with_weights { Some(v) } else { None };
            let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
            let (wx, wg) = (wide(&x), wide(&g));
            let (ww, wb) = if with_weights { (wide(&w), wide(&b)) } else { (vec![1.0; channels], vec![0.0; channels]) };
            let (eps, guard) = (1e-2, T::from_f64(-77.0));
            let (_, stats) = moments_of(0, size, sharing);
            assert_eq!(at.moments(), stats);
            let (mut y, mut moments) = (vec![guard; len], vec![guard; MOMENTS * stats]);
            channel_norm(&x, given(&w[..]), given(&b[..]), at, eps, None, &mut y, &mut moments);
            let (mut dx, mut dw, mut db) = (vec![guard; len], vec![guard; channels], vec![guard; channels]);
            let out = Derivatives { x: Some(&mut dx), weight: Some(&mut dw), bias: Some(&mut db) };
            channel_norm_backward(&g, &x, &moments, given(&w[..]), at, out);

            let stat = |i: usize| moments_of(i, size, sharing).0;
            let channel = |i: usize| i / inner % channels;
            let n = (len / stats) as f64;
            let mean_of = |f: &dyn Fn(usize) -> f64| {
                let mut sums = vec![0.0; stats];
                (0..len).for_each(|i| sums[stat(i)] += f(i) / n);
                sums
            };
            let mean = mean_of(&|i| wx[i]);
            let var = mean_of(&|i| (wx[i] - mean[stat(i)]).powi(2));
            let r: Vec<f64> = var.iter().map(|v| 1.0 / (v + eps).sqrt()).collect();
            let normal = |i: usize| (wx[i] - mean[stat(i)]) * r[stat(i)];
            let a = |i: usize| wg[i] * ww[channel(i)];
            let (mean_a, mean_ax) = (mean_of(&a), mean_of(&|i| a(i) * normal(i)));
            let (mut want_dw, mut want_db) = (vec![0.0; channels], vec![0.0; channels]);
            let close = |name: &str, got: T, want: f64, size: f64| {
                assert!((got.to_f64() - want).abs() <= epsilon * size, "{name} of {at:?}: {got:?} is not {want}");
            };
            for i in 0..len {
                let (c, s) = (channel(i), stat(i));
                close("y", y[i], normal(i) * ww[c] + wb[c], 8.0 * (1.0 + r[s]));
                close("dx", dx[i], r[s] * (a(i) - mean_a[s] - normal(i) * mean_ax[s]), 40.0 * r[s] * (1.0 + r[s]));
                want_dw[c] += wg[i] * normal(i);
                want_db[c] += wg[i];
            }
            for c in 0..channels {
                let size = 8.0 * (1.0 + (outer * inner) as f64).sqrt() * 32.0_f64.sqrt();
                close("dw", dw[c], want_dw[c], size);
                close("db", db[c], want_db[c], size);
            }
            for s in 0..stats {
                close("mean", moments[3 * stats + s], mean[s], 1.0 + offset.abs());
                close("var", moments[4 * stats + s], var[s], 4.0);
            }
        }
    }
}

#[test]
fn f32_results_and_derivatives_are_the_definition() {
    check::<f32>(f64::from(f32::EPSILON), 0.0, true);
    check::<f32>(f64::from(f32::EPSILON), 0.0, false);
}

#[test]
fn f64_results_and_derivatives_are_the_definition() {
    check::<f64>(f64::EPSILON, 0.0, true);
}

#[test]
fn a_far_mean_costs_no_digits() {
    check::<f32>(f64::from(f32::EPSILON), 1000.0, true);
}

#[test]
fn derivatives_that_are_not_wanted_are_not_needed() {
    let at = Channels { outer: 1, channels: 1, inner: 3, sharing: Sharing::Batch };
    let mut dw = [9.0_f32];
    // Shift 1, nothing else of the mean, and 2 for the reciprocal of the deviation.
    let moments = [1.0, 0.0, 2.0, 1.0, 0.25];
    let out = Derivatives { weight: Some(&mut dw), ..Derivatives::default() };
    channel_norm_backward(&[1.0, 1.0, 1.0], &[1.0, 2.0, 4.0], &moments, None, at, out);
    assert_eq!(dw, [8.0]);
}
