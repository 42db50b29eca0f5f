//! Steps of optimisers against their formulas, element by element.

mod sequence;

use adjoint_kernels::optimizer::{Adam, Sgd, adam, sgd};
use sequence::Sequence;

fn close(got: &[f64], want: &[f64], what: &str) {
    for (i, (a, b)) in got.iter().zip(want).enumerate() {
        assert!((a - b).abs() <= 1e-14 * (1.0 + b.abs()), "{what} at {i}: {a} is not {b}");
    }
}

#[test]
fn sgd_is_its_formula_for_any_length() {
    for n in [0, 1, 2, 3, 5, 8, 33] {
        for (momentum, dampening, nesterov) in
            [(0.0, 0.0, false), (0.9, 0.0, false), (0.9, 0.3, false), (0.8, 0.0, true)]
        {
            for (weight_decay, maximize) in [(0.0, false), (0.1, false), (0.1, true)] {
                let s = &mut Sequence::new(n as u64 + 1);
                let by = Sgd { lr: 0.1, momentum, dampening, weight_decay, nesterov, maximize };
                let mut p = s.f64s(n);
                let mut v = vec![f64::NAN; n];
                let (mut want_p, mut want_v) = (p.clone(), v.clone());
                for step in 0..3 {
                    let g = s.f64s(n);
                    sgd(&mut p, &g, (momentum != 0.0).then_some(v.as_mut_slice()), step == 0, &by);
                    for i in 0..n {
                        let d = if maximize { -g[i] } else { g[i] } + weight_decay * want_p[i];
                        want_v[i] = if step == 0 { d } else { momentum * want_v[i] + (1.0 - dampening) * d };
                        let way = match (momentum == 0.0, nesterov) {
                            (true, _) => d,
                            (_, true) => d + momentum * want_v[i],
                            _ => want_v[i],
                        };
                        want_p[i] -= 0.1 * way;
                    }
                    close(&p, &want_p, "sgd");
                }
            }
        }
    }
}

#[test]
fn adam_is_its_formula_for_any_length() {
    for n in [0, 1, 2, 3, 5, 8, 33] {
        for amsgrad in [false, true] {
            for (weight_decay, decoupled, maximize) in [(0.0, false, false), (0.1, false, true), (0.1, true, false)] {
                let s = &mut Sequence::new(n as u64 + 1);
                let by = Adam { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-3, weight_decay, decoupled, maximize };
                let mut p = s.f64s(n);
                let (mut m, mut v, mut top) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
                let (mut want, mut wm, mut wv, mut wt) = (p.clone(), m.clone(), v.clone(), top.clone());
                for step in 1..4 {
                    let g: Vec<f64> = s.f64s(n).iter().map(|g| g / f64::from(step)).collect();
                    adam(&mut p, &g, &mut m, &mut v, amsgrad.then_some(top.as_mut_slice()), f64::from(step), &by);
                    for i in 0..n {
                        let mut d = if maximize { -g[i] } else { g[i] };
                        if decoupled {
                            want[i] *= 1.0 - 0.1 * weight_decay;
                        } else {
                            d += weight_decay * want[i];
                        }
                        wm[i] = 0.9 * wm[i] + (1.0 - 0.9) * d;
                        wv[i] = 0.99 * wv[i] + (1.0 - 0.99) * d * d;
                        wt[i] = wt[i].max(wv[i]);
                        let square: f64 = if amsgrad { wt[i] } else { wv[i] };
                        let denominator = square.sqrt() / (1.0 - 0.99_f64.powi(step)).sqrt() + 1e-3;
                        want[i] -= 0.1 / (1.0 - 0.9_f64.powi(step)) * wm[i] / denominator;
                    }
                    close(&p, &want, "adam");
                }
            }
        }
    }
}
