//! A step.

use crate::formula::{Algebra, Ring, RingBinary, nothing, ring_binary};
use crate::shared::checks::same_dtype;
use adjoint_autograd::{Arg, Check, OpDef, Saves, Vjp};

struct Heaviside;

impl RingBinary<0> for Heaviside {
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        let zero = R::c(0.0);
        R::select(a.eq(zero), b, R::select(a.gt(zero), R::c(1.0), zero))
    }
    fn vjp<A: Algebra>(g: A, _a: A, _b: A, _y: A, []: [A; 0]) -> [A; 2] {
        [nothing(g), nothing(g)]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "heaviside",
    doc: "Returns 0 where `input` is negative or NaN, `values` where it is 0 and 1 where it is positive.\n\n\
          Both must have one dtype. Shapes broadcast. Without a derivative. Source: PyTorch, `torch.heaviside`.",
    args: &[Arg::tensor("input"), Arg::tensor("values")],
    check: Check::Calls(|inputs, _, _| match inputs {
        [Some(x), Some(values), ..] => same_dtype("values", values.dtype(), x.dtype()),
        _ => Ok(()),
    }),
    vjp: Vjp::None("PyTorch has none either"),
    saves: Saves::NOTHING,
    ..ring_binary::<Heaviside, 0>()
}
.shipped();
