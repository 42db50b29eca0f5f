//! Steps of optimizers against their formulas, element by element, for lengths that fill vectors and such that do not.

use adjoint_autograd::{Attr, Attrs, OpDef, Tensor, dispatch};
use adjoint_ops::optim::{fused_adam, fused_adamw, fused_sgd};
use adjoint_tensor::Array;

const LENGTHS: [usize; 7] = [0, 1, 2, 3, 5, 8, 33];

fn numbers(n: usize, seed: usize) -> Vec<f64> {
    (0..n).map(|i| ((i * 37 + seed * 101) as f64 * 0.7).sin()).collect()
}

fn tensor(values: &[f64]) -> Tensor {
    Tensor::from_array(Array::from_slice(values, &[values.len()]).unwrap())
}

fn close(got: &Tensor, want: &[f64], what: &str) {
    for (i, (a, b)) in got.array().to_vec_f64().unwrap().iter().zip(want).enumerate() {
        assert!((a - b).abs() <= 1e-14 * (1.0 + b.abs()), "{what} at {i}: {a} is not {b}");
    }
}

/// A step of one parameter; `states` are lists of at most one.
fn step(op: &'static OpDef, p: &Tensor, g: &Tensor, states: &[Option<&Tensor>], attrs: &[Attr]) {
    adjoint_ops::install();
    let inputs: Vec<Option<&Tensor>> =
        [Some(p), Some(g)].into_iter().chain(states.iter().copied().filter(Option::is_some)).collect();
    let lengths: Vec<i64> = [1, 1].into_iter().chain(states.iter().map(|s| i64::from(s.is_some()))).collect();
    let attrs = attrs.iter().cloned().fold(Attrs::new(), Attrs::with).ints(&lengths);
    dispatch(op, &inputs, attrs).unwrap();
}

fn list(v: f64) -> Attr {
    Attr::Floats([v][..].into())
}

#[test]
fn sgd_is_its_formula_for_any_length() {
    for n in LENGTHS {
        for (momentum, dampening, nesterov) in
            [(0.0, 0.0, false), (0.9, 0.0, false), (0.9, 0.3, false), (0.8, 0.0, true)]
        {
            for (decay, maximize) in [(0.0, false), (0.1, false), (0.1, true)] {
                let (p, v) = (tensor(&numbers(n, 0)), tensor(&vec![f64::NAN; n]));
                let (mut want_p, mut want_v) = (numbers(n, 0), vec![0.0; n]);
                for t in 0..3 {
                    let g = numbers(n, t + 1);
                    let [a, b, c, d] = [decay, momentum, 0.1, dampening].map(Attr::Float);
                    let first = list(f64::from(u8::from(t == 0)));
                    let attrs = [a, b, c, d, Attr::Bool(nesterov), Attr::Bool(maximize), first];
                    step(&fused_sgd::DEF, &p, &tensor(&g), &[(momentum != 0.0).then_some(&v)], &attrs);
                    for i in 0..n {
                        let d = if maximize { -g[i] } else { g[i] } + decay * want_p[i];
                        want_v[i] = if t == 0 { d } else { momentum * want_v[i] + (1.0 - dampening) * d };
                        want_p[i] -= 0.1
                            * match (momentum == 0.0, nesterov) {
                                (true, _) => d,
                                (_, true) => d + momentum * want_v[i],
                                _ => want_v[i],
                            };
                    }
                    close(&p, &want_p, "sgd");
                }
            }
        }
    }
}

#[test]
fn adam_is_its_formula_for_any_length() {
    for n in LENGTHS {
        for amsgrad in [false, true] {
            for (decay, decoupled, maximize) in [(0.0, false, false), (0.1, false, true), (0.1, true, false)] {
                let op = if decoupled { &fused_adamw::DEF } else { &fused_adam::DEF };
                let p = tensor(&numbers(n, 0));
                let [m, v, top] = [0, 1, 2].map(|_| tensor(&vec![0.0; n]));
                let (mut want, mut wm, mut wv, mut wt) = (numbers(n, 0), vec![0.0; n], vec![0.0; n], vec![0.0_f64; n]);
                for t in 1..4 {
                    let g: Vec<f64> = numbers(n, t).iter().map(|g| g / t as f64).collect();
                    let given = [0.1, 0.9, 0.99, decay, 1e-3].map(Attr::Float);
                    let choices = [Attr::Bool(amsgrad), Attr::Bool(maximize)];
                    let attrs: Vec<Attr> = [list(t as f64)].into_iter().chain(given).chain(choices).collect();
                    step(op, &p, &tensor(&g), &[Some(&m), Some(&v), amsgrad.then_some(&top)], &attrs);
                    let t = t as i32;
                    for i in 0..n {
                        let mut d = if maximize { -g[i] } else { g[i] };
                        if decoupled {
                            want[i] *= 1.0 - 0.1 * decay;
                        } else {
                            d += decay * want[i];
                        }
                        wm[i] = 0.9 * wm[i] + (1.0 - 0.9) * d;
                        wv[i] = 0.99 * wv[i] + (1.0 - 0.99) * d * d;
                        wt[i] = wt[i].max(wv[i]);
                        let square: f64 = if amsgrad { wt[i] } else { wv[i] };
                        let denominator = square.sqrt() / (1.0 - 0.99_f64.powi(t)).sqrt() + 1e-3;
                        want[i] -= 0.1 / (1.0 - 0.9_f64.powi(t)) * wm[i] / denominator;
                    }
                    close(&p, &want, "adam");
                }
            }
        }
    }
}
