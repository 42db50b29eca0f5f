//! The logarithm of `|Γ(x)|`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Lgamma;

impl Unary<0> for Lgamma {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.lgamma()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "lgamma",
    also: &[Alias::special("gammaln")],
    doc: "Returns the logarithm of `|Γ(input)|`, element by element.\n\n\
          ∞ at 0 and the negative integers. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.lgamma`.",
    node: "LgammaBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(0.3, 4.0, &[]),
    ..unary::<Lgamma, 0>()
}
.shipped();

/// The logarithm of `|Γ(x)|`.
pub fn lgamma(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
