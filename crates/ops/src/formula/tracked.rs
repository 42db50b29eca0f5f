//! Formulas over tensors with history.
//!
//! [`Tracked`] values are indices into an arena, so that they are `Copy` as [`Algebra`] asks and a formula reads like
//! mathematics. The arena belongs to the running [`evaluate`] call; evaluations nest. Constants stay numbers until they
//! meet a tensor. An error is kept, the rest of the formula is skipped, and `evaluate` returns it.

use crate::elementwise as ops;
use adjoint_autograd::Tensor;
use adjoint_kernels::algebra::{Algebra, Ring};
use adjoint_tensor::{Error, Result, Scalar};
use std::cell::RefCell;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

/// A value in a formula: a tensor with history, or a number.
#[derive(Clone, Copy, Debug)]
pub struct Tracked(usize);

/// The answer to a comparison: a bool tensor.
#[derive(Clone, Copy, Debug)]
pub struct TrackedMask(usize);

#[derive(Clone)]
enum Value {
    Number(f64),
    Tensor(Tensor),
    /// The result of a step that failed, or that came after one.
    Failed,
}

#[derive(Default)]
struct Arena {
    values: Vec<Value>,
    error: Option<Error>,
}

thread_local! {
    static ARENA: RefCell<Arena> = RefCell::new(Arena::default());
}

/// Runs a formula on tensors.
pub fn evaluate<const N: usize>(inputs: [&Tensor; N], formula: impl FnOnce([Tracked; N]) -> Tracked) -> Result<Tensor> {
    let (start, outer_error) = ARENA.with_borrow_mut(|a| (a.values.len(), a.error.take()));
    let result = formula(inputs.map(|t| Tracked(push(Value::Tensor(t.clone())))));
    let value = get(result.0);
    let (used, error) =
        ARENA.with_borrow_mut(|a| (a.values.split_off(start), std::mem::replace(&mut a.error, outer_error)));
    drop(used);
    match (value, error) {
        (_, Some(e)) => Err(e),
        // A choice between numbers has the default dtype.
        (Value::Tensor(t), None) if t.dtype() != inputs[0].dtype() => ops::to::to(&t, inputs[0].dtype()),
        (Value::Tensor(t), None) => Ok(t),
        (Value::Number(v), None) => Tensor::number(Scalar::Float(v)),
        (Value::Failed, None) => Err(Error::usage("a formula failed without saying why")),
    }
}

fn push(v: Value) -> usize {
    ARENA.with_borrow_mut(|a| {
        a.values.push(v);
        a.values.len() - 1
    })
}

fn get(i: usize) -> Value {
    ARENA.with_borrow(|a| a.values[i].clone())
}

fn keep(result: Result<Tensor>) -> usize {
    match result {
        Ok(t) => push(Value::Tensor(t)),
        Err(e) => {
            ARENA.with_borrow_mut(|a| {
                a.error.get_or_insert(e);
            });
            push(Value::Failed)
        }
    }
}

fn tensor(v: Value) -> Result<Tensor> {
    match v {
        Value::Tensor(t) => Ok(t),
        Value::Number(v) => Tensor::number(Scalar::Float(v)),
        Value::Failed => Err(Error::usage("skipped")),
    }
}

fn one(x: Tracked, number: impl Fn(f64) -> f64, op: fn(&Tensor) -> Result<Tensor>) -> Tracked {
    Tracked(match get(x.0) {
        Value::Number(v) => push(Value::Number(number(v))),
        Value::Tensor(t) => keep(op(&t)),
        Value::Failed => push(Value::Failed),
    })
}

/// A function that has no version on plain numbers: a number becomes a tensor first.
fn whole(x: Tracked, op: fn(&Tensor) -> Result<Tensor>) -> Tracked {
    Tracked(match get(x.0) {
        Value::Failed => push(Value::Failed),
        v => keep(tensor(v).and_then(|t| op(&t))),
    })
}

