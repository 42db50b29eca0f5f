//! Ops of two broadcast tensors.

use super::derivative::{jvp, vjp};
use super::derived::{gradient, operand, params};
use super::{Algebra, Loops, Ring, numbers};
use crate::shared::samples;
use adjoint_autograd::{Arg, Attrs, Body, Class, Jvp, OpDef, Params, Promotion, Vjp};
use adjoint_kernels::elementwise::{Blocks, Formula, RingFormula, float_blocks, ring_blocks};
use adjoint_tensor::Result;
use std::marker::PhantomData;

/// A floating-point function of two tensors and `P` numbers.
pub trait Binary<const P: usize>: 'static {
    /// For what f32 gets loops of its own.
    const LOOPS: Loops = Loops::Forward;
    /// The value.
    fn f<A: Algebra>(a: A, b: A, p: [A; P]) -> A;
    /// The gradients of `a` and `b`, linear in `g`, the gradient of the result `y`.
    ///
    /// Derived from `f`; written where an op knows better.
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, a: A, b: A, y: A, p: [A; P]) -> [A; 2] {
        let _ = y;
        [
            gradient(Self::f(operand::<0, A>(0, a, g), operand::<0, A>(1, b, g), params(p)), g),
            gradient(Self::f(operand::<1, A>(0, a, g), operand::<1, A>(1, b, g), params(p)), g),
        ]
    }
}

/// The same, for functions that integers have too.
pub trait RingBinary<const P: usize>: 'static {
    /// For what f32 gets loops of its own.
    const LOOPS: Loops = Loops::Forward;
    /// The value.
    fn f<R: Ring>(a: R, b: R, p: [R; P]) -> R;
    /// The gradients of `a` and `b`, linear in `g`, the gradient of the result `y`.
    ///
    /// Derived from `f`; written where an op knows better.
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, a: A, b: A, y: A, p: [A; P]) -> [A; 2] {
        let _ = y;
        [
            gradient(Self::f(operand::<0, A>(0, a, g), operand::<0, A>(1, b, g), params(p)), g),
            gradient(Self::f(operand::<1, A>(0, a, g), operand::<1, A>(1, b, g), params(p)), g),
        ]
    }
}

const ARGS: &[Arg] = &[Arg::tensor("input"), Arg::number("other")];

struct Forward<F>(PhantomData<F>);
struct BackwardOf<F, const I: usize>(PhantomData<F>);
struct DerivedOf<F, const I: usize>(PhantomData<F>);
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

impl<F: Binary<P>, const P: usize, const I: usize> Formula<4, P> for DerivedOf<F, I> {
    #[inline(always)]
    fn eval<A: Algebra>([g, a, b, _]: [A; 4], p: [A; P]) -> A {
        gradient(F::f(operand::<I, A>(0, a, g), operand::<I, A>(1, b, g), params(p)), g)
    }
}

impl<F: RingBinary<P>, const P: usize> Binary<P> for FromRing<F> {
    const LOOPS: Loops = F::LOOPS;
    #[inline(always)]
    fn f<A: Algebra>(a: A, b: A, p: [A; P]) -> A {
        F::f(a, b, p)
    }
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, a: A, b: A, y: A, p: [A; P]) -> [A; 2] {
        F::vjp(g, a, b, y, p)
    }
}

struct Gradients<F, const P: usize>(PhantomData<F>);

impl<F: Binary<P>, const P: usize> Gradients<F, P> {
    const BLOCKS: &[Blocks] = &[
        F::LOOPS.backward(float_blocks::<BackwardOf<F, 0>, 4, P>()),
        F::LOOPS.backward(float_blocks::<BackwardOf<F, 1>, 4, P>()),
    ];

    /// Those that `vjp` would give if it were not written.
    const DERIVED: &[Blocks] =
        &[float_blocks::<DerivedOf<F, 0>, 4, P>().interpreted(), float_blocks::<DerivedOf<F, 1>, 4, P>().interpreted()];
}

/// A floating-point op; integers are cast to the default floating dtype.
pub const fn binary<F: Binary<P>, const P: usize>() -> OpDef {
    OpDef {
        args: ARGS,
        class: Class::Elementwise,
        in_place: true,
        promotion: Promotion::Float,
        body: Body::Elementwise { blocks: F::LOOPS.forward(float_blocks::<Forward<F>, 2, P>()), params: numbers },
        vjp: Vjp::Formula(vjp),
        jvp: Jvp::Fn(jvp),
        gradients: Gradients::<F, P>::BLOCKS,
        derived: || Gradients::<F, P>::DERIVED,
        samples: samples::binary,
        errors: samples::binary_errors,
        ..OpDef::BASE
    }
}

/// An op of every dtype.
pub const fn ring_binary<F: RingBinary<P>, const P: usize>() -> OpDef {
    OpDef {
        promotion: Promotion::Common,
        body: Body::Elementwise {
            blocks: F::LOOPS.forward(ring_blocks::<Forward<FromRing<F>>, 2, P>()),
            params: numbers,
        },
        ..binary::<FromRing<F>, P>()
    }
}

/// The same with kernel parameters made from the attributes by `params`.
pub const fn ring_binary_with<F: RingBinary<P>, const P: usize>(params: fn(&Attrs) -> Result<Params>) -> OpDef {
    OpDef {
        body: Body::Elementwise { blocks: F::LOOPS.forward(ring_blocks::<Forward<FromRing<F>>, 2, P>()), params },
        ..ring_binary::<F, P>()
    }
}
