//! Whole training steps: what a replay leaves in parameters and gradients has the bits of the step
//! itself.

use adjoint_autograd::node::live_nodes;
use adjoint_autograd::{Tensor, engine, modes};
use adjoint_graph::{Program, Step, capture};
use adjoint_ops::elementwise::{add, mul, sub, tanh};
use adjoint_ops::reduce::sum::sum_all;
use adjoint_ops::{install, invoke};
use adjoint_tensor::{Array, DType, Result};
use std::time::Instant;

fn vector(values: &[f64]) -> Tensor {
    install();
    let array = Array::from_slice(values, &[values.len()]).unwrap();
    Tensor::from_array(array.copy(DType::Float32).unwrap())
}

fn leaf(values: &[f64]) -> Tensor {
    let t = vector(values);
    t.set_requires_grad(true).unwrap();
    t
}

fn values(t: &Tensor) -> Vec<f64> {
    t.array().to_vec_f64().unwrap()
}

/// The record of a function of `x`.
fn captured(x: &Tensor, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Program> {
    capture::start(std::slice::from_ref(x))?;
    match f(x) {
        Ok(out) => capture::finish(&[out]),
        Err(e) => {
            capture::cancel();
            Err(e)
        }
    }
}

/// Σ (tanh(w·x) − w)².
fn loss(w: &Tensor, x: &Tensor) -> Result<Tensor> {
    let error = sub::sub(&tanh::tanh(&mul::mul(w, x)?)?, w)?;
    sum_all(&mul::mul(&error, &error)?)
}

/// A step of gradient descent, with the gradient of `w` set to none first where `zeroes`.
fn step(w: &Tensor, x: &Tensor, zeroes: bool) -> Result<Tensor> {
    if zeroes {
        capture::note_grad_set(w, None)?;
        w.set_grad(None)?;
    }
    let loss = loss(w, x)?;
    engine::backward(std::slice::from_ref(&loss), &[], false, false, None)?;
    let _mode = modes::GradMode::set(false);
    capture::note_grad_read(w)?;
    add::add_(w, &mul::mul(&w.grad().unwrap(), &invoke::number(-0.1)?)?)?;
    Ok(loss)
}

fn replays_have_the_bits_of_steps(zeroes: bool) {
    let (eager, replayed) = (leaf(&[0.3, -0.7, 1.1]), leaf(&[0.3, -0.7, 1.1]));
    let batch = |i: f64| vector(&[0.1 + i, 0.5 - i, i * 0.3]);
    step(&eager, &batch(0.0), zeroes).unwrap();
    let program = captured(&batch(0.0), |x| step(&replayed, x, zeroes)).unwrap();
    for i in 1..20 {
        let expected = step(&eager, &batch(f64::from(i) * 0.1), zeroes).unwrap();
        let outputs = program.run(vec![batch(f64::from(i) * 0.1)]).unwrap();
        assert_eq!(values(&outputs[0]), values(&expected), "loss {i}");
        assert!(!outputs[0].requires_grad(), "the graph of a step is freed");
        assert_eq!(values(&replayed), values(&eager), "parameter {i}");
        assert_eq!(values(&replayed.grad().unwrap()), values(&eager.grad().unwrap()), "gradient {i}");
    }
    let constants = program.constants.iter().filter(|c| c.tensor.numel() > 1).count();
    assert_eq!(constants, 1, "the parameter alone");
}

#[test]
fn a_replay_of_a_step_has_the_bits_of_the_step() {
    replays_have_the_bits_of_steps(true);
}

#[test]
fn gradients_add_up_over_replays() {
    replays_have_the_bits_of_steps(false);
}

#[test]
fn gradients_of_gradients_are_calls() {
    let x = vector(&[0.4, -0.2, 0.9]);
    let w = leaf(&[0.3, -0.7, 1.1]);
    let penalty = |x: &Tensor| {
        let g = engine::grad(&[loss(&w, x)?], &[], std::slice::from_ref(&w), true, true, false)?;
        let g = g[0].clone().unwrap();
        let penalty = sum_all(&mul::mul(&g, &g)?)?;
        engine::backward(std::slice::from_ref(&penalty), &[], false, false, None)?;
        Ok(penalty)
    };
    let program = captured(&x, penalty).unwrap();
    let first = values(&w.grad().unwrap());
    for factor in [1.0, 0.5, -2.0] {
        let x = vector(&[0.4 * factor, -0.2, 0.9]);
        w.set_grad(None).unwrap();
        let expected = values(&penalty(&x).unwrap());
        let grad = values(&w.grad().unwrap());
        w.set_grad(None).unwrap();
        assert_eq!(values(&program.run(vec![x]).unwrap()[0]), expected);
        assert_eq!(values(&w.grad().unwrap()), grad);
        assert!(factor != 1.0 || grad == first);
    }
}

#[test]
fn gradients_that_are_returned_can_be_differentiated() {
    let x = leaf(&[0.4, -0.2, 0.9]);
    let gradient = |x: &Tensor| {
        let y = sum_all(&mul::mul(&mul::mul(x, x)?, x)?)?;
        let g = engine::grad(&[y], &[], std::slice::from_ref(x), true, true, false)?;
        Ok(g[0].clone().unwrap())
    };
    let program = captured(&x, gradient).unwrap();
    let out = program.run(vec![x.clone()]).unwrap();
    let second =
        engine::grad(&[sum_all(&out[0]).unwrap()], &[], std::slice::from_ref(&x), false, false, false).unwrap();
    let eager = engine::grad(&[sum_all(&gradient(&x).unwrap()).unwrap()], &[], &[x], false, false, false).unwrap();
    assert_eq!(values(second[0].as_ref().unwrap()), values(eager[0].as_ref().unwrap()));
}

#[test]
fn a_graph_from_before_the_capture_is_refused() {
    let (w, x) = (leaf(&[1.0, 2.0]), vector(&[3.0, 4.0]));
    let before = loss(&w, &x).unwrap();
    let e = captured(&x, |x| {
        engine::backward(std::slice::from_ref(&before), &[], true, false, None)?;
        mul::mul(x, x)
    })
    .unwrap_err();
    assert!(e.message().contains("was recorded before the capture"), "{e:?}");
}

#[test]
fn a_gradient_that_was_none_must_be_none() {
    let (w, x) = (leaf(&[1.0, 2.0]), vector(&[3.0, 4.0]));
    let program = captured(&x, |x| {
        capture::note_grad_read(&w)?;
        mul::mul(x, x)
    })
    .unwrap();
    assert!(program.run(vec![x.clone()]).is_ok());
    w.set_grad(Some(vector(&[1.0, 1.0]))).unwrap();
    let e = program.run(vec![x]).unwrap_err();
    assert!(e.message().contains("has a gradient, and had none"), "{e:?}");
}

#[test]
fn a_program_leaves_no_nodes() {
    let (w, x) = (leaf(&[1.0, 2.0]), vector(&[3.0, 4.0]));
    let before = live_nodes();
    let program = captured(&x, |x| step(&w, x, true)).unwrap();
    assert!(program.steps.iter().any(|step| matches!(step, Step::Gradient(_))));
    program.run(vec![x]).unwrap();
    drop(program);
    assert_eq!(live_nodes(), before);
}

/// Seconds to capture a step of `n` operations, of which a third are the backward pass.
fn capture_time(n: usize) -> f64 {
    let (w, x) = (leaf(&[0.5]), vector(&[0.1]));
    let start = Instant::now();
    let program = captured(&x, |x| {
        let mut y = mul::mul(&w, x)?;
        let total = vector(&[0.0]);
        for _ in 0..n / 3 {
            y = add::add(&y, &w)?;
            let _mode = modes::GradMode::set(false);
            add::add_(&total, x)?;
        }
        engine::backward(&[sum_all(&y)?], &[], false, false, None)?;
        Ok(total)
    })
    .unwrap();
    assert!(program.steps.len() >= n);
    start.elapsed().as_secs_f64()
}

#[test]
fn the_time_of_a_capture_is_linear_in_its_operations() {
    capture_time(3_000);
    let small = (0..3).map(|_| capture_time(10_000)).fold(f64::MAX, f64::min);
    let large = (0..2).map(|_| capture_time(100_000)).fold(f64::MAX, f64::min);
    // Ten times as many: a quadratic capture takes a hundred times as long.
    assert!(large < 30.0 * small, "10,000 took {small} s, 100,000 {large} s");
}
