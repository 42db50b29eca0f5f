//! A product with the logarithm of one more that is 0 at 0.

use crate::formula::{Algebra, Binary, Loops, binary};
use crate::shared::samples;
use adjoint_autograd::{Api, Arg, OpDef, Saves};

struct XLog1Py;

impl Binary<0> for XLog1Py {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        let zero = A::c(0.0);
        let product = A::select(a.eq(zero), zero, a * b.log1p());
        A::select(b.is_nan(), b, product)
    }
    fn vjp<A: Algebra>(g: A, a: A, b: A, _y: A, []: [A; 0]) -> [A; 2] {
        // At a = 0 the derivative by a is log(1 + b) where that is finite, and 0 at the pole.
        let pole = a.eq(A::c(0.0)) & b.le(A::c(-1.0));
        [g * A::select(pole, A::c(0.0), b.log1p()), g * (a / (b + A::c(1.0)))]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "xlog1py",
    doc: "Returns `input · log(1 + other)`, and 0 where `input` is 0, element by element.\n\n\
          NaN where `other` is. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.special.xlog1py`.",
    args: &[Arg::number("input"), Arg::number("other")],
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialXlog1PyBackward0",
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    samples: || samples::binary_in((-2.0, 2.0), (-0.6, 3.0), &[0.0]),
    ..binary::<XLog1Py, 0>()
}
.shipped();
