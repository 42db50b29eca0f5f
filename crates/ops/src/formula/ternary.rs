//! Ops of three broadcast tensors.

use super::{
    Algebra, Expression, Ring, Tracked, array_of, evaluate, fused, needs_graph, numbers, params, present, saved_output,
};
use adjoint_autograd::{Backward, Body, Class, Grads, Jvp, OpDef, Outputs, Promotion, Tangents, Tensor, Vjp};
use adjoint_kernels::elementwise::{Formula, RingFormula, float_blocks, ring_blocks};
use adjoint_tensor::Result;
use smallvec::smallvec;
use std::marker::PhantomData;

/// A floating-point function of three tensors and `P` numbers.
pub trait Ternary<const P: usize>: 'static {
    /// The value.
    fn f<A: Algebra>(x: [A; 3], p: [A; P]) -> A;
    /// The gradients of the arguments, linear in `g`, the gradient of the result `y`.
    fn vjp<A: Algebra>(g: A, x: [A; 3], y: A, p: [A; P]) -> [A; 3];
}

/// The same, for functions that integers have too.
pub trait RingTernary<const P: usize>: 'static {
    /// The value.
    fn f<R: Ring>(x: [R; 3], p: [R; P]) -> R;
    /// The gradients of the arguments, linear in `g`, the gradient of the result `y`.
    fn vjp<A: Algebra>(g: A, x: [A; 3], y: A, p: [A; P]) -> [A; 3];
}

struct Forward<F>(PhantomData<F>);
struct BackwardOf<F, const I: usize>(PhantomData<F>);
struct FromRing<F>(PhantomData<F>);

impl<F: Ternary<P>, const P: usize> Formula<3, P> for Forward<F> {
    #[inline(always)]
    fn eval<A: Algebra>(x: [A; 3], p: [A; P]) -> A {
        F::f(x, p)
    }
}

impl<F: RingTernary<P>, const P: usize> RingFormula<3, P> for Forward<FromRing<F>> {
    #[inline(always)]
    fn eval<R: Ring>(x: [R; 3], p: [R; P]) -> R {
        F::f(x, p)
    }
}

impl<F: Ternary<P>, const P: usize, const I: usize> Formula<5, P> for BackwardOf<F, I> {
    #[inline(always)]
    fn eval<A: Algebra>([g, a, b, c, y]: [A; 5], p: [A; P]) -> A {
        F::vjp(g, [a, b, c], y, p)[I]
    }
}

impl<F: RingTernary<P>, const P: usize> Ternary<P> for FromRing<F> {
    #[inline(always)]
    fn f<A: Algebra>(x: [A; 3], p: [A; P]) -> A {
        F::f(x, p)
    }
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, x: [A; 3], y: A, p: [A; P]) -> [A; 3] {
        F::vjp(g, x, y, p)
    }
}

/// A floating-point op; integers are cast to the default floating dtype. `args` and `samples` are the op's own.
pub const fn ternary<F: Ternary<P>, const P: usize>() -> OpDef {
    OpDef {
        class: Class::Elementwise,
        in_place: true,
        promotion: Promotion::Float,
        body: Body::Elementwise { blocks: float_blocks::<Forward<F>, 3, P>(), params: numbers },
        vjp: Vjp::Fn(vjp::<F, P>),
        jvp: Jvp::Fn(jvp::<F, P>),
        formula: formula::<F, P>,
        ..OpDef::BASE
    }
}

/// An op of every dtype.
pub const fn ring_ternary<F: RingTernary<P>, const P: usize>() -> OpDef {
    OpDef {
        promotion: Promotion::Common,
        body: Body::Elementwise { blocks: ring_blocks::<Forward<FromRing<F>>, 3, P>(), params: numbers },
        ..ternary::<FromRing<F>, P>()
    }
}

type Read<'a> = [Option<&'a Tensor>; 4];

/// The gradient of argument `I` for `g`, by the fused kernel or made of ops; `r` is the three arguments and the result.
fn times<F: Ternary<P>, const P: usize, const I: usize>(g: &Tensor, r: &Read, params: &[f64]) -> Result<Tensor> {
    let p = array_of::<P>(params)?;
    if needs_graph(&[Some(g), r[0], r[1], r[2], r[3]]) {
        let inputs = [g, present(r[0], g), present(r[1], g), present(r[2], g), present(r[3], g)];
        return evaluate(inputs, |[g, a, b, c, y]| F::vjp(g, [a, b, c], y, p.map(Tracked::c))[I]);
    }
    fused(&const { float_blocks::<BackwardOf<F, I>, 5, P>() }, g, r, &p)
}

fn vjp<F: Ternary<P>, const P: usize>(b: &Backward) -> Result<Grads> {
    let p = params(b.op(), b.attrs())?;
    let (x0, x1, x2, y) = (b.opt_input(0)?, b.opt_input(1)?, b.opt_input(2)?, saved_output(b)?);
    let read: Read = [x0.as_ref(), x1.as_ref(), x2.as_ref(), y.as_ref()];
    let d0 = if b.wants(0) { Some(times::<F, P, 0>(b.g(), &read, &p)?) } else { None };
    let d1 = if b.wants(1) { Some(times::<F, P, 1>(b.g(), &read, &p)?) } else { None };
    let d2 = if b.wants(2) { Some(times::<F, P, 2>(b.g(), &read, &p)?) } else { None };
    Ok(smallvec![d0, d1, d2])
}

fn jvp<F: Ternary<P>, const P: usize>(t: &Tangents) -> Result<Outputs> {
    let p = params(t.op, t.attrs)?;
    let read: Read = [t.primals[0].as_ref(), t.primals[1].as_ref(), t.primals[2].as_ref(), Some(&t.outputs[0])];
    let parts = [
        t.tangents[0].as_ref().map(|v| times::<F, P, 0>(v, &read, &p)).transpose()?,
        t.tangents[1].as_ref().map(|v| times::<F, P, 1>(v, &read, &p)).transpose()?,
        t.tangents[2].as_ref().map(|v| times::<F, P, 2>(v, &read, &p)).transpose()?,
    ];
    let mut total: Option<Tensor> = None;
    for part in parts.into_iter().flatten() {
        total = Some(match total {
            None => part,
            Some(sum) => crate::elementwise::add::add(&sum, &part)?,
        });
    }
    let total = total.expect("forward mode runs where an input has a tangent");
    Ok(smallvec![if total.shape() == t.outputs[0].shape() {
        total
    } else {
        crate::view::expand::expand(&total, t.outputs[0].shape())?
    }])
}

fn formula<F: Ternary<P>, const P: usize>() -> Vec<String> {
    let x = [Expression::name("x0"), Expression::name("x1"), Expression::name("x2")];
    let p = Expression::names::<P>("p");
    let mut lines = vec![format!("y = {}", F::f(x, p))];
    lines.extend(
        F::vjp(Expression::name("g"), x, Expression::name("y"), p)
            .iter()
            .enumerate()
            .map(|(i, d)| format!("dx{i} = {d}")),
    );
    lines
}
