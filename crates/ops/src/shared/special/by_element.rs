//! Ops that compute one f64 number from one or two, element by element: functions that have no
//! formula over the primitives.

use crate::elementwise::mul::mul;
use crate::reduce::sum_to_size::sum_to_size;
use crate::shared::samples;
use adjoint_autograd::{Arg, Backward, Body, Call, Facts, Grads, OpDef, Promotion, Saves, Spec, Specs, Tensor, Vjp};
use adjoint_tensor::promotion::to_float;
use adjoint_tensor::{Array, Result, dims};
use smallvec::smallvec;
use std::marker::PhantomData;

/// A function of one number.
pub trait Function: 'static {
    /// The value.
    fn value(x: f64) -> f64;
    /// The derivative at `x`, where the function is `y`.
    fn slope(x: &Tensor, y: &Tensor) -> Result<Tensor>;
}

struct Of<F>(PhantomData<F>);

impl<F: Function> Of<F> {
    fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
        map(call, &mut outs[0], F::value)
    }

    fn vjp(b: &Backward) -> Result<Grads> {
        Ok(smallvec![Some(mul(b.g(), &F::slope(&b.input(0)?, &b.output(0)?)?)?)])
    }
}

/// The rule of a floating function of one tensor.
pub fn rule(call: &Facts) -> Result<Specs> {
    Ok(Spec::like(call.input(0), to_float(call.input(0).dtype())))
}

/// Writes a function of every element; f32 is computed in f64 and rounded once.
pub fn map(call: &Call, out: &mut Array, f: fn(f64) -> f64) -> Result<()> {
    let mut values = call.input(0).to_vec_f64()?;
    values.iter_mut().for_each(|v| *v = f(*v));
    out.assign(&Array::from_slice(&values, out.shape())?)
}

const ONE: &[Arg] = &[Arg::tensor("input")];

/// An op of one tensor that computes a function.
pub const fn function<F: Function>() -> OpDef {
    OpDef {
        args: ONE,
        in_place: true,
        body: Body::Kernel { rule, run: Of::<F>::run },
        vjp: Vjp::Fn(Of::<F>::vjp),
        saves: Saves::BOTH,
        samples: samples::unary,
        ..OpDef::BASE
    }
}

/// The parameters of functions of two numbers, of which either may be a plain one.
pub const PAIR: &[Arg] = &[Arg::number("input"), Arg::number("other")];

/// The rule of a function of two broadcast tensors.
pub fn pair_rule(call: &Facts) -> Result<Specs> {
    let (a, b) = (call.input(0), call.input(1));
    Ok(Spec::one(dims::broadcast(a.shape(), b.shape())?, a.dtype()))
}

/// Writes a function of every pair of elements, which broadcast.
pub fn zip(call: &Call, out: &mut Array, f: impl Fn(f64, f64) -> f64) -> Result<()> {
    let wide = |x: &Array| x.with_layout(x.layout().expand(out.shape())?)?.to_vec_f64();
    let (mut a, b) = (wide(call.input(0))?, wide(call.input(1))?);
    a.iter_mut().zip(&b).for_each(|(a, &b)| *a = f(*a, b));
    out.assign(&Array::from_slice(&a, out.shape())?)
}

/// The same for integers.
pub fn zip_integers(call: &Call, out: &mut Array, f: impl Fn(i64, i64) -> i64) -> Result<()> {
    let wide = |x: &Array| x.with_layout(x.layout().expand(out.shape())?)?.to_vec_i64();
    let (mut a, b) = (wide(call.input(0))?, wide(call.input(1))?);
    a.iter_mut().zip(&b).for_each(|(a, &b)| *a = f(*a, b));
    out.assign(&Array::from_slice(&a, out.shape())?)
}

/// What ops of two tensors share: a kernel with this `run`, floats, broadcasting.
pub const fn pair(run: fn(&Call, &mut [Array]) -> Result<()>) -> OpDef {
    OpDef {
        args: PAIR,
        in_place: true,
        promotion: Promotion::Float,
        body: Body::Kernel { rule: pair_rule, run },
        samples: samples::binary,
        errors: samples::binary_errors,
        ..OpDef::BASE
    }
}

/// The gradient of input `i`, which was broadcast.
pub fn of_input(b: &Backward, i: usize, gradient: &Tensor) -> Result<Tensor> {
    sum_to_size(gradient, b.shape(i))
}

/// `y / x`, which tends to a half where `x` is 0: the quotient of `I₁` or `J₁` and `x`.
pub fn ratio(y: &Tensor, x: &Tensor) -> Result<Tensor> {
    use crate::elementwise::{div::div, eq::eq, where_::where_};
    use crate::invoke::number;
    let zero = eq(x, &number(0.0)?)?;
    let safe = where_(&zero, &number(1.0)?, x)?;
    where_(&zero, &number(0.5)?, &div(y, &safe)?)
}
