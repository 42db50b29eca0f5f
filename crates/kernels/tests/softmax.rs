//! Softmax and its derivatives against the definition in `f64`.

mod sequence;

use adjoint_kernels::reduce::Axis;
use adjoint_kernels::softmax::{Exponential, log_softmax, log_softmax_backward, softmax, softmax_backward};
use sequence::Sequence;

fn axes() -> Vec<Axis> {
    let mut axes = vec![
        Axis { outer: 0, n: 3, inner: 1 },
        Axis { outer: 2, n: 3, inner: 0 },
        Axis { outer: 1, n: 2000, inner: 3 },
    ];
    for n in [0, 1, 2, 3, 4, 5, 7, 8, 10, 15, 16, 17, 31, 33, 129, 513, 1025] {
        for inner in [1, 2, 5, 8, 255, 300] {
            axes.push(Axis { outer: 3, n, inner });
        }
    }
    axes
}

fn guarded<T: Copy + PartialEq>(len: usize, guard: T, run: impl FnOnce(&mut [T])) -> Vec<T> {
    let mut buffer = vec![guard; len + 32];
    run(&mut buffer[16..16 + len]);
    assert!(buffer[..16].iter().chain(&buffer[16 + len..]).all(|&x| x == guard), "wrote outside its output");
    buffer[16..16 + len].to_vec()
}

/// Softmax and log-softmax by the definition.
fn reference(x: &[f64], axis: Axis) -> (Vec<f64>, Vec<f64>) {
    let Axis { outer, n, inner } = axis;
    let (mut y, mut log_y) = (x.to_vec(), x.to_vec());
    for (o, c) in (0..outer).flat_map(|o| (0..inner).map(move |c| (o, c))) {
        let at = |i: usize| (o * n + i) * inner + c;
        let m = (0..n).map(|i| x[at(i)]).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = (0..n).map(|i| (x[at(i)] - m).exp()).sum();
        for i in 0..n {
            y[at(i)] = (x[at(i)] - m).exp() / sum;
            log_y[at(i)] = x[at(i)] - m - sum.ln();
        }
    }
    (y, log_y)
}

/// The sum of `g · w` along the axis, at every element.
fn dots(g: &[f64], w: &[f64], axis: Axis) -> Vec<f64> {
    let Axis { outer, n, inner } = axis;
    let mut sums = vec![0.0; outer * inner];
    let lane = |at: usize| at / (n * inner) * inner + at % inner;
    for at in 0..g.len() {
        sums[lane(at)] += g[at] * w[at];
    }
    (0..g.len()).map(|at| sums[lane(at)]).collect()
}

fn check<T: Exponential + std::fmt::Debug>(epsilon: f64) {
    for axis in axes() {
        let sequence = &mut Sequence::new(3);
        let draw =
            |s: &mut Sequence, scale: f64| (0..axis.numel()).map(|_| T::from_f64(s.unit() * scale)).collect::<Vec<T>>();
        let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
        let (x, g) = (draw(sequence, 40.0), draw(sequence, 1.0));
        let (wide_x, wide_g) = (wide(&x), wide(&g));
        let (want, want_log) = reference(&wide_x, axis);
        let close = |name: &str, got: &[T], want: &[f64], size: &dyn Fn(usize) -> f64| {
            for (i, (got, want)) in got.iter().zip(want).enumerate() {
                assert!(
                    (got.to_f64() - want).abs() <= epsilon * size(i),
                    "{name} {axis:?} at {i}: {got:?} is not {want}"
                );
            }
        };
        let guard = T::from_f64(-77.0);
        let y = guarded(axis.numel(), guard, |out| softmax(&x, axis, out));
        // The difference x − m is rounded before exp: up to 80 · ε/2 in the exponent; the sum and two roundings come on top.
        close("softmax", &y, &want, &|i| 60.0 * want[i]);
        let log_y = guarded(axis.numel(), guard, |out| log_softmax(&x, axis, out));
        close("log_softmax", &log_y, &want_log, &|i| 4.0 * (1.0 + want_log[i].abs()));

        // Derivatives of the results as rounded, so that only the backward kernels are measured.
        let (wide_y, wide_log) = (wide(&y), wide(&log_y));
        let dot = dots(&wide_g, &wide_y, axis);
        let want: Vec<f64> = (0..x.len()).map(|i| wide_y[i] * (wide_g[i] - dot[i])).collect();
        let dx = guarded(axis.numel(), guard, |out| softmax_backward(&g, &y, axis, out));
        close("softmax_backward", &dx, &want, &|i| 16.0 * wide_y[i]);
        let total = dots(&wide_g, &vec![1.0; x.len()], axis);
        let absolute = dots(&wide_g.iter().map(|g| g.abs()).collect::<Vec<_>>(), &vec![1.0; x.len()], axis);
        let want: Vec<f64> = (0..x.len()).map(|i| wide_g[i] - wide_log[i].exp() * total[i]).collect();
        let dx = guarded(axis.numel(), guard, |out| log_softmax_backward(&g, &log_y, axis, out));
        close("log_softmax_backward", &dx, &want, &|i| 16.0 * (1.0 + wide_log[i].exp() * absolute[i]));
    }
}

#[test]
fn f32_results_and_derivatives_are_the_definition() {
    check::<f32>(f64::from(f32::EPSILON));
}

#[test]
fn f64_results_and_derivatives_are_the_definition() {
    check::<f64>(f64::EPSILON * 4.0);
}

#[test]
fn infinities_and_nan_behave_as_the_formula_says() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    for inner in [1, 3] {
        for (x, all_nan, zero_at) in [
            ([-inf, -inf, -inf], true, None),
            ([1.0, -inf, 1.0], false, Some(1)),
            ([inf, 1.0, 2.0], true, None),
            ([nan, 1.0, 2.0], true, None),
        ] {
            let spread: Vec<f32> = x.iter().flat_map(|&x| vec![x; inner]).collect();
            let axis = Axis { outer: 1, n: 3, inner };
            let (mut y, mut log_y) = (vec![0.0; 3 * inner], vec![0.0; 3 * inner]);
            softmax(&spread, axis, &mut y);
            log_softmax(&spread, axis, &mut log_y);
            // +∞ − +∞ is NaN, but a finite x − ∞ is −∞: PyTorch's softmax is 0 / NaN = NaN there, as is its logarithm.
            assert_eq!(y.iter().all(|y| y.is_nan()), all_nan, "{x:?}: {y:?}");
            assert_eq!(log_y.iter().all(|y| y.is_nan()), all_nan, "{x:?}: {log_y:?}");
            if let Some(i) = zero_at {
                assert_eq!((y[i * inner], log_y[i * inner]), (0.0, -inf));
                assert_eq!(y[0], 0.5);
            }
        }
    }
}

#[test]
fn huge_inputs_do_not_overflow() {
    let mut y = [0.0_f32; 3];
    softmax(&[1e30, 1e30, -1e30], Axis::whole(3), &mut y);
    assert_eq!(y, [0.5, 0.5, 0.0]);
}
