//! The derivative of `log Γ`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::elementwise::single;
use crate::shared::samples;
use adjoint_autograd::op::HalfOps;
use adjoint_autograd::{Alias, Api, Attrs, Backward, Grads, Jvp, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::Result;
use smallvec::smallvec;

struct Digamma;

impl Unary<0> for Digamma {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.digamma()
    }
    fn vjp<A: Algebra>(g: A, _x: A, _y: A, []: [A; 0]) -> A {
        g
    }
}

/// The derivative is not in [`Algebra`]: it is [`super::polygamma`] of order 1.
fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(super::mul::mul(b.g(), &super::polygamma::polygamma(1, &b.input(0)?)?)?)])
}

/// In float32, as PyTorch's function for halves.
fn in_single(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Option<Tensor>> {
    inputs[0].filter(|x| x.dtype().is_half()).map(|x| single::of_halves(x, single::digamma)).transpose()
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "digamma",
    surface: &[Api::Function, Api::Method, Api::Special],
    also: &[Alias::special("psi")],
    doc: "Returns the derivative of the logarithm of the gamma function at `input`, element by element.\n\n\
          NaN at the negative integers, −∞ at 0 with the sign of 0 turned. Integers are computed in float32. \
          Source: PyTorch, `torch.digamma`.",
    node: "DigammaBackward0",
    saves: Saves::INPUT,
    half_ops: HalfOps::Value(in_single),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Transposed,
    samples: || samples::unary_in(0.3, 4.0, &[]),
    ..unary::<Digamma, 0>()
}
.shipped();

/// The derivative of `log Γ`.
pub fn digamma(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
