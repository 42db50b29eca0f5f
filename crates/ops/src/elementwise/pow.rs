//! Powers.

use super::{mul::mul, reciprocal::reciprocal};
use crate::create::zeros_like::zeros_like;
use crate::formula::{Algebra, Loops, Ring, RingBinary, ring_binary};
use crate::invoke;
use crate::shared::checks::not_bools;
use crate::shared::samples;
use adjoint_autograd::op::{Check, HalfOps};
use adjoint_autograd::{Arg, Attrs, Backward, Grads, NodeNaming, OpDef, Saves, Tensor, Vjp};
use adjoint_kernels::elementwise::{Blocks, Formula, RingFormula, float_blocks, ring_blocks};
use adjoint_tensor::{DType, Error, Result};
use smallvec::smallvec;

struct Pow;

impl RingBinary<0> for Pow {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(a: R, e: R, []: [R; 0]) -> R {
        a.pow(e)
    }
    fn vjp<A: Algebra>(g: A, a: A, e: A, y: A, []: [A; 0]) -> [A; 2] {
        [OfBase::eval([g, a, e, y], []), OfExponent::eval([g, a, e, y], [])]
    }
}

// Kernels of their own, since a compiler does not see that a call of the power has no effect where
// its result is not used.

/// The gradient of the base: 0 for an exponent of 0, not 0 · a^−1, which is NaN at a = 0.
struct OfBase;

impl Formula<4, 0> for OfBase {
    #[inline(always)]
    fn eval<A: Algebra>([g, a, e, _]: [A; 4], []: [A; 0]) -> A {
        A::select(e.eq(A::c(0.0)), A::c(0.0), g * (e * a.powf(e - A::c(1.0))))
    }
}

/// The gradient of the exponent: 0 for a base of 0 and an exponent that is not negative, not 0 ·
/// log 0.
struct OfExponent;

impl Formula<4, 0> for OfExponent {
    #[inline(always)]
    fn eval<A: Algebra>([g, a, e, y]: [A; 4], []: [A; 0]) -> A {
        let zero = A::c(0.0);
        g * A::select(a.eq(zero) & zero.le(e), zero, y * a.log())
    }
}

/// `x` to a whole power, by products.
struct Whole<const E: i32>;

impl<const E: i32> RingFormula<1, 0> for Whole<E> {
    #[inline(always)]
    fn eval<R: Ring>([x]: [R; 1], []: [R; 0]) -> R {
        match E {
            0 => R::c(1.0),
            1 => x,
            2 => x * x,
            3 => x * x * x,
            4 => (x * x) * (x * x),
            _ => unreachable!(),
        }
    }
}

/// `x` to the power of `H` halves that is a root, a reciprocal or both.
struct Halves<const H: i32>;

impl<const H: i32> Formula<1, 0> for Halves<H> {
    #[inline(always)]
    fn eval<A: Algebra>([x]: [A; 1], []: [A; 0]) -> A {
        match H {
            1 => x.sqrt(),
            -1 => x.sqrt().recip(),
            -2 => x.recip(),
            -4 => (x * x).recip(),
            _ => unreachable!(),
        }
    }
}

/// `x` to the power of the parameter.
struct Any;

impl RingFormula<1, 1> for Any {
    #[inline(always)]
    fn eval<R: Ring>([x]: [R; 1], [e]: [R; 1]) -> R {
        x.pow(e)
    }
}

/// The gradient `g · e · x^(e − 1)`, with the power given by `F`.
struct Gradient<F>(F);

impl<const E: i32> Formula<4, 1> for Gradient<Whole<E>> {
    #[inline(always)]
    fn eval<A: Algebra>([g, x, _, _]: [A; 4], [e]: [A; 1]) -> A {
        g * (e * Whole::<E>::eval([x], []))
    }
}

impl<const H: i32> Formula<4, 1> for Gradient<Halves<H>> {
    #[inline(always)]
    fn eval<A: Algebra>([g, x, _, _]: [A; 4], [e]: [A; 1]) -> A {
        g * (e * Halves::<H>::eval([x], []))
    }
}

impl Formula<4, 1> for Gradient<Any> {
    #[inline(always)]
    fn eval<A: Algebra>([g, x, _, _]: [A; 4], [e]: [A; 1]) -> A {
        g * (e * x.powf(e - A::c(1.0)))
    }
}

/// An exponent for which there is something simpler than the general power.
struct Special {
    exponent: f64,
    value: Blocks,
    /// The gradient of the power with the exponent that is larger by 1.
    gradient: Blocks,
}

const fn whole<const E: i32>() -> Special {
    Special {
        exponent: E as f64,
        value: ring_blocks::<Whole<E>, 1, 0>(),
        gradient: float_blocks::<Gradient<Whole<E>>, 4, 1>(),
    }
}

const fn halves<const H: i32>() -> Special {
    Special {
        exponent: 0.5 * H as f64,
        value: float_blocks::<Halves<H>, 1, 0>(),
        gradient: float_blocks::<Gradient<Halves<H>>, 4, 1>().interpreted(),
    }
}

