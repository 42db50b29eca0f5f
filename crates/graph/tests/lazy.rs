//! Calls that are put off: what waits, what is computed, and in which order.

use adjoint_autograd::{Tensor, engine};
use adjoint_graph::{capture, lazy};
use adjoint_ops::elementwise::{add, exp, mul};
use adjoint_ops::install;
use adjoint_ops::reduce::sum::sum_all;
use adjoint_tensor::{Array, memory};

fn vector(values: &[f64]) -> Tensor {
    install();
    Tensor::from_array(Array::from_slice(values, &[values.len()]).unwrap())
}

/// The values, after what they need was computed.
fn values(t: &Tensor) -> Vec<f64> {
    lazy::ready(t).unwrap();
    t.array().to_vec_f64().unwrap()
}

fn put_off<R>(f: impl FnOnce() -> R) -> R {
    lazy::open();
    let result = f();
    lazy::close();
    result
}

/// How many calls were computed while `f` ran.
fn computed<R>(f: impl FnOnce() -> R) -> (R, u64) {
    let before = lazy::counts().1;
    let result = f();
    (result, lazy::counts().1 - before)
}

#[test]
fn nothing_is_computed_until_a_value_is_asked_for() {
    let x = vector(&[1.0, 2.0]);
    let (y, run) = computed(|| put_off(|| add::add(&mul::mul(&x, &x).unwrap(), &x).unwrap()));
    assert_eq!((run, lazy::counts().0), (0, 2));
    assert_eq!(computed(|| values(&y)), (vec![2.0, 6.0], 2));
    assert_eq!(computed(|| values(&y)), (vec![2.0, 6.0], 0));
    assert_eq!(lazy::counts().0, 0);
}

#[test]
fn what_nothing_reads_is_never_computed() {
    let x = vector(&[1.0, 2.0]);
    let (y, other) = put_off(|| {
        let square = mul::mul(&x, &x).unwrap();
        drop(exp::exp(&square).unwrap());
        (add::add(&square, &x).unwrap(), exp::exp(&x).unwrap())
    });
    assert_eq!(lazy::counts().0, 3, "the exponential of the square is not read");
    assert_eq!(computed(|| values(&y)), (vec![2.0, 6.0], 2));
    assert_eq!(lazy::counts().0, 1);
    drop(other);
    assert_eq!(computed(lazy::settle).1, 0);
    assert_eq!(lazy::counts().0, 0);
}

#[test]
fn a_write_waits_for_what_reads_the_old_values() {
    let x = vector(&[1.0, 2.0]);
    let y = put_off(|| {
        let y = mul::mul(&x, &x).unwrap();
        add::add_(&x, &x).unwrap();
        y
    });
    assert_eq!((values(&y), values(&x)), (vec![1.0, 4.0], vec![2.0, 4.0]));
    let z = put_off(|| mul::mul(&x, &x).unwrap());
    add::add_(&x, &x).unwrap();
    assert_eq!((values(&z), values(&x)), (vec![4.0, 16.0], vec![4.0, 8.0]));
}

#[test]
fn calls_outside_of_the_scope_and_views_read_what_waits() {
    let x = vector(&[1.0, 2.0]);
    let y = put_off(|| mul::mul(&x, &x).unwrap());
    let detached = y.detach();
    let z = mul::mul(&y, &x).unwrap();
    assert_eq!(z.array().to_vec_f64().unwrap(), [1.0, 8.0]);
    assert_eq!(values(&detached), [1.0, 4.0]);
}

#[test]
fn a_graph_of_what_waits_is_differentiated() {
    let x = vector(&[1.0, 2.0]);
    x.set_requires_grad(true).unwrap();
    let y = put_off(|| sum_all(&exp::exp(&mul::mul(&x, &x).unwrap()).unwrap()).unwrap());
    lazy::settled(|| engine::backward(std::slice::from_ref(&y), &[None], false, false, None)).unwrap();
    let grad = x.grad().unwrap().array().to_vec_f64().unwrap();
    for (g, x) in grad.iter().zip([1.0_f64, 2.0]) {
        assert!((g - 2.0 * x * (x * x).exp()).abs() < 1e-9 * g.abs());
    }
}

#[test]
fn a_capture_and_a_replay_compute_what_waits() {
    let x = vector(&[1.0, 2.0]);
    let y = put_off(|| {
        let y = mul::mul(&x, &x).unwrap();
        capture::start(std::slice::from_ref(&y)).unwrap();
        let program = capture::finish(&[add::add(&y, &y).unwrap()]).unwrap();
        assert_eq!(program.steps.len(), 1);
        let waiting = mul::mul(&x, &x).unwrap();
        assert_eq!(lazy::counts().0, 1, "calls are put off again after the capture");
        program.run(vec![waiting]).unwrap().remove(0)
    });
    assert_eq!(y.array().to_vec_f64().unwrap(), [2.0, 8.0]);
}

#[test]
fn a_chain_keeps_memory_for_what_can_be_read_only() {
    let x = vector(&[0.5; 512]);
    let before = memory::stats().live_bytes;
    let y = put_off(|| (0..100_000).fold(x.clone(), |y, _| mul::mul(&y, &x).unwrap()));
    assert_eq!(memory::stats().live_bytes - before, 8 * 512);
    let (first, run) = computed(|| values(&y)[0]);
    assert_eq!((first, run), (0.0, 100_000));
}

#[test]
fn scopes_nest_and_can_be_suspended() {
    let x = vector(&[1.0, 2.0]);
    put_off(|| {
        let inner = put_off(|| mul::mul(&x, &x).unwrap());
        let outer = add::add(&inner, &x).unwrap();
        assert_eq!(lazy::counts().0, 2);
        lazy::suspend().unwrap();
        assert_eq!(outer.array().to_vec_f64().unwrap(), [2.0, 6.0]);
        let at_once = mul::mul(&outer, &x).unwrap();
        assert_eq!(at_once.array().to_vec_f64().unwrap(), [2.0, 12.0]);
    });
    let again = put_off(|| mul::mul(&x, &x).unwrap());
    assert_eq!((lazy::counts().0, values(&again)), (1, vec![1.0, 4.0]));
}
