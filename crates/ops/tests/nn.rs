//! Softmax at infinities, losses of classes, and the masks PyTorch draws.

use adjoint_autograd::{Tensor, engine};
use adjoint_ops::nn::{
    cross_entropy::cross_entropy,
    dropout::dropout,
    log_softmax::log_softmax,
    nll_loss::{Reduction, nll_loss},
    softmax::softmax,
};
use adjoint_ops::reduce::{logsumexp::logsumexp, sum::sum_all};
use adjoint_ops::view::select::select;
use adjoint_tensor::{Array, DType, Result, rng};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn tensor(values: &[f64], shape: &[usize]) -> Tensor {
    adjoint_ops::install();
    Tensor::from_array(Array::from_slice(values, shape).unwrap())
}

fn values(t: &Tensor) -> Vec<f64> {
    t.array().to_vec_f64().unwrap()
}

fn same(got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len());
    for (a, b) in got.iter().zip(want) {
        assert!(a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-12, "{got:?} for {want:?}");
    }
}

#[test]
fn a_line_of_minus_infinity_is_nan_and_spoils_no_other() {
    let x = tensor(&[0.0, -INF, -INF, -INF], &[2, 2]);
    x.set_requires_grad(true).unwrap();
    type Case = (fn(&Tensor) -> Result<Tensor>, Vec<f64>, [f64; 4]);
    let cases: [Case; 3] = [
        (|x| softmax(x, 1), vec![1.0, 0.0, NAN, NAN], [0.0, 0.0, NAN, NAN]),
        (|x| log_softmax(x, 1), vec![0.0, -INF, NAN, NAN], [-1.0, 1.0, NAN, NAN]),
        (|x| logsumexp(x, &[1], false), vec![0.0, -INF], [1.0, 0.0, NAN, NAN]),
    ];
    for (f, want, dx) in cases {
        let y = f(&x).unwrap();
        same(&values(&y), &want);
        let root = sum_all(&select(&y, 0, 0).unwrap()).unwrap();
        let g = engine::grad(&[root], &[], std::slice::from_ref(&x), false, false, false).unwrap();
        same(&values(g[0].as_ref().unwrap()), &dx);
    }
}

#[test]
fn ignored_classes_count_for_nothing_and_only_ignored_ones_give_nan() {
    let x = tensor(&[-1.0, -2.0, -3.0, -4.0, -5.0, -6.0], &[2, 3]);
    let target = |a, b| Tensor::from_array(Array::from_slice(&[a, b], &[2]).unwrap());
    let weight = tensor(&[1.0, 2.0, 3.0], &[3]);
    let loss = |t: &Tensor, w, r| values(&nll_loss(&x, t, w, -100, r).unwrap());
    same(&loss(&target(1i64, -100), None, Reduction::Mean), &[2.0]);
    same(&loss(&target(1, 2), Some(&weight), Reduction::Mean), &[(2.0 * 2.0 + 3.0 * 6.0) / 5.0]);
    same(&loss(&target(-100, 2), Some(&weight), Reduction::None), &[0.0, 18.0]);
    assert!(loss(&target(-100, -100), None, Reduction::Mean)[0].is_nan());
    same(&loss(&target(-100, -100), None, Reduction::Sum), &[0.0]);
    assert!(nll_loss(&x, &target(0, 3), None, -100, Reduction::Mean).is_err());
}

#[test]
fn cross_entropy_of_equal_scores_is_the_logarithm_of_their_number() {
    let x = tensor(&[1000.0; 8], &[2, 4]);
    let target = Tensor::from_array(Array::from_slice(&[0i64, 3], &[2]).unwrap());
    same(&values(&cross_entropy(&x, &target).unwrap()), &[4f64.ln()]);
}

#[test]
fn dropout_keeps_what_pytorch_keeps() {
    adjoint_ops::install();
    let x = Tensor::from_array(Array::full(&[20], DType::Float32, 1.0.into()).unwrap());
    rng::manual_seed(0);
    let y = values(&dropout(&x, 0.5, true).unwrap());
    // torch.manual_seed(0); torch.rand(20, dtype=torch.float64) < 0.5
    let uniform = [
        0.970, 0.708, 0.459, 0.921, 0.645, 0.791, 0.179, 0.351, 0.581, 0.288, 0.453, 0.177, 0.355, 0.622, 0.482, 0.441,
        0.407, 0.205, 0.665, 0.785,
    ];
    let want: Vec<f64> = uniform.iter().map(|&u| if u < 0.5 { 2.0 } else { 0.0 }).collect();
    assert_eq!(y, want);
    assert!(dropout(&x, 0.5, false).unwrap().ptr_eq(&x));
}
