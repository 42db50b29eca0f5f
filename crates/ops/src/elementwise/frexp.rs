//! A number as a fraction and a power of 2.

use super::{div::div, exp2::exp2, to::to};
use crate::shared::checks::floating;
use crate::shared::reduce::samples::integers;
use crate::shared::samples;
use adjoint_autograd::{Arg, Backward, Body, Call, Facts, Grads, OpDef, Saves, Spec, Specs, Vjp};
use adjoint_tensor::{Array, DType, Result, scratch};
use smallvec::smallvec;

/// The fraction and the exponent: `x = m · 2^e` with `½ ≤ |m| < 1`; zeros, infinities and NaN are their own
/// fractions.
fn split(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    // A subnormal number is made normal first.
    let (x, lifted) = if x.abs() < f64::MIN_POSITIVE { (x * 2f64.powi(54), 54) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32 - 1022;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent - lifted)
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    floating("input", x.dtype())?;
    Ok(smallvec![Spec::new(x.shape(), x.dtype()), Spec::new(x.shape(), DType::Int32)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let mut values = call.input(0).to_vec_f64()?;
    let mut exponents = scratch::filled(0i32, values.len())?;
    for (v, e) in values.iter_mut().zip(&mut exponents) {
        (*v, *e) = split(*v);
    }
    let shape = call.input(0).shape();
    outs[0].assign(&Array::from_slice(&values, shape)?)?;
    outs[1].assign(&Array::from_slice(&exponents, shape)?)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let exponent = to(&b.output(1)?, b.dtype(0))?;
    Ok(smallvec![b.grad(0).map(|g| div(g, &exp2(&exponent)?)).transpose()?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "frexp",
    doc: "Returns fractions and int32 exponents with `input = mantissa · 2^exponent` and `½ ≤ |mantissa| < 1`.\n\n\
          Exact. Zeros, infinities and NaN are their own fractions, with exponent 0. Integers are an error. \
          Source: PyTorch, `torch.frexp`.",
    args: &[Arg::tensor("input")],
    outputs: &["mantissa", "exponent"],
    node: "FrexpBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    samples: || samples::unary_in(-3.0, 3.0, &[-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]),
    errors: || vec![integers([])],
    ..OpDef::BASE
}
.shipped();
