//! Ops of one tensor.

use super::derivative::{jvp, vjp};
use super::derived::{gradient, operand, params};
use super::{Algebra, Loops, Ring, numbers};
use crate::shared::samples;
use adjoint_autograd::{Arg, Body, Class, Jvp, OpDef, Promotion, Vjp};
use adjoint_kernels::elementwise::{Blocks, Formula, RingFormula, float_blocks, ring_blocks};
use std::marker::PhantomData;

/// A floating-point function of one tensor and `P` numbers.
pub trait Unary<const P: usize>: 'static {
    /// For what f32 gets loops of its own.
    const LOOPS: Loops = Loops::Forward;
    /// The value.
    fn f<A: Algebra>(x: A, p: [A; P]) -> A;
    /// The gradient of `x`, linear in `g`, the gradient of the result `y`.
    ///
    /// Derived from `f`; written where an op knows better.
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, x: A, y: A, p: [A; P]) -> A {
        let _ = y;
        gradient(Self::f(operand::<0, A>(0, x, g), params(p)), g)
    }
}

/// The same, for functions that integers have too.
pub trait RingUnary<const P: usize>: 'static {
    /// For what f32 gets loops of its own.
    const LOOPS: Loops = Loops::Forward;
    /// The value.
    fn f<R: Ring>(x: R, p: [R; P]) -> R;
    /// The gradient of `x`, linear in `g`, the gradient of the result `y`.
    ///
    /// Derived from `f`; written where an op knows better.
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, x: A, y: A, p: [A; P]) -> A {
        let _ = y;
        gradient(Self::f(operand::<0, A>(0, x, g), params(p)), g)
    }
}

const ARGS: &[Arg] = &[Arg::tensor("input")];

struct Forward<F>(PhantomData<F>);
struct BackwardOf<F>(PhantomData<F>);
struct DerivedOf<F, const I: usize>(PhantomData<F>);
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

impl<F: Unary<P>, const P: usize, const I: usize> Formula<3, P> for DerivedOf<F, I> {
    #[inline(always)]
    fn eval<A: Algebra>([g, x, _]: [A; 3], p: [A; P]) -> A {
        gradient(F::f(operand::<I, A>(0, x, g), params(p)), g)
    }
}

impl<F: RingUnary<P>, const P: usize> Unary<P> for FromRing<F> {
    const LOOPS: Loops = F::LOOPS;
    #[inline(always)]
    fn f<A: Algebra>(x: A, p: [A; P]) -> A {
        F::f(x, p)
    }
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, x: A, y: A, p: [A; P]) -> A {
        F::vjp(g, x, y, p)
    }
}

struct Gradients<F, const P: usize>(PhantomData<F>);

impl<F: Unary<P>, const P: usize> Gradients<F, P> {
    const BLOCKS: &[Blocks] = &[F::LOOPS.backward(float_blocks::<BackwardOf<F>, 3, P>())];

    /// Those that `vjp` would give if it were not written.
    const DERIVED: &[Blocks] = &[float_blocks::<DerivedOf<F, 0>, 3, P>().interpreted()];
}

/// A floating-point op; integers are cast to the default floating dtype.
pub const fn unary<F: Unary<P>, const P: usize>() -> OpDef {
    OpDef {
        args: ARGS,
        class: Class::Elementwise,
        in_place: true,
        promotion: Promotion::Float,
        body: Body::Elementwise { blocks: F::LOOPS.forward(float_blocks::<Forward<F>, 1, P>()), params: numbers },
        vjp: Vjp::Formula(vjp),
        jvp: Jvp::Fn(jvp),
        gradients: Gradients::<F, P>::BLOCKS,
        derived: || Gradients::<F, P>::DERIVED,
        samples: samples::unary,
        ..OpDef::BASE
    }
}

/// An op of every dtype.
pub const fn ring_unary<F: RingUnary<P>, const P: usize>() -> OpDef {
    OpDef {
        promotion: Promotion::Common,
        body: Body::Elementwise {
            blocks: F::LOOPS.forward(ring_blocks::<Forward<FromRing<F>>, 1, P>()),
            params: numbers,
        },
        ..unary::<FromRing<F>, P>()
    }
}

/// The op with parameters that are bounds: what a narrow integer does not hold does not wrap.
pub const fn with_bounds(op: OpDef) -> OpDef {
    let Body::Elementwise { blocks, params } = op.body else { panic!("an elementwise op") };
    OpDef { body: Body::Elementwise { blocks: blocks.with_bounds(), params }, ..op }
}
