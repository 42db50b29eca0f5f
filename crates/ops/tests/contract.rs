//! Products of every pair of ranks against the definition, for strided operands too.

use adjoint_autograd::Tensor;
use adjoint_ops::contract::{linear::linear, matmul::matmul};
use adjoint_ops::view::transpose::transpose;
use adjoint_tensor::{Array, DType};

fn tensor(shape: &[usize], seed: u32) -> Tensor {
    adjoint_ops::install();
    let n: usize = shape.iter().product();
    let values: Vec<f64> = (0..n as u32).map(|i| f64::from((i * 7 + seed) % 11) - 5.0).collect();
    Tensor::from_array(Array::from_slice(&values, shape).unwrap())
}

/// The element of a broadcast batch of matrices.
fn at(x: &Tensor, batch: &[usize], i: usize, j: usize) -> f64 {
    let shape = x.shape();
    let lead = &shape[..shape.len() - 2];
    let skip = batch.len() - lead.len();
    let mut place = 0;
    for (&n, &b) in lead.iter().zip(&batch[skip..]) {
        place = place * n + if n == 1 { 0 } else { b };
    }
    let [m, n] = [shape[shape.len() - 2], shape[shape.len() - 1]];
    x.array().to_vec_f64().unwrap()[(place * m + i) * n + j]
}

#[test]
fn batches_broadcast_as_by_the_definition() {
    for (a, b) in [
        (&[2, 3][..], &[3, 4][..]),
        (&[5, 2, 3], &[3, 4]),
        (&[2, 3], &[5, 3, 4]),
        (&[2, 1, 2, 3], &[5, 3, 4]),
        (&[1, 5, 2, 3], &[2, 5, 3, 4]),
    ] {
        let (a, b) = (tensor(a, 1), tensor(b, 4));
        // Transposed copies of the transpose have other strides and the same values.
        let turned = |t: &Tensor| {
            let r = t.rank();
            let t = transpose(t, r - 2, r - 1).unwrap();
            let copy = Tensor::from_array(t.array().copy(DType::Float64).unwrap());
            transpose(&copy, r - 2, r - 1).unwrap()
        };
        for (a, b) in
            [(a.clone(), b.clone()), (turned(&a), b.clone()), (a.clone(), turned(&b)), (turned(&a), turned(&b))]
        {
            let out = matmul(&a, &b).unwrap();
            let shape = out.shape().to_vec();
            let lead = &shape[..shape.len() - 2];
            let count: usize = lead.iter().product();
            for p in 0..count {
                let mut rest = p;
                let mut batch = vec![0; lead.len()];
                for d in (0..lead.len()).rev() {
                    batch[d] = rest % lead[d];
                    rest /= lead[d];
                }
                for i in 0..2 {
                    for j in 0..4 {
                        let want: f64 = (0..3).map(|k| at(&a, &batch, i, k) * at(&b, &batch, k, j)).sum();
                        assert_eq!(at(&out, &batch, i, j), want, "{:?} · {:?}", a.shape(), b.shape());
                    }
                }
            }
        }
    }
}

#[test]
fn linear_is_a_product_with_the_transpose_plus_the_bias_in_every_dtype() {
    for dtype in [DType::Float64, DType::Float32, DType::Int64, DType::Int8] {
        let cast = |t: Tensor| Tensor::from_array(t.array().cast(dtype).unwrap());
        let (x, w, b) = (cast(tensor(&[2, 2, 3], 1)), cast(tensor(&[4, 3], 2)), cast(tensor(&[4], 3)));
        let out = linear(&x, &w, Some(&b)).unwrap();
        assert_eq!((out.shape(), out.dtype()), (&[2, 2, 4][..], dtype));
        let (x, w, b) =
            (x.array().to_vec_f64().unwrap(), w.array().to_vec_f64().unwrap(), b.array().to_vec_f64().unwrap());
        for (p, got) in out.array().to_vec_f64().unwrap().into_iter().enumerate() {
            let (row, o) = (p / 4, p % 4);
            let want = b[o] + (0..3).map(|k| x[row * 3 + k] * w[o * 3 + k]).sum::<f64>();
            assert_eq!(got, want, "{dtype:?} at {p}");
        }
    }
}

#[test]
fn inner_sizes_that_differ_are_named() {
    let e = matmul(&tensor(&[2, 3], 0), &tensor(&[4, 5], 0)).unwrap_err();
    assert_eq!(e.to_string(), "matmul: inner sizes differ, lhs [2, 3] has k=3 but rhs [4, 5] has k=4");
}

#[test]
fn strided_operands_of_products_are_read_where_they_lie() {
    use adjoint_ops::nn::{attention::attention, softmax::softmax};
    use adjoint_ops::view::expand::expand;
    use adjoint_tensor::memory;
    // Rows that hold three heads of four: what splitting a row into heads makes.
    let heads = |seed| transpose(&tensor(&[2, 5, 3, 4], seed), 1, 2).unwrap();
    let (q, k, v) = (heads(1), heads(2), heads(3));
    let kt = transpose(&k, 2, 3).unwrap();
    let shared = expand(&tensor(&[1, 1, 4, 5], 4), &[2, 3, 4, 5]).unwrap();
    let weight = transpose(&tensor(&[12, 7], 5), 0, 1).unwrap();
    let rows = tensor(&[2, 5, 12], 6);
    let most = |bytes: usize, f: &dyn Fn() -> Tensor| {
        let before = memory::stats().live_bytes;
        memory::reset_peak();
        let out = f();
        let used = memory::stats().peak_bytes - before;
        assert!(used <= bytes, "{used} bytes for a result of {bytes}: an operand was copied");
        out
    };
    let scores = 2 * 3 * 5 * 5 * 8;
    most(scores, &|| matmul(&q, &kt).unwrap());
    most(scores, &|| matmul(&q, &shared).unwrap());
    most(2 * 5 * 7 * 8, &|| linear(&rows, &weight, None).unwrap());
    // The logarithms of the sums are the other output.
    let out = most(2 * 3 * 5 * 4 * 8 + 2 * 3 * 5 * 8, &|| attention(&q, &k, &v, None, false, 1.0).unwrap());
    let p = softmax(&matmul(&q, &kt).unwrap(), 3).unwrap();
    let want = matmul(&p, &v).unwrap().array().to_vec_f64().unwrap();
    let got = out.array().to_vec_f64().unwrap();
    assert!(got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-12));
}

#[test]
fn an_error_in_a_part_of_an_op_is_named_after_the_op_that_was_called() {
    let (a, x) = (tensor(&[2, 3], 1), tensor(&[4], 2));
    let e = matmul(&a, &x).unwrap_err();
    assert_eq!((e.op(), e.message()), ("matmul", "inner sizes differ, lhs [2, 3] has k=3 but rhs [4] has k=4"));
    let op = adjoint_ops::registry::ops().find(|op| op.name == "addbmm").unwrap();
    let e =
        adjoint_autograd::dispatch(op, &[Some(&a), Some(&x), Some(&x)], adjoint_autograd::Attrs::new()).unwrap_err();
    assert_eq!(e.to_string(), "addbmm: batch1 must be a batch of matrices, got 1 dim(s) in shape [4]");
}
