//! Ops of one tensor.

use super::{
    Algebra, Expression, Ring, Tracked, array_of, evaluate, fused, needs_graph, numbers, params, present, saved_output,
};
use crate::samples;
use adjoint_autograd::{Arg, Backward, Body, Class, Grads, Jvp, OpDef, Outputs, Promotion, Tangents, Tensor, Vjp};
use adjoint_kernels::elementwise::{Formula, RingFormula, float_blocks, ring_blocks};
use adjoint_tensor::Result;
use smallvec::smallvec;
use std::marker::PhantomData;

/// A floating-point function of one tensor and `P` numbers.
pub trait Unary<const P: usize>: 'static {
    /// The value.
    fn f<A: Algebra>(x: A, p: [A; P]) -> A;
    /// The gradient of `x`, linear in `g`, the gradient of the result `y`.
    fn vjp<A: Algebra>(g: A, x: A, y: A, p: [A; P]) -> A;
}

/// The same, for functions that integers have too.
pub trait RingUnary<const P: usize>: 'static {
    /// The value.
    fn f<R: Ring>(x: R, p: [R; P]) -> R;
    /// The gradient of `x`, linear in `g`, the gradient of the result `y`.
    fn vjp<A: Algebra>(g: A, x: A, y: A, p: [A; P]) -> A;
}

const ARGS: &[Arg] = &[Arg::tensor("input")];

struct Forward<F>(PhantomData<F>);
struct BackwardOf<F>(PhantomData<F>);
struct FromRing<F>(PhantomData<F>);

impl<F: Unary<P>, const P: usize> Formula<1, P> for Forward<F> {
    #[inline(always)]
    fn eval<A: Algebra>([x]: [A; 1], p: [A; P]) -> A {
        F::f(x, p)
    }
}

impl<F: RingUnary<P>, const P: usize> RingFormula<1, P> for Forward<FromRing<F>> {
    #[inline(always)]
    fn eval<R: Ring>([x]: [R; 1], p: [R; P]) -> R {
        F::f(x, p)
    }
}

impl<F: Unary<P>, const P: usize> Formula<3, P> for BackwardOf<F> {
    #[inline(always)]
    fn eval<A: Algebra>([g, x, y]: [A; 3], p: [A; P]) -> A {
        F::vjp(g, x, y, p)
    }
}

impl<F: RingUnary<P>, const P: usize> Unary<P> for FromRing<F> {
    #[inline(always)]
    fn f<A: Algebra>(x: A, p: [A; P]) -> A {
        F::f(x, p)
    }
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, x: A, y: A, p: [A; P]) -> A {
        F::vjp(g, x, y, p)
    }
}

/// A floating-point op; integers are cast to the default floating dtype.
pub const fn unary<F: Unary<P>, const P: usize>() -> OpDef {
    OpDef {
        args: ARGS,
        class: Class::Elementwise,
        in_place: true,
        promotion: Promotion::Float,
        body: Body::Elementwise { blocks: float_blocks::<Forward<F>, 1, P>(), params: numbers },
        vjp: Vjp::Fn(vjp::<F, P>),
        jvp: Jvp::Fn(jvp::<F, P>),
        formula: formula::<F, P>,
        samples: samples::unary,
        ..OpDef::BASE
    }
}

/// An op of every dtype.
pub const fn ring_unary<F: RingUnary<P>, const P: usize>() -> OpDef {
    OpDef {
        promotion: Promotion::Common,
        body: Body::Elementwise { blocks: ring_blocks::<Forward<FromRing<F>>, 1, P>(), params: numbers },
        ..unary::<FromRing<F>, P>()
    }
}

/// The gradient for `g`, by the fused kernel or made of ops.
fn times<F: Unary<P>, const P: usize>(
    g: &Tensor,
    x: Option<&Tensor>,
    y: Option<&Tensor>,
    params: &[f64],
) -> Result<Tensor> {
    let p = array_of::<P>(params)?;
    if needs_graph(&[Some(g), x, y]) {
        return evaluate([g, present(x, g), present(y, g)], |[g, x, y]| F::vjp(g, x, y, p.map(Tracked::c)));
    }
    fused(&const { float_blocks::<BackwardOf<F>, 3, P>() }, g, &[x, y], &p)
}

fn vjp<F: Unary<P>, const P: usize>(b: &Backward) -> Result<Grads> {
    let p = params(b.op(), b.attrs())?;
    let (x, y) = (b.opt_input(0)?, saved_output(b)?);
    Ok(smallvec![Some(times::<F, P>(b.g(), x.as_ref(), y.as_ref(), &p)?)])
}

fn jvp<F: Unary<P>, const P: usize>(t: &Tangents) -> Result<Outputs> {
    let p = params(t.op, t.attrs)?;
    let tangent = t.tangents[0].as_ref().expect("forward mode runs where the only input has a tangent");
    Ok(smallvec![times::<F, P>(tangent, t.primals[0].as_ref(), Some(&t.outputs[0]), &p)?])
}

fn formula<F: Unary<P>, const P: usize>() -> Vec<String> {
    let p = Expression::names::<P>("p");
    vec![
        format!("y = {}", F::f(Expression::name("x"), p)),
        format!("dx = {}", F::vjp(Expression::name("g"), Expression::name("x"), Expression::name("y"), p)),
    ]
}
