//! What PyTorch's reductions do at ties, zeros, NaN and nothing.

use adjoint_autograd::{Attrs, Outputs, Tensor, dispatch, engine};
use adjoint_ops::registry;
use adjoint_tensor::{Array, Code, DType, Result};

const NAN: f64 = f64::NAN;

fn tensor(values: &[f64], shape: &[usize]) -> Tensor {
    adjoint_ops::install();
    Tensor::from_array(Array::from_slice(values, shape).unwrap())
}

fn leaf(values: &[f64]) -> Tensor {
    let t = tensor(values, &[values.len()]);
    t.set_requires_grad(true).unwrap();
    t
}

fn call(name: &str, x: &Tensor, attrs: Attrs) -> Result<Outputs> {
    let op = registry::ops().find(|op| op.name == name).unwrap_or_else(|| panic!("no op {name}"));
    dispatch(op, &[Some(x)], attrs)
}

fn one(name: &str, x: &Tensor, attrs: Attrs) -> Tensor {
    call(name, x, attrs).unwrap().swap_remove(0)
}

fn values(t: &Tensor) -> Vec<f64> {
    t.array().to_vec_f64().unwrap()
}

/// The gradient of the sum of the first output.
fn gradient(name: &str, x: &Tensor, attrs: Attrs) -> Vec<f64> {
    let y = one(name, x, attrs);
    let total = adjoint_ops::reduce::sum::sum_all(&y).unwrap();
    values(engine::grad(&[total], &[], std::slice::from_ref(x), false, false, false).unwrap()[0].as_ref().unwrap())
}

#[test]
fn ties_share_the_gradient_without_a_dim_and_not_with_one() {
    let x = leaf(&[3.0, 1.0, 3.0]);
    assert_eq!(gradient("max", &x, Attrs::new()), [0.5, 0.0, 0.5]);
    assert_eq!(gradient("max.dim", &x, Attrs::new().int(0)), [1.0, 0.0, 0.0]);
    assert_eq!(gradient("amax", &x, Attrs::new()), [0.5, 0.0, 0.5]);
    let infinity = Attrs::new().scalar(f64::INFINITY);
    assert_eq!(gradient("vector_norm", &x, infinity), [0.5, 0.0, 0.5]);
    let highest = call("aminmax", &x, Attrs::new()).unwrap().swap_remove(1);
    let g = engine::grad(&[highest], &[], std::slice::from_ref(&x), false, false, false).unwrap();
    assert_eq!(values(g[0].as_ref().unwrap()), [0.5, 0.0, 0.5]);
}

#[test]
fn products_differentiate_through_zeros() {
    for (x, prod, cumprod) in [
        ([2.0, 0.0, 3.0], [0.0, 6.0, 0.0], [1.0, 8.0, 0.0]),
        ([0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]),
        ([2.0, 4.0, 3.0], [12.0, 6.0, 8.0], [17.0, 8.0, 8.0]),
    ] {
        let x = leaf(&x);
        assert_eq!(gradient("prod", &x, Attrs::new()), prod);
        assert_eq!(gradient("prod.dim_int", &x, Attrs::new().int(0)), prod);
        assert_eq!(gradient("cumprod", &x, Attrs::new().int(0)), cumprod);
    }
}

#[test]
fn norms_and_deviations_of_zeros_have_gradient_zero() {
    let x = leaf(&[0.0, 0.0]);
    for p in [1.0, 2.0, 3.0, 1.5] {
        assert_eq!(gradient("vector_norm", &x, Attrs::new().scalar(p)), [0.0, 0.0], "order {p}");
    }
    assert_eq!(gradient("std", &x, Attrs::new()), [0.0, 0.0]);
}

