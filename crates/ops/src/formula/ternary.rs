//! Ops of three broadcast tensors.

use super::derivative::{jvp, vjp};
use super::derived::{gradient, operand, params};
use super::{Algebra, Loops, Ring, numbers};
use adjoint_autograd::{Body, Class, Jvp, OpDef, Promotion, Vjp};
use adjoint_kernels::algebra::Dual;
use adjoint_kernels::elementwise::{Blocks, Formula, RingFormula, float_blocks, ring_blocks};
use std::marker::PhantomData;

/// A floating-point function of three tensors and `P` numbers.
pub trait Ternary<const P: usize>: 'static {
    /// For what f32 gets loops of its own.
    const LOOPS: Loops = Loops::Forward;
    /// The value.
    fn f<A: Algebra>(x: [A; 3], p: [A; P]) -> A;
    /// The gradients of the arguments, linear in `g`, the gradient of the result `y`.
    ///
    /// Derived from `f`; written where an op knows better.
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, x: [A; 3], y: A, p: [A; P]) -> [A; 3] {
        let _ = y;
        [
            gradient(Self::f(operands::<0, A>(x, g), params(p)), g),
            gradient(Self::f(operands::<1, A>(x, g), params(p)), g),
            gradient(Self::f(operands::<2, A>(x, g), params(p)), g),
        ]
    }
}

/// The same, for functions that integers have too.
pub trait RingTernary<const P: usize>: 'static {
    /// For what f32 gets loops of its own.
    const LOOPS: Loops = Loops::Forward;
    /// The value.
    fn f<R: Ring>(x: [R; 3], p: [R; P]) -> R;
    /// The gradients of the arguments, linear in `g`, the gradient of the result `y`.
    ///
    /// Derived from `f`; written where an op knows better.
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, x: [A; 3], y: A, p: [A; P]) -> [A; 3] {
        let _ = y;
        [
            gradient(Self::f(operands::<0, A>(x, g), params(p)), g),
            gradient(Self::f(operands::<1, A>(x, g), params(p)), g),
            gradient(Self::f(operands::<2, A>(x, g), params(p)), g),
        ]
    }
}

struct Forward<F>(PhantomData<F>);
struct BackwardOf<F, const I: usize>(PhantomData<F>);
struct DerivedOf<F, const I: usize>(PhantomData<F>);
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

impl<F: Ternary<P>, const P: usize, const I: usize> Formula<5, P> for DerivedOf<F, I> {
    #[inline(always)]
    fn eval<A: Algebra>([g, a, b, c, _]: [A; 5], p: [A; P]) -> A {
        gradient(F::f(operands::<I, A>([a, b, c], g), params(p)), g)
    }
}

impl<F: RingTernary<P>, const P: usize> Ternary<P> for FromRing<F> {
    const LOOPS: Loops = F::LOOPS;
    #[inline(always)]
    fn f<A: Algebra>(x: [A; 3], p: [A; P]) -> A {
        F::f(x, p)
    }
    #[inline(always)]
    fn vjp<A: Algebra>(g: A, x: [A; 3], y: A, p: [A; P]) -> [A; 3] {
        F::vjp(g, x, y, p)
    }
}

/// The operands, of which one has a tangent.
#[inline(always)]
fn operands<const WANTED: usize, A: Algebra>([a, b, c]: [A; 3], g: A) -> [Dual<A>; 3] {
    [operand::<WANTED, A>(0, a, g), operand::<WANTED, A>(1, b, g), operand::<WANTED, A>(2, c, g)]
}

struct Gradients<F, const P: usize>(PhantomData<F>);

impl<F: Ternary<P>, const P: usize> Gradients<F, P> {
    const BLOCKS: &[Blocks] = &[
        F::LOOPS.backward(float_blocks::<BackwardOf<F, 0>, 5, P>()),
        F::LOOPS.backward(float_blocks::<BackwardOf<F, 1>, 5, P>()),
        F::LOOPS.backward(float_blocks::<BackwardOf<F, 2>, 5, P>()),
    ];

    /// Those that `vjp` would give if it were not written.
    const DERIVED: &[Blocks] = &[
        float_blocks::<DerivedOf<F, 0>, 5, P>().interpreted(),
        float_blocks::<DerivedOf<F, 1>, 5, P>().interpreted(),
        float_blocks::<DerivedOf<F, 2>, 5, P>().interpreted(),
    ];
}

/// A floating-point op; integers are cast to the default floating dtype. `args` and `samples` are
/// the op's own.
pub const fn ternary<F: Ternary<P>, const P: usize>() -> OpDef {
    OpDef {
        class: Class::Elementwise,
        in_place: true,
        promotion: Promotion::Float,
        body: Body::Elementwise { blocks: F::LOOPS.forward(float_blocks::<Forward<F>, 3, P>()), params: numbers },
        vjp: Vjp::Formula(vjp),
        jvp: Jvp::Fn(jvp),
        gradients: Gradients::<F, P>::BLOCKS,
        derived: || Gradients::<F, P>::DERIVED,
        ..OpDef::BASE
    }
}

/// An op of every dtype.
pub const fn ring_ternary<F: RingTernary<P>, const P: usize>() -> OpDef {
    OpDef {
        promotion: Promotion::Common,
        body: Body::Elementwise {
            blocks: F::LOOPS.forward(ring_blocks::<Forward<FromRing<F>>, 3, P>()),
            params: numbers,
        },
        ..ternary::<FromRing<F>, P>()
    }
}
