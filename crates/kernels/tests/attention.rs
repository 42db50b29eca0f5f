//! Attention and its derivatives against the definition in `f64`, over shapes, strides and masks.

mod sequence;

use adjoint_kernels::attention::{Gradients, Mask, Matrices, Scores, Shape, attention, attention_backward};
use adjoint_kernels::softmax::Exponential;
use sequence::Sequence;

#[derive(Clone, Copy, Debug)]
struct Case {
    lead: [usize; 2],
    queries: usize,
    keys: usize,
    width: usize,
    value_width: usize,
    causal: bool,
    mask: Kind,
    /// Rows are `heads · width` apart, as after splitting a row into heads.
    split: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    None,
    Keep,
    Add,
}

fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    for (queries, keys, width, value_width) in [
        (1, 1, 1, 1),
        (3, 5, 2, 3),
        (7, 4, 5, 1),
        (64, 64, 32, 32),
        (65, 67, 8, 9),
        (131, 130, 16, 4),
        (4, 0, 3, 2),
        (0, 3, 2, 2),
        (2, 3, 0, 2),
    ] {
        for causal in [false, true] {
            for mask in [Kind::None, Kind::Keep, Kind::Add] {
                for split in [false, true] {
                    out.push(Case { lead: [2, 3], queries, keys, width, value_width, causal, mask, split });
                }
            }
        }
    }
    out
}

/// Where element (b, h, i, j) of a tensor is: in order, or with heads inside rows.
fn strides(case: &Case, rows: usize, width: usize) -> ([isize; 2], isize) {
    let [_, heads] = case.lead.map(|n| n as isize);
    let (rows, width) = (rows as isize, width as isize);
    if case.split {
        ([rows * heads * width, width], heads * width)
    } else {
        ([heads * rows * width, rows * width], width)
    }
}

