//! Sums of exponentials, in logarithms.

use crate::formula::{Algebra, Binary, binary};
use crate::invoke;
use crate::shared::checks::floats;
use adjoint_autograd::op::Check;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct LogAddExp;

impl Binary<0> for LogAddExp {
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        // Equal infinities have no difference: they are the sum themselves.
        let same = a.eq(b) & a.abs().eq(A::c(f64::INFINITY));
        A::select(same, a, a.max(b) + (-(a - b).abs()).log1p_exp())
    }
    fn vjp<A: Algebra>(g: A, a: A, b: A, _y: A, []: [A; 0]) -> [A; 2] {
        // NaN at equal infinities, as in PyTorch.
        [g / (A::c(1.0) + (b - a).exp()), g / (A::c(1.0) + (a - b).exp())]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logaddexp",
    doc: "Returns `log(exp(input) + exp(other))`, element by element, without overflow on the way.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.logaddexp`.",
    node: "LogaddexpBackward0",
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    ..binary::<LogAddExp, 0>()
}
.shipped();

/// `log(e^x + e^y)`.
pub fn logaddexp(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
