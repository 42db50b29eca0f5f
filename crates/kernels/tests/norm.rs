//! Layer normalization and its derivatives against the definition in `f64`.

mod sequence;

use adjoint_kernels::norm::{Derivatives, layer_norm, layer_norm_backward};
use adjoint_simd::Scalar;
use sequence::Sequence;

fn check<T: Scalar + std::fmt::Debug>(epsilon: f64) {
    for n in [1, 2, 3, 4, 5, 7, 8, 9, 31, 129, 256, 257, 1031] {
        for rows in [0, 1, 2, 65, 130] {
            let s = &mut Sequence::new((n * 1000 + rows) as u64);
            let draw = |s: &mut Sequence, len: usize| (0..len).map(|_| T::from_f64(s.unit())).collect::<Vec<T>>();
            let (x, g) = (draw(s, rows * n), draw(s, rows * n));
            let (w, b) = (draw(s, n), draw(s, n));
            let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
            let (wx, wg, ww, wb) = (wide(&x), wide(&g), wide(&w), wide(&b));
            let eps = 1e-3;
            let guard = T::from_f64(-77.0);
            let mut y = vec![guard; rows * n];
            let (mut mean, mut rstd) = (vec![guard; rows], vec![guard; rows]);
            layer_norm(&x, &w, &b, n, eps, &mut y, &mut mean, &mut rstd);
            let (mut dx, mut dw, mut db) = (vec![guard; rows * n], vec![guard; n], vec![guard; n]);
            let out = Derivatives { x: Some(&mut dx), weight: Some(&mut dw), bias: Some(&mut db) };
            layer_norm_backward(&g, &x, &mean, &rstd, &w, out);

            let (mut want_dw, mut want_db) = (vec![0.0; n], vec![0.0; n]);
            for row in 0..rows {
                let at = |i: usize| row * n + i;
                let m = (0..n).map(|i| wx[at(i)]).sum::<f64>() / n as f64;
                let variance = (0..n).map(|i| (wx[at(i)] - m).powi(2)).sum::<f64>() / n as f64;
                let r = 1.0 / (variance + eps).sqrt();
                let normal = |i: usize| (wx[at(i)] - m) * r;
                let a = |i: usize| wg[at(i)] * ww[i];
                let mean_a = (0..n).map(a).sum::<f64>() / n as f64;
                let mean_ax = (0..n).map(|i| a(i) * normal(i)).sum::<f64>() / n as f64;
                for i in 0..n {
                    let close = |name: &str, got: T, want: f64, size: f64| {
                        assert!(
                            (got.to_f64() - want).abs() <= epsilon * size,
                            "{name} of {rows}×{n} at ({row}, {i}): {got:?} is not {want}"
                        );
                    };
                    close("y", y[at(i)], normal(i) * ww[i] + wb[i], 8.0 * (1.0 + r));
                    close("dx", dx[at(i)], r * (a(i) - mean_a - normal(i) * mean_ax), 40.0 * r * (1.0 + r));
                    want_dw[i] += wg[at(i)] * normal(i);
                    want_db[i] += wg[at(i)];
                }
            }
            for i in 0..n {
                let size = 8.0 * (1.0 + rows as f64).sqrt() * 32.0_f64.sqrt();
                assert!((dw[i].to_f64() - want_dw[i]).abs() <= epsilon * size, "dw of {rows}×{n} at {i}");
                assert!((db[i].to_f64() - want_db[i]).abs() <= epsilon * size, "db of {rows}×{n} at {i}");
            }
        }
    }
}

#[test]
fn f32_results_and_derivatives_are_the_definition() {
    check::<f32>(f64::from(f32::EPSILON));
}

#[test]
fn f64_results_and_derivatives_are_the_definition() {
    check::<f64>(f64::EPSILON);
}

#[test]
fn derivatives_that_are_not_wanted_are_not_needed() {
    let (x, w) = ([1.0_f32, 2.0, 4.0], [1.0, 2.0, 3.0]);
    let mut dw = [9.0; 3];
    layer_norm_backward(
        &[1.0; 3],
        &x,
        &[0.0],
        &[2.0],
        &w,
        Derivatives { weight: Some(&mut dw), ..Derivatives::default() },
    );
    assert_eq!(dw, [2.0, 4.0, 8.0]);
}

#[test]
fn a_far_mean_does_not_spoil_the_variance() {
    let x: Vec<f32> = (0..64).map(|i| 1e4 + (i % 2) as f32).collect();
    let (mut y, mut mean, mut rstd) = (vec![0.0; 64], [0.0], [0.0]);
    layer_norm(&x, &[1.0; 64], &[0.0; 64], 64, 0.0, &mut y, &mut mean, &mut rstd);
    assert_eq!((mean[0], rstd[0]), (10000.5, 2.0));
    assert!(y.iter().enumerate().all(|(i, &y)| y == if i % 2 == 0 { -1.0 } else { 1.0 }));
}