fn check<T: Exponential + std::fmt::Debug>(epsilon: f64) {
    for case in cases() {
        let Case { lead, queries, keys, width, value_width, causal, mask, .. } = case;
        let s = &mut Sequence::new((queries * 31 + keys) as u64);
        let heads = lead[0] * lead[1];
        let draw = |s: &mut Sequence, n: usize| (0..n).map(|_| T::from_f64(s.unit())).collect::<Vec<T>>();
        let (q, k) = (draw(s, heads * queries * width), draw(s, heads * keys * width));
        let (v, g) = (draw(s, heads * keys * value_width), draw(s, heads * queries * value_width));
        let keep: Vec<u8> = (0..queries * keys).map(|_| u8::from(s.below(3) > 0)).collect();
        let added = draw(s, queries * keys);
        let scale = 0.7;
        let (lq, rq) = strides(&case, queries, width);
        let (lk, rk) = strides(&case, keys, width);
        let (lv, rv) = strides(&case, keys, value_width);
        let (lo, ro) = strides(&case, queries, value_width);
        let view = |x: &[T], lead: &'static [isize], row| Matrices { ptr: x.as_ptr(), lead, row, column: 1 };
        let leak = |lead: [isize; 2]| -> &'static [isize] { Vec::from(lead).leak() };
        let (lq, lk, lv, lo) = (leak(lq), leak(lk), leak(lv), leak(lo));
        let none: &'static [isize] = &[0, 0];
        let scores = Scores {
            rounds: None,
            shape: Shape { lead: &lead, queries, keys, width, value_width },
            q: view(&q, lq, rq),
            k: view(&k, lk, rk),
            mask: match mask {
                Kind::None => Mask::None,
                Kind::Keep => Mask::Keep(Matrices { ptr: keep.as_ptr(), lead: none, row: keys as isize, column: 1 }),
                Kind::Add => Mask::Add(Matrices { ptr: added.as_ptr(), lead: none, row: keys as isize, column: 1 }),
            },
            causal,
            scale: T::from_f64(scale),
        };
        let nan = T::from_f64(f64::NAN);
        let mut out = vec![nan; heads * queries * value_width];
        let mut log_sums = vec![nan; heads * queries];
        let writer = |x: &mut [T], lead: &'static [isize], row| Matrices { ptr: x.as_mut_ptr(), lead, row, column: 1 };
        // SAFETY: every extent and stride stays inside its vector.
        unsafe { attention(&scores, view(&v, lv, rv), writer(&mut out, lo, ro), log_sums.as_mut_ptr()) };
        let zeros = |n: usize| vec![T::ZERO; n];
        let (mut dq, mut dk, mut dv) = (zeros(q.len()), zeros(k.len()), zeros(v.len()));
        let grads = Gradients {
            q: Some(writer(&mut dq, lq, rq)),
            k: Some(writer(&mut dk, lk, rk)),
            v: Some(writer(&mut dv, lv, rv)),
        };
        // SAFETY: as above.
        unsafe {
            attention_backward(
                &scores,
                view(&v, lv, rv),
                view(&g, lo, ro),
                view(&out, lo, ro),
                log_sums.as_ptr(),
                &grads,
            );
        }
        let (mut want_q, mut want_k, mut want_v) = (vec![0.0; q.len()], vec![0.0; k.len()], vec![0.0; v.len()]);
        for head in 0..heads {
            let at = |lead: &[isize], row: isize, i: usize, j: usize| {
                let (b, h) = (head / lead_len(&case), head % lead_len(&case));
                (b as isize * lead[0] + h as isize * lead[1] + i as isize * row) as usize + j
            };
            for i in 0..queries {
                let seen = |j: usize| (!causal || j <= i) && (mask != Kind::Keep || keep[i * keys + j] != 0);
                let score = |j: usize| {
                    let dot: f64 =
                        (0..width).map(|c| q[at(lq, rq, i, c)].to_f64() * k[at(lk, rk, j, c)].to_f64()).sum();
                    scale * dot + if mask == Kind::Add { added[i * keys + j].to_f64() } else { 0.0 }
                };
                let e: Vec<f64> = (0..keys).map(|j| if seen(j) { score(j).exp() } else { 0.0 }).collect();
                let sum: f64 = e.iter().sum();
                let p: Vec<f64> = e.iter().map(|e| if sum == 0.0 { 0.0 } else { e / sum }).collect();
                let gv: Vec<f64> = (0..keys)
                    .map(|j| {
                        (0..value_width).map(|c| g[at(lo, ro, i, c)].to_f64() * v[at(lv, rv, j, c)].to_f64()).sum()
                    })
                    .collect();
                let d: f64 = p.iter().zip(&gv).map(|(p, gv)| p * gv).sum();
                for c in 0..value_width {
                    let want: f64 = (0..keys).map(|j| p[j] * v[at(lv, rv, j, c)].to_f64()).sum();
                    let got = out[at(lo, ro, i, c)].to_f64();
                    assert!(
                        (got - want).abs() <= epsilon * 20.0,
                        "{case:?} out ({head}, {i}, {c}): {got} is not {want}"
                    );
                    for j in 0..keys {
                        want_v[at(lv, rv, j, c)] += p[j] * g[at(lo, ro, i, c)].to_f64();
                    }
                }
                for j in 0..keys {
                    let ds = scale * p[j] * (gv[j] - d);
                    for c in 0..width {
                        want_q[at(lq, rq, i, c)] += ds * k[at(lk, rk, j, c)].to_f64();
                        want_k[at(lk, rk, j, c)] += ds * q[at(lq, rq, i, c)].to_f64();
                    }
                }
            }
        }
        for (name, got, want) in [("dq", &dq, &want_q), ("dk", &dk, &want_k), ("dv", &dv, &want_v)] {
            for (i, (got, want)) in got.iter().zip(want).enumerate() {
                assert!(
                    (got.to_f64() - want).abs() <= epsilon * 100.0,
                    "{case:?} {name} at {i}: {got:?} is not {want}"
                );
            }
        }
    }
}

fn lead_len(case: &Case) -> usize {
    case.lead[1]
}

#[test]
fn f32_results_and_derivatives_are_the_definition() {
    check::<f32>(f64::from(f32::EPSILON));
}

#[test]
fn f64_results_and_derivatives_are_the_definition() {
    check::<f64>(f64::EPSILON * 8.0);
}

/// One head of three queries and three keys of width 2, and what comes out: column 0 of the result and of each gradient.
struct Special {
    name: &'static str,
    q: [f64; 6],
    k: [f64; 6],
    v: [f64; 6],
    keep: Option<[u8; 9]>,
    causal: bool,
    want: [[f64; 3]; 4],
}

const NAN: f64 = f64::NAN;

