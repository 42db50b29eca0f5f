//! The variance.

use crate::invoke;
use crate::shared::reduce::moments;
use adjoint_autograd::{Attrs, Batching, Body, Class, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::Result;
use smallvec::smallvec;

const DOC: &str = "Returns the variance of `input`.\n\n\
     `Σ (x − mean)² / (n − correction)` over `dim`, a dim, a list of dims, or absent for all; `unbiased` is a correction of 1 \
     (the default) or 0. Two passes, so a large common offset does not cancel. NaN where nothing is left to divide by. Reduced dims \
     disappear unless `keepdim`. Floats only. Source: PyTorch, `torch.var`.";

/// The ops: the overloads, and what they become.
pub static DEFS: &[&OpDef] = &[
    &moments::unbiased("var", &INNER, |inputs, attrs| moments::by_unbiased(&INNER, inputs, attrs)).shipped(),
    &moments::dim("var.dim", &INNER, |inputs, attrs| moments::by_dim(&INNER, inputs, attrs)).shipped(),
    &moments::correction("var.correction", &INNER, |inputs, attrs| moments::by_correction(&INNER, inputs, attrs))
        .shipped(),
    &INNER,
];

static INNER: OpDef = OpDef {
    name: "_var",
    part_of: "var",
    doc: DOC,
    args: moments::INNER,
    class: Class::Reduce,
    node: "VarBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(smallvec![moments::spec(call)?]),
        run: |call, outs| moments::run_alone(call, false, &mut outs[0]),
    },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(moments::var_gradient(b.g(), &b.input(0)?, b.attrs())?)])),
    saves: Saves::INPUT,
    samples: moments::samples,
    errors: moments::errors,
    ..OpDef::BASE
}
.shipped();

/// The variance over `dims`, all where there are none.
pub fn var(x: &Tensor, dims: &[usize], correction: f64, keepdim: bool) -> Result<Tensor> {
    invoke::with(&INNER, &[Some(x)], Attrs::new().shape(dims).float(correction).bool(keepdim))
}