fn two(a: usize, b: usize, number: impl Fn(f64, f64) -> f64, op: fn(&Tensor, &Tensor) -> Result<Tensor>) -> usize {
    match (get(a), get(b)) {
        (Value::Number(a), Value::Number(b)) => push(Value::Number(number(a, b))),
        (Value::Failed, _) | (_, Value::Failed) => push(Value::Failed),
        (a, b) => keep(tensor(a).and_then(|a| op(&a, &tensor(b)?))),
    }
}

fn ask(a: Tracked, b: Tracked, op: fn(&Tensor, &Tensor) -> Result<Tensor>) -> TrackedMask {
    let as_number = |v: f64| Tensor::number(Scalar::Float(v));
    TrackedMask(match (get(a.0), get(b.0)) {
        (Value::Failed, _) | (_, Value::Failed) => push(Value::Failed),
        (Value::Number(a), Value::Number(b)) => keep(as_number(a).and_then(|a| op(&a, &as_number(b)?))),
        (a, b) => keep(tensor(a).and_then(|a| op(&a, &tensor(b)?))),
    })
}

impl Add for Tracked {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Tracked(two(self.0, o.0, |a, b| a + b, ops::add::add))
    }
}

impl Sub for Tracked {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Tracked(two(self.0, o.0, |a, b| a - b, ops::sub::sub))
    }
}

impl Mul for Tracked {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Tracked(two(self.0, o.0, |a, b| a * b, ops::mul::mul))
    }
}

impl Div for Tracked {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        Tracked(two(self.0, o.0, |a, b| a / b, ops::div::div))
    }
}

impl Neg for Tracked {
    type Output = Self;
    fn neg(self) -> Self {
        one(self, |v| -v, ops::neg::neg)
    }
}

impl BitAnd for TrackedMask {
    type Output = Self;
    fn bitand(self, o: Self) -> Self {
        TrackedMask(two(self.0, o.0, |_, _| f64::NAN, ops::logical_and::logical_and))
    }
}

impl BitOr for TrackedMask {
    type Output = Self;
    fn bitor(self, o: Self) -> Self {
        TrackedMask(two(self.0, o.0, |_, _| f64::NAN, ops::logical_or::logical_or))
    }
}

impl Not for TrackedMask {
    type Output = Self;
    fn not(self) -> Self {
        TrackedMask(one(Tracked(self.0), |_| f64::NAN, ops::logical_not::logical_not).0)
    }
}

impl Ring for Tracked {
    type Mask = TrackedMask;

    fn c(v: f64) -> Self {
        Tracked(push(Value::Number(v)))
    }
    fn lt(self, o: Self) -> TrackedMask {
        ask(self, o, ops::lt::lt)
    }
    fn le(self, o: Self) -> TrackedMask {
        ask(self, o, ops::le::le)
    }
    fn eq(self, o: Self) -> TrackedMask {
        ask(self, o, ops::eq::eq)
    }
    fn select(m: TrackedMask, a: Self, b: Self) -> Self {
        Tracked(match (get(m.0), get(a.0), get(b.0)) {
            (Value::Failed, ..) | (_, Value::Failed, _) | (.., Value::Failed) => push(Value::Failed),
            (m, a, b) => keep(tensor(m).and_then(|m| ops::where_::where_(&m, &tensor(a)?, &tensor(b)?))),
        })
    }
    fn max(self, o: Self) -> Self {
        Tracked(two(self.0, o.0, f64::max, ops::maximum::maximum))
    }
    fn min(self, o: Self) -> Self {
        Tracked(two(self.0, o.0, f64::min, ops::minimum::minimum))
    }
    fn abs(self) -> Self {
        one(self, f64::abs, ops::abs::abs)
    }
    fn is_nan(self) -> TrackedMask {
        ask(self, self, ops::ne::ne)
    }
    fn div_trunc(self, o: Self) -> Self {
        (self / o).trunc()
    }
    fn div_floor(self, o: Self) -> Self {
        (self / o).floor()
    }
    fn fmod(self, o: Self) -> Self {
        Tracked(two(self.0, o.0, |a, b| a % b, ops::fmod::fmod))
    }
    fn remainder(self, o: Self) -> Self {
        Tracked(two(self.0, o.0, |a, b| a - b * (a / b).floor(), ops::remainder::remainder))
    }
    fn pow(self, e: Self) -> Self {
        self.powf(e)
    }
}