/// What PyTorch 2.15 gives by its formula (`SDPBackend.MATH`), and by its blocked kernel except that there a query of nothing but NaN scores gives
/// 0 instead of NaN. With `is_causal` the formula's NaN of a later key reaches earlier queries; here, as in the blocked kernel, it does not.
fn special() -> Vec<Special> {
    let ones = [1.0; 6];
    let v = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0];
    let q_nan = [1.0, 2.0, 3.0, NAN, 1.0, 1.0];
    let k_nan = [1.0, 1.0, NAN, 1.0, 1.0, 1.0];
    let v_nan = [1.0, 1.0, NAN, NAN, 3.0, 3.0];
    let keep = Some([1, 1, 1, 0, 0, 0, 1, 0, 1]);
    let all = [NAN; 3];
    let (third, half) = (1.0 / 3.0, 0.5);
    // Rows 0 and 2 have weights ⅓ ⅓ ⅓ and ½ 0 ½, and gradients of them 2 4 6, whose weighted mean is 4.
    let masked_dk = [-(third + half) * f64::sqrt(2.0), 0.0, (third + half) * f64::sqrt(2.0)];
    let masked_dv = [third + half, third, third + half];
    let case = |name, q, k, v, keep, causal, want| Special { name, q, k, v, keep, causal, want };
    vec![
        case("a NaN query", q_nan, ones, v, None, false, [[2.0, NAN, 2.0], [0.0, NAN, 0.0], all, all]),
        case("a NaN key", ones, k_nan, v, None, false, [all, all, all, all]),
        case("a NaN key later than a query", ones, k_nan, v, None, true, [[1.0, NAN, NAN], all, all, all]),
        case("a row without keys", ones, ones, v, keep, false, [[2.0, 0.0, 2.0], [0.0; 3], masked_dk, masked_dv]),
        case("a NaN key that the mask hides", ones, k_nan, v, keep, false, [all, all, all, all]),
        case("a NaN query without keys", q_nan, ones, v, keep, false, [[2.0, NAN, 2.0], [0.0, NAN, 0.0], all, all]),
        case("a NaN value that the mask hides", ones, ones, v_nan, keep, false, [all, all, all, masked_dv]),
    ]
}

fn check_special<T: Exponential>(epsilon: f64) {
    for case in special() {
        for added in [false, true] {
            let of = |x: [f64; 6]| x.map(T::from_f64);
            let (q, k, v, g) = (of(case.q), of(case.k), of(case.v), of([1.0; 6]));
            let hidden = case.keep.map(|keep| keep.map(|x| if x == 0 { T::ZERO - T::INFINITY } else { T::ZERO }));
            let lead: &[isize] = &[0];
            let view = |x: &[T; 6]| Matrices { ptr: x.as_ptr(), lead, row: 2, column: 1 };
            let mask = match (&case.keep, &hidden) {
                (Some(_), Some(hidden)) if added => {
                    Mask::Add(Matrices { ptr: hidden.as_ptr(), lead, row: 3, column: 1 })
                }
                (Some(keep), _) => Mask::Keep(Matrices { ptr: keep.as_ptr(), lead, row: 3, column: 1 }),
                _ => Mask::None,
            };
            let shape = Shape { lead: &[1], queries: 3, keys: 3, width: 2, value_width: 2 };
            let scale = T::from_f64(f64::sqrt(0.5));
            let scores = Scores { shape, q: view(&q), k: view(&k), mask, causal: case.causal, scale, rounds: None };
            let (mut out, mut log_sums) = ([T::ZERO; 6], [T::ZERO; 3]);
            let mut grads = [[T::ZERO; 6]; 3];
            let writer = |x: &mut [T; 6]| Matrices { ptr: x.as_mut_ptr(), lead, row: 2, column: 1 };
            // SAFETY: three rows of two are in each array, and three by three in the masks.
            unsafe {
                attention(&scores, view(&v), writer(&mut out), log_sums.as_mut_ptr());
                let [dq, dk, dv] = &mut grads;
                let targets = Gradients { q: Some(writer(dq)), k: Some(writer(dk)), v: Some(writer(dv)) };
                attention_backward(&scores, view(&v), view(&g), view(&out), log_sums.as_ptr(), &targets);
            }
            let [dq, dk, dv] = grads;
            for (what, (got, want)) in ["out", "dq", "dk", "dv"].iter().zip([out, dq, dk, dv].iter().zip(case.want)) {
                for (i, want) in want.into_iter().enumerate() {
                    let got = got[2 * i].to_f64();
                    let same = if want.is_nan() { got.is_nan() } else { (got - want).abs() <= 10.0 * epsilon };
                    assert!(same, "{}, added {added}: {what} of row {i} is {got}, not {want}", case.name);
                }
            }
        }
    }
}

#[test]
fn nan_and_rows_without_keys_do_as_in_pytorch() {
    check_special::<f32>(f64::from(f32::EPSILON));
    check_special::<f64>(f64::EPSILON);
}
