//! The standard deviation.

use crate::invoke;
use crate::shared::reduce::moments;
use adjoint_autograd::{Attrs, Batching, Body, Class, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::Result;
use smallvec::smallvec;

const DOC: &str = "Returns the standard deviation of `input`, the square root of its variance; where it is 0, so is the gradient.\n\n\
     `Σ (x − mean)² / (n − correction)` over `dim`, a dim, a list of dims, or absent for all; `unbiased` is a correction of 1 \
     (the default) or 0. Two passes, so a large common offset does not cancel. NaN where nothing is left to divide by. Reduced dims \
     disappear unless `keepdim`. Floats only. Source: PyTorch, `torch.std`.";

/// The ops: the overloads, and what they become.
pub static DEFS: &[&OpDef] = &[
    &moments::unbiased("std", &INNER, |inputs, attrs| moments::by_unbiased(&INNER, inputs, attrs)).shipped(),
    &moments::dim("std.dim", &INNER, |inputs, attrs| moments::by_dim(&INNER, inputs, attrs)).shipped(),
    &moments::correction("std.correction", &INNER, |inputs, attrs| moments::by_correction(&INNER, inputs, attrs))
        .shipped(),
    &INNER,
];

static INNER: OpDef = OpDef {
    name: "_std",
    part_of: "std",
    doc: DOC,
    args: moments::INNER,
    class: Class::Reduce,
    node: "StdBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(smallvec![moments::spec(call)?]),
        run: |call, outs| moments::run_alone(call, true, &mut outs[0]),
    },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(moments::std_gradient(b.g(), &b.input(0)?, &b.output(0)?, b.attrs())?)])),
    saves: Saves::BOTH,
    samples: moments::samples,
    errors: moments::errors,
    ..OpDef::BASE
}
.shipped();

/// The standard deviation over `dims`, all where there are none.
pub fn std(x: &Tensor, dims: &[usize], correction: f64, keepdim: bool) -> Result<Tensor> {
    invoke::with(&INNER, &[Some(x)], Attrs::new().shape(dims).float(correction).bool(keepdim))
}