impl Algebra for Tracked {
    fn mul_add(self, b: Self, c: Self) -> Self {
        self * b + c
    }
    fn powf(self, e: Self) -> Self {
        Tracked(two(self.0, e.0, f64::powf, ops::pow::pow))
    }
    fn atan2(self, x: Self) -> Self {
        Tracked(two(self.0, x.0, f64::atan2, ops::atan2::atan2))
    }
    fn sqrt(self) -> Self {
        one(self, f64::sqrt, ops::sqrt::sqrt)
    }
    fn recip(self) -> Self {
        one(self, f64::recip, ops::reciprocal::reciprocal)
    }
    fn floor(self) -> Self {
        one(self, f64::floor, ops::floor::floor)
    }
    fn ceil(self) -> Self {
        one(self, f64::ceil, ops::ceil::ceil)
    }
    fn trunc(self) -> Self {
        one(self, f64::trunc, ops::trunc::trunc)
    }
    fn round(self) -> Self {
        one(self, f64::round_ties_even, ops::round::round)
    }
    fn exp(self) -> Self {
        one(self, f64::exp, ops::exp::exp)
    }
    fn exp2(self) -> Self {
        one(self, f64::exp2, ops::exp2::exp2)
    }
    fn expm1(self) -> Self {
        one(self, f64::exp_m1, ops::expm1::expm1)
    }
    fn log(self) -> Self {
        one(self, f64::ln, ops::log::log)
    }
    fn log2(self) -> Self {
        one(self, f64::log2, ops::log2::log2)
    }
    fn log10(self) -> Self {
        one(self, f64::log10, ops::log10::log10)
    }
    fn log1p(self) -> Self {
        one(self, f64::ln_1p, ops::log1p::log1p)
    }
    fn sin(self) -> Self {
        one(self, f64::sin, ops::sin::sin)
    }
    fn cos(self) -> Self {
        one(self, f64::cos, ops::cos::cos)
    }
    fn tan(self) -> Self {
        one(self, f64::tan, ops::tan::tan)
    }
    fn asin(self) -> Self {
        one(self, f64::asin, ops::asin::asin)
    }
    fn acos(self) -> Self {
        one(self, f64::acos, ops::acos::acos)
    }
    fn atan(self) -> Self {
        one(self, f64::atan, ops::atan::atan)
    }
    fn sinh(self) -> Self {
        one(self, f64::sinh, ops::sinh::sinh)
    }
    fn cosh(self) -> Self {
        one(self, f64::cosh, ops::cosh::cosh)
    }
    fn tanh(self) -> Self {
        one(self, f64::tanh, ops::tanh::tanh)
    }
    fn asinh(self) -> Self {
        one(self, f64::asinh, ops::asinh::asinh)
    }
    fn acosh(self) -> Self {
        one(self, f64::acosh, ops::acosh::acosh)
    }
    fn atanh(self) -> Self {
        one(self, f64::atanh, ops::atanh::atanh)
    }
    fn sigmoid(self) -> Self {
        one(self, |v| 1.0 / (1.0 + (-v).exp()), ops::sigmoid::sigmoid)
    }
    fn erf(self) -> Self {
        whole(self, ops::erf::erf)
    }
    fn erfc(self) -> Self {
        whole(self, ops::erfc::erfc)
    }
    fn erfinv(self) -> Self {
        whole(self, ops::erfinv::erfinv)
    }
    fn lgamma(self) -> Self {
        whole(self, ops::lgamma::lgamma)
    }
    fn digamma(self) -> Self {
        whole(self, ops::digamma::digamma)
    }
}
