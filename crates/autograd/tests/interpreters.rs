//! The way of a call down through interpreters.

use adjoint_autograd::interpreter::{self, Below, Interpreter, Invocation, Untraced};
use adjoint_autograd::keys::{self, Key};
use adjoint_autograd::{Arg, Attrs, Body, OpDef, Outputs, Spec, Tensor, Vjp, dispatch, dispatch_in_place};
use adjoint_tensor::{Array, Error, Result};
use smallvec::smallvec;
use std::cell::RefCell;

static DOUBLE: OpDef = OpDef {
    name: "double",
    args: &[Arg::tensor("x")],
    node: "DoubleBackward0",
    in_place: true,
    body: Body::Kernel {
        rule: |call| Ok(Spec::one(call.input(0).shape(), call.input(0).dtype())),
        run: |call, outs| {
            let x = call.input(0).contiguous()?;
            for (y, x) in outs[0].as_mut_slice::<f64>().iter_mut().zip(x.as_slice::<f64>()) {
                *y = 2.0 * x;
            }
            Ok(())
        },
    },
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(double(b.g())?)])),
    ..OpDef::BASE
};

static FOURFOLD: OpDef = OpDef {
    name: "fourfold",
    args: &[Arg::tensor("x")],
    body: Body::Composite(|inputs, _| Ok(smallvec![double(&double(inputs[0].unwrap())?)?])),
    ..OpDef::COMPOSITE
};

fn double(x: &Tensor) -> Result<Tensor> {
    Ok(dispatch(&DOUBLE, &[Some(x)], Attrs::new())?.swap_remove(0))
}

fn one() -> Tensor {
    Tensor::from_array(Array::from_slice(&[1.0], &[1]).unwrap())
}

fn value(t: &Tensor) -> f64 {
    t.array().to_vec_f64().unwrap()[0]
}

thread_local! {
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Writes down what it is told.
struct Listener(&'static str);

impl Interpreter for Listener {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        let form = if call.in_place { "_" } else { "" };
        SEEN.with_borrow_mut(|seen| seen.push(format!("{} {}{form}", self.0, call.op.name)));
        below.call(call)
    }

    fn tensor_made(&self, _: &Tensor) {
        SEEN.with_borrow_mut(|seen| seen.push(format!("{} tensor", self.0)));
    }

    fn check_written(&self, _: &Tensor) -> Result<()> {
        SEEN.with_borrow_mut(|seen| seen.push(format!("{} write", self.0)));
        Ok(())
    }
}

/// What listeners under these keys hear while `f` runs.
fn heard(listeners: &[(Key, &'static Listener)], f: impl FnOnce()) -> Vec<String> {
    for (key, listener) in listeners {
        interpreter::install(*key, *listener);
        keys::set(*key, true);
    }
    f();
    listeners.iter().for_each(|(key, _)| keys::set(*key, false));
    SEEN.take()
}

#[test]
fn a_call_goes_down_from_the_highest_key() {
    let listeners = [(Key::Capture, &Listener("low")), (Key::Profile, &Listener("high"))];
    let x = one();
    let seen = heard(&listeners, || assert_eq!(value(&double(&x).unwrap()), 2.0));
    // A new tensor is told to every one, the highest first.
    assert_eq!(seen, ["high double", "low double", "high tensor", "low tensor"]);
    assert!(heard(&[], || drop(double(&x).unwrap())).is_empty());
}

#[test]
fn what_a_composite_calls_is_looked_at_too() {
    let x = one();
    let seen = heard(&[(Key::Profile, &Listener("p"))], || {
        let out = dispatch(&FOURFOLD, &[Some(&x)], Attrs::new()).unwrap();
        assert_eq!(value(&out[0]), 4.0);
    });
    let calls: Vec<&String> = seen.iter().filter(|line| !line.ends_with("tensor")).collect();
    assert_eq!(calls, ["p fourfold", "p double", "p double"]);
}

#[test]
fn the_interpreter_of_transforms_is_asked_about_writes_alone() {
    let x = one();
    let seen = heard(&[(Key::Transform, &Listener("t"))], || {
        dispatch_in_place(&DOUBLE, &[Some(&x)], Attrs::new()).unwrap();
    });
    assert_eq!(value(&x), 2.0);
    assert_eq!(seen, ["t write"]);
}

/// Answers itself, with the input.
struct Instead;

impl Interpreter for Instead {
    fn call(&self, call: &Invocation, _: Below) -> Result<Outputs> {
        Ok(smallvec![call.inputs[0].unwrap().clone()])
    }

    fn check_traced(&self, what: Untraced) -> Result<()> {
        Err(Error::usage(format!("{what:?}")))
    }
}

#[test]
fn an_interpreter_may_answer_itself_and_refuse_what_it_cannot_follow() {
    let x = one();
    interpreter::install(Key::Vmap, &Instead);
    keys::set(Key::Vmap, true);
    let (y, refused) = (double(&x).unwrap(), interpreter::check_traced(Untraced::Value));
    keys::set(Key::Vmap, false);
    assert!(y.ptr_eq(&x));
    assert!(refused.unwrap_err().message().contains("Value"));
    assert_eq!(value(&double(&x).unwrap()), 2.0);
}
