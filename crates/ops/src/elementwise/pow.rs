//! Powers.

use crate::create::zeros_like::zeros_like;
use crate::formula::{Algebra, Loops, Ring, RingBinary, ring_binary};
use crate::{invoke, samples};
use adjoint_autograd::op::Check;
use adjoint_autograd::{Arg, Attrs, Backward, Grads, OpDef, Saves, Shown, Tensor, Vjp};
use adjoint_tensor::{DType, Error, Result};
use smallvec::smallvec;

struct Pow;

impl RingBinary<0> for Pow {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(a: R, e: R, []: [R; 0]) -> R {
        a.pow(e)
    }
    fn vjp<A: Algebra>(g: A, a: A, e: A, y: A, []: [A; 0]) -> [A; 2] {
        let zero = A::c(0.0);
        // e = 0 gives 0, not 0 · a^−1, which is NaN at a = 0; a = 0 with e ≥ 0 gives 0, not 0 · log 0.
        let da = A::select(e.eq(zero), zero, g * (e * a.powf(e - A::c(1.0))));
        let de = g * A::select(a.eq(zero) & zero.le(e), zero, y * a.log());
        [da, de]
    }
}

fn check(inputs: &[Option<&Tensor>], _: &Attrs, dtype: DType) -> Result<()> {
    let Some(e) = inputs[1] else { return Ok(()) };
    if !dtype.is_float() && e.is_wrapped_number() && e.array().item()?.to_i64() < 0 {
        return Err(Error::usage("integers to negative integer powers are not allowed; cast x to a floating dtype"));
    }
    Ok(())
}

/// The constant 1 that `input⁰` is has no derivatives of any order, where the formula for tensors has `0 · ∞` at 0.
fn vjp(b: &Backward) -> Result<Grads> {
    if !b.wants(1) {
        let e = b.input(1)?;
        if e.rank() == 0 && e.wrap().is_none() && e.array().item()?.to_f64() == 0.0 {
            let zero = zeros_like(&b.input(0)?)?;
            return Ok(smallvec![Some(zero), None]);
        }
    }
    match FORMULA.vjp.function() {
        Some(f) => f(b),
        None => Ok(smallvec![None, None]),
    }
}

static FORMULA: OpDef = ring_binary::<Pow, 0>();

/// The op.
pub static DEF: OpDef = OpDef {
    name: "pow",
    doc: "Returns `input` to the power `exponent`, element by element.\n\n\
          A negative `input` with a fractional exponent gives NaN; `0⁰` is 1. The gradient of `input` is 0 where the exponent is \
          0, that of the exponent is 0 where `input` is 0 and the exponent is not negative. Shapes broadcast and dtypes \
          promote; integers stay integers and refuse negative exponents. Source: PyTorch, `torch.pow`.",
    args: &[Arg::number("input"), Arg::number("exponent")],
    node: "PowBackward0",
    shown: Shown::by_number(|call| match (call.is_number(0), call.is_number(1)) {
        (_, true) => "PowBackward0",
        (true, false) => "PowBackward2",
        (false, false) => "PowBackward1",
    }),
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[0b0, 0b1] },
    check: Check::Attributes(check),
    samples: || samples::binary_in((0.3, 2.0), (-2.0, 2.0), &[0.0]),
    ..ring_binary::<Pow, 0>()
}
.shipped();

/// `x` to the power `exponent`.
pub fn pow(x: &Tensor, exponent: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, exponent)
}
