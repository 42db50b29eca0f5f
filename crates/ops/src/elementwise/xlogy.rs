//! A product with a logarithm that is 0 at 0.

use super::{eq::eq, isnan::isnan, log::log, mul::mul, to::to, where_::where_};
use crate::formula::{Algebra, Binary, Loops, binary};
use crate::invoke::{self, number};
use crate::shared::samples;
use adjoint_autograd::op::HalfOps;
use adjoint_autograd::{Api, Arg, Attrs, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct XLogY;

impl Binary<0> for XLogY {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        let zero = A::c(0.0);
        let product = A::select(a.eq(zero), zero, a * b.log());
        A::select(b.is_nan(), b, product)
    }
    fn vjp<A: Algebra>(g: A, a: A, b: A, _y: A, []: [A; 0]) -> [A; 2] {
        let zero = A::c(0.0);
        // At a = 0 the derivative by a is log b where that is finite, and 0 at the pole.
        [g * A::select(a.eq(zero) & b.le(zero), zero, b.log()), g * (a / b)]
    }
}

/// The steps of PyTorch, of which each rounds.
fn rounded(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Option<Tensor>> {
    let [Some(a), Some(b)] = *inputs else { return Ok(None) };
    let dtype = if a.dtype().is_half() { a.dtype() } else { b.dtype() };
    if !dtype.is_half() {
        return Ok(None);
    }
    let (a, b, zero) = (to(a, dtype)?, to(b, dtype)?, number(0.0)?);
    let product = where_(&eq(&a, &zero)?, &zero, &mul(&a, &log(&b)?)?)?;
    where_(&isnan(&b)?, &b, &product).map(Some)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "xlogy",
    doc: "Returns `input · log(other)`, and 0 where `input` is 0, element by element.\n\n\
          NaN where `other` is. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.xlogy`.",
    args: &[Arg::number("input"), Arg::number("other")],
    node: "XlogyBackward0",
    surface: &[Api::Function, Api::Method, Api::Special],
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    half_ops: HalfOps::Value(rounded),
    samples: || samples::binary_in((-2.0, 2.0), (0.4, 3.0), &[0.0]),
    ..binary::<XLogY, 0>()
}
.shipped();

/// `x · log(y)`, 0 where `x` is.
pub fn xlogy(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, y)
}