/// PyTorch's special exponents, and 4. Those first that programs use most.
static SPECIAL: [Special; 9] = [
    whole::<2>(),
    whole::<1>(),
    whole::<3>(),
    whole::<0>(),
    halves::<1>(),
    halves::<-1>(),
    halves::<-2>(),
    halves::<-4>(),
    whole::<4>(),
];

static ANY: Blocks = ring_blocks::<Any, 1, 1>();
static ANY_GRADIENT: Blocks = float_blocks::<Gradient<Any>, 4, 1>();

fn special(exponent: f64) -> Option<&'static Special> {
    SPECIAL.iter().find(|special| special.exponent == exponent)
}

fn by_number(exponent: f64) -> &'static Blocks {
    special(exponent).map_or(&ANY, |special| &special.value)
}

fn check(inputs: &[Option<&Tensor>], _: &Attrs, dtype: DType) -> Result<()> {
    not_bools(inputs)?;
    let Some(e) = inputs[1] else { return Ok(()) };
    if !dtype.is_float() && e.is_wrapped_number() && e.array().item()?.to_i64() < 0 {
        return Err(Error::usage("integers to negative integer powers are not allowed; cast x to a floating dtype"));
    }
    Ok(())
}

/// PyTorch's kernels for bfloat16 round each product of a cube and of a reciprocal square; those
/// for float16 round once.
fn rounded(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Option<Tensor>> {
    let [Some(x), Some(e)] = *inputs else { return Ok(None) };
    if x.dtype() != DType::BFloat16 || !e.is_wrapped_number() {
        return Ok(None);
    }
    let exponent = e.array().item()?.to_f64();
    if exponent == 3.0 {
        return mul(&mul(x, x)?, x).map(Some);
    }
    if exponent == -2.0 {
        return reciprocal(&mul(x, x)?).map(Some);
    }
    Ok(None)
}

fn vjp(b: &Backward) -> Result<Grads> {
    if !b.wants(1) {
        if let Some(e) = b.number(1) {
            return Ok(smallvec![Some(by_number_vjp(b, e)?), None]);
        }
        // The constant 1 that `input⁰` is has no derivatives of any order, where the formula for
        // tensors has `0 · ∞` at 0.
        let e = b.input(1)?;
        let is_one = e.rank() == 0 && e.tangents().is_none() && !e.array().is_batched();
        if is_one && e.array().item()?.to_f64() == 0.0 {
            let zero = zeros_like(&b.input(0)?)?;
            return Ok(smallvec![Some(zero), None]);
        }
    }
    match FORMULA.vjp.function() {
        Some(f) => f(b),
        None => Ok(smallvec![None, None]),
    }
}

/// The gradient of `x^e` for a number `e`.
fn by_number_vjp(b: &Backward, e: f64) -> Result<Tensor> {
    if e == 0.0 {
        return zeros_like(&b.input(0)?);
    }
    let blocks = special(e - 1.0).map_or(&ANY_GRADIENT, |special| &special.gradient);
    // The steps of PyTorch's derivative, of which each rounds halves.
    if !b.g().dtype().is_half()
        && let Some(g) = b.fused(blocks, 0b01, &[e], true)?
    {
        return Ok(g);
    }
    let x = b.input(0)?;
    mul(b.g(), &mul(&pow(&x, &invoke::number(e - 1.0)?)?, &invoke::number(e)?)?)
}

static FORMULA: OpDef = ring_binary::<Pow, 0>();

/// The op.
pub static DEF: OpDef = OpDef {
    name: "pow",
    doc: "Returns `input` to the power `exponent`, element by element.\n\n\
          A negative `input` with a fractional exponent gives NaN; `0⁰` is 1. The gradient of `input` is 0 where the exponent is \
          0, that of the exponent is 0 where `input` is 0 and the exponent is not negative. Shapes broadcast and dtypes \
          promote; integers stay integers, wrap around and refuse negative exponents.\n\n\
          The exponents −2, −1, −½, 0, ½, 1, 2, 3 and 4, given as numbers, are products, roots and reciprocals, each step rounded \
          once; so `x.pow(0.5)` is `sqrt(x)`, with NaN at −∞ and −0 at −0, where an exponent in a tensor gives ∞ and 0 as C's `pow` \
          does. Other powers are within 0.6 ULP in float32 and 0.8 ULP in float64. Source: PyTorch, `torch.pow`.",
    args: &[Arg::number("input"), Arg::number("exponent")],
    node: "PowBackward0",
    shown: NodeNaming::by_number(|call| match (call.is_number(0), call.is_number(1)) {
        (_, true) => "PowBackward0",
        (true, false) => "PowBackward2",
        (false, false) => "PowBackward1",
    }),
    by_number: Some(by_number),
    gradients: &[float_blocks::<OfBase, 4, 0>(), float_blocks::<OfExponent, 4, 0>()],
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[0b0, 0b1] },
    check: Check::Attributes(check),
    half_ops: HalfOps::Value(rounded),
    samples: || samples::binary_in((0.3, 2.0), (-2.0, 2.0), &[0.0]),
    ..ring_binary::<Pow, 0>()
}
.shipped();

/// `x` to the power `exponent`.
pub fn pow(x: &Tensor, exponent: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, exponent)
}
