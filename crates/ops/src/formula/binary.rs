//! Ops of two broadcast tensors.

use super::{
    Algebra, Expression, Ring, Tracked, array_of, evaluate, fused, needs_graph, numbers, params, present, saved_output,
};
use crate::samples;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Class, Grads, Jvp, OpDef, Outputs, Params, Promotion, Tangents, Tensor, Vjp,
};
use adjoint_kernels::elementwise::{Formula, RingFormula, float_blocks, ring_blocks};
use adjoint_tensor::Result;
use smallvec::smallvec;
use std::marker::PhantomData;

/// A floating-point function of two tensors and `P` numbers.
pub trait Binary<const P: usize>: 'static {
    /// The value.
    fn f<A: Algebra>(a: A, b: A, p: [A; P]) -> A;
    /// The gradients of `a` and `b`, linear in `g`, the gradient of the result `y`.
    fn vjp<A: Algebra>(g: A, a: A, b: A, y: A, p: [A; P]) -> [A; 2];
}

/// The same, for functions that integers have too.
pub trait RingBinary<const P: usize>: 'static {
    /// The value.
    fn f<R: Ring>(a: R, b: R, p: [R; P]) -> R;
    /// The gradients of `a` and `b`, linear in `g`, the gradient of the result `y`.
    fn vjp<A: Algebra>(g: A, a: A, b: A, y: A, p: [A; P]) -> [A; 2];
}

const ARGS: &[Arg] = &[Arg::tensor("input"), Arg::number("other")];

struct Forward<F>(PhantomData<F>);
struct BackwardOf<F, const I: usize>(PhantomData<F>);
struct FromRing<F>(PhantomData<F>);

impl<F: Binary<P>, const P: usize> Formula<2, P> for Forward<F> {
    #[inline(always)]
    fn eval<A: Algebra>([a, b]: [A; 2], p: [A; P]) -> A {
        F::f(a, b, p)
    }
}

impl<F: RingBinary<P>, const P: usize> RingFormula<2, P> for Forward<FromRing<F>> {
    #[inline(always)]
    fn eval<R: Ring>([a, b]: [R; 2], p: [R; P]) -> R {
        F::f(a, b, p)
    }
}

impl<F: Binary<P>, const P: usize, const I: usize> Formula<4, P> for BackwardOf<F, I> {
    #[inline(always)]
    fn eval<A: Algebra>([g, a, b, y]: [A; 4], p: [A; P]) -> A {
        F::vjp(g, a, b, y, p)[I]
    }
}

impl<F: RingBinary<P>, const P: usize> Binary<P> for FromRing<F> {
    #[inline(always)]
    fn f<A: Algebra>(a: A, b: A, p: [A; P]) -> A {
        F::f(a, b, p)
    }
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, a: A, b: A, y: A, p: [A; P]) -> [A; 2] {
        F::vjp(g, a, b, y, p)
    }
}

/// A floating-point op; integers are cast to the default floating dtype.
pub const fn binary<F: Binary<P>, const P: usize>() -> OpDef {
    OpDef {
        args: ARGS,
        class: Class::Elementwise,
        in_place: true,
        promotion: Promotion::Float,
        body: Body::Elementwise { blocks: float_blocks::<Forward<F>, 2, P>(), params: numbers },
        vjp: Vjp::Fn(vjp::<F, P>),
        jvp: Jvp::Fn(jvp::<F, P>),
        formula: formula::<F, P>,
        samples: samples::binary,
        errors: samples::binary_errors,
        ..OpDef::BASE
    }
}

/// An op of every dtype.
pub const fn ring_binary<F: RingBinary<P>, const P: usize>() -> OpDef {
    OpDef {
        promotion: Promotion::Common,
        body: Body::Elementwise { blocks: ring_blocks::<Forward<FromRing<F>>, 2, P>(), params: numbers },
        ..binary::<FromRing<F>, P>()
    }
}

/// The same with kernel parameters made from the attributes by `params`.
pub const fn ring_binary_with<F: RingBinary<P>, const P: usize>(params: fn(&Attrs) -> Result<Params>) -> OpDef {
    OpDef {
        body: Body::Elementwise { blocks: ring_blocks::<Forward<FromRing<F>>, 2, P>(), params },
        ..ring_binary::<F, P>()
    }
}

/// What a derivative may read.
#[derive(Clone, Copy)]
struct Read<'a> {
    a: Option<&'a Tensor>,
    b: Option<&'a Tensor>,
    y: Option<&'a Tensor>,
}

/// The gradient of argument `I` for `g`, by the fused kernel or made of ops.
fn times<F: Binary<P>, const P: usize, const I: usize>(g: &Tensor, r: Read, params: &[f64]) -> Result<Tensor> {
    let p = array_of::<P>(params)?;
    if needs_graph(&[Some(g), r.a, r.b, r.y]) {
        let inputs = [g, present(r.a, g), present(r.b, g), present(r.y, g)];
        return evaluate(inputs, |[g, a, b, y]| F::vjp(g, a, b, y, p.map(Tracked::c))[I]);
    }
    fused(&const { float_blocks::<BackwardOf<F, I>, 4, P>() }, g, &[r.a, r.b, r.y], &p)
}

fn vjp<F: Binary<P>, const P: usize>(b: &Backward) -> Result<Grads> {
    let p = params(b.op(), b.attrs())?;
    let (x, other, y) = (b.opt_input(0)?, b.opt_input(1)?, saved_output(b)?);
    let read = Read { a: x.as_ref(), b: other.as_ref(), y: y.as_ref() };
    let dx = if b.wants(0) { Some(times::<F, P, 0>(b.g(), read, &p)?) } else { None };
    let dother = if b.wants(1) { Some(times::<F, P, 1>(b.g(), read, &p)?) } else { None };
    Ok(smallvec![dx, dother])
}

fn jvp<F: Binary<P>, const P: usize>(t: &Tangents) -> Result<Outputs> {
    let p = params(t.op, t.attrs)?;
    let read = Read { a: t.primals[0].as_ref(), b: t.primals[1].as_ref(), y: Some(&t.outputs[0]) };
    let first = t.tangents[0].as_ref().map(|v| times::<F, P, 0>(v, read, &p)).transpose()?;
    let second = t.tangents[1].as_ref().map(|v| times::<F, P, 1>(v, read, &p)).transpose()?;
    let total = match (first, second) {
        (Some(a), Some(b)) => crate::elementwise::add::add(&a, &b)?,
        (Some(t), None) | (None, Some(t)) => t,
        (None, None) => unreachable!("forward mode runs where an input has a tangent"),
    };
    // A tangent has the result's shape even where only a smaller operand has one.
    Ok(smallvec![if total.shape() == t.outputs[0].shape() {
        total
    } else {
        crate::view::expand::expand(&total, t.outputs[0].shape())?
    }])
}

fn formula<F: Binary<P>, const P: usize>() -> Vec<String> {
    let (a, b, y) = (Expression::name("x"), Expression::name("other"), Expression::name("y"));
    let p = Expression::names::<P>("p");
    let [da, db] = F::vjp(Expression::name("g"), a, b, y, p);
    vec![format!("y = {}", F::f(a, b, p)), format!("dx = {da}"), format!("dother = {db}")]
}
