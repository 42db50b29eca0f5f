//! The larger of two numbers, where a NaN loses.

use crate::formula::{Algebra, Ring, RingBinary, ring_binary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Fmax;

impl RingBinary<0> for Fmax {
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        R::select(a.is_nan(), b, R::select(b.is_nan(), a, a.max(b)))
    }
    fn vjp<A: Algebra>(g: A, a: A, b: A, _y: A, []: [A; 0]) -> [A; 2] {
        // Where both are NaN the first gets the gradient, as in PyTorch.
        let (zero, tie, half) = (A::c(0.0), a.eq(b), A::c(0.5) * g);
        let first = a.gt(b) | b.is_nan();
        [A::select(tie, half, A::select(first, g, zero)), A::select(tie, half, A::select(first, zero, g))]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "fmax",
    doc: "Returns the larger of `input` and `other`, or the one that is not NaN, element by element.\n\n\
          Equal elements share the gradient evenly. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.fmax`.",
    node: "FmaxBackward0",
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    in_place: false,
    ..ring_binary::<Fmax, 0>()
}
.shipped();

/// The larger of two numbers, where a NaN loses.
pub fn fmax(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