#[test]
fn nothing_reduces_to_the_identity_or_is_refused() {
    let e = tensor(&[], &[0]);
    for (name, want) in [("sum", 0.0), ("prod", 1.0), ("mean", NAN), ("std", NAN), ("all", 1.0), ("any", 0.0)] {
        let got = values(&one(name, &e, Attrs::new()))[0];
        assert!(got == want || (got.is_nan() && want.is_nan()), "{name}: {got} for {want}");
    }
    assert_eq!(values(&one("logsumexp", &e, Attrs::new().ints(&[0]))), [f64::NEG_INFINITY]);
    for name in ["max", "min", "argmax", "amax", "aminmax"] {
        assert_eq!(call(name, &e, Attrs::new()).unwrap_err().code(), Code::Index, "{name}");
    }
    let m = tensor(&[], &[0, 3]);
    assert_eq!(values(&one("sum.dim", &m, Attrs::new().ints(&[0]))), [0.0; 3]);
    assert!(call("max.dim", &m, Attrs::new().int(0)).is_err());
    assert!(values(&one("max.dim", &m, Attrs::new().int(1))).is_empty());
}

#[test]
fn nan_wins_every_choice() {
    let x = tensor(&[1.0, NAN, f64::NEG_INFINITY, 3.0], &[4]);
    for name in ["max", "min", "amax", "amin", "sum"] {
        assert!(values(&one(name, &x, Attrs::new()))[0].is_nan(), "{name}");
    }
    assert_eq!(values(&one("argmax", &x, Attrs::new())), [1.0]);
    assert_eq!(values(&one("argmin", &x, Attrs::new())), [1.0]);
}

#[test]
fn integers_and_bools_add_and_multiply_in_64_bits() {
    let x = tensor(&[100.0, 100.0, 100.0], &[3]);
    for dtype in [DType::Int8, DType::UInt8, DType::Int32, DType::Int64, DType::Bool] {
        let x = Tensor::from_array(x.array().cast(dtype).unwrap());
        let bit = if dtype == DType::Bool { 1.0 } else { 100.0 };
        let total = one("sum", &x, Attrs::new());
        assert_eq!((total.dtype(), values(&total)[0]), (DType::Int64, 3.0 * bit), "{dtype:?}");
        let product = one("prod", &x, Attrs::new());
        assert_eq!((product.dtype(), values(&product)[0]), (DType::Int64, bit * bit * bit), "{dtype:?}");
        assert_eq!(values(&one("cumsum", &x, Attrs::new().int(0)))[2], 3.0 * bit, "{dtype:?}");
        assert_eq!(call("mean", &x, Attrs::new()).unwrap_err().code(), Code::DType, "{dtype:?}");
    }
}

#[test]
fn scattered_dims_of_transposed_tensors_reduce_to_the_right_places() {
    let x = tensor(&(0..120).map(f64::from).collect::<Vec<_>>(), &[2, 3, 4, 5]);
    let turned = Tensor::from_array(x.array().with_layout(x.array().layout().permute(&[2, 0, 3, 1])).unwrap());
    let plain = Tensor::from_array(turned.array().copy(DType::Float64).unwrap());
    for dims in [&[0][..], &[1], &[3], &[0, 2], &[1, 3], &[0, 1, 3], &[2, 1]] {
        for name in ["sum.dim", "amax", "logsumexp", "var.correction"] {
            let attrs = || Attrs::new().ints(dims);
            let (a, b) = (one(name, &turned, attrs()), one(name, &plain, attrs()));
            assert_eq!(a.shape(), b.shape());
            for (a, b) in values(&a).iter().zip(values(&b)) {
                assert!((a - b).abs() <= 1e-12 * b.abs(), "{name} over {dims:?}: {a} for {b}");
            }
        }
    }
    assert_eq!(
        values(&one("sum.dim", &turned, Attrs::new().ints(&[0, 1, 2])))[0],
        (0..20).chain(60..80).sum::<i32>().into()
    );
}

#[test]
fn a_sum_of_ten_million_floats_is_as_good_as_its_last_rounding() {
    adjoint_ops::install();
    let n = 10_000_000;
    let x = Tensor::from_array(Array::full(&[n], DType::Float32, 0.1.into()).unwrap());
    let exact = f64::from(0.1f32) * n as f64;
    let got = values(&one("sum", &x, Attrs::new()))[0];
    assert!((got - exact).abs() / exact < 5e-7, "{got} for {exact}");
}
