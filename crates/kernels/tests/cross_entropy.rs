//! Cross entropy of rows and its derivative against the definition in `f64`.

mod sequence;

use adjoint_kernels::softmax::{ClassTargets, Exponential, cross_entropy, cross_entropy_backward};
use sequence::Sequence;

fn check<T: Exponential + std::fmt::Debug>(epsilon: f64) {
    for n in [1, 2, 3, 4, 7, 10, 64, 129] {
        for rows in [0, 1, 5] {
            for (weighted, smoothing) in [(false, 0.0), (true, 0.0), (false, 0.1), (true, 0.3), (true, 1.0)] {
                let s = &mut Sequence::new((n * 100 + rows) as u64);
                let x: Vec<T> = (0..rows * n).map(|_| T::from_f64(20.0 * s.unit())).collect();
                let weight: Vec<T> = (0..n).map(|_| T::from_f64(1.5 + s.unit())).collect();
                let classes: Vec<i64> = (0..rows).map(|r| if r == 2 { -7 } else { s.below(n) as i64 }).collect();
                let targets = ClassTargets {
                    classes: &classes,
                    weight: weighted.then_some(weight.as_slice()),
                    ignore: -7,
                    smoothing,
                };
                let nan = T::from_f64(f64::NAN);
                let (mut losses, mut stats, mut dx) = (vec![nan; rows], vec![nan; 2 * rows], vec![nan; rows * n]);
                cross_entropy(&x, n, &targets, &mut losses, &mut stats);
                cross_entropy_backward(|row| 1.0 + row as f64, &x, &stats, n, &targets, &mut dx);
                for row in 0..rows {
                    let at = |c: usize| x[row * n + c].to_f64();
                    let m = (0..n).map(at).fold(f64::NEG_INFINITY, f64::max);
                    let sum: f64 = (0..n).map(|c| (at(c) - m).exp()).sum();
                    let share = |c: usize| {
                        let t = smoothing / n as f64 + if classes[row] == c as i64 { 1.0 - smoothing } else { 0.0 };
                        let w = if weighted { weight[c].to_f64() } else { 1.0 };
                        if classes[row] == -7 { 0.0 } else { t * w }
                    };
                    let want: f64 = (0..n).map(|c| share(c) * (m + sum.ln() - at(c))).sum();
                    let total: f64 = (0..n).map(share).sum();
                    let got = losses[row].to_f64();
                    assert!(
                        (got - want).abs() <= epsilon * 200.0,
                        "loss of row {row} of {rows}×{n}: {got} is not {want}"
                    );
                    for c in 0..n {
                        let want = (1.0 + row as f64) * (total * (at(c) - m).exp() / sum - share(c));
                        let got = dx[row * n + c].to_f64();
                        assert!(
                            (got - want).abs() <= epsilon * 400.0,
                            "dx of row {row} of {rows}×{n}: {got} is not {want}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn f32_losses_and_derivatives_are_the_definition() {
    check::<f32>(f64::from(f32::EPSILON));
}

#[test]
fn f64_losses_and_derivatives_are_the_definition() {
    check::<f64>(f64::EPSILON * 4.0);
}
