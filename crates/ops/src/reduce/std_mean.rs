//! The standard deviation and mean.

use crate::shared::reduce::moments;
use adjoint_autograd::{Backward, Batching, Body, Class, Grads, OpDef, Saves, Vjp};
use adjoint_tensor::Result;
use smallvec::smallvec;

fn vjp(b: &Backward) -> Result<Grads> {
    let x = b.input(0)?;
    let spread = match b.grad(0) {
        Some(g) => Some(moments::std_gradient(g, &x, &b.output(0)?, b.attrs())?),
        None => None,
    };
    moments::with_mean(b, spread)
}

const DOC: &str = "Returns the standard deviation, the square root of the variance, and the mean of `input`.\n\n\
     `Σ (x − mean)² / (n − correction)` over `dim`, a dim, a list of dims, or absent for all; `unbiased` is a correction of 1 \
     (the default) or 0. Two passes, so a large common offset does not cancel. NaN where nothing is left to divide by. Reduced dims \
     disappear unless `keepdim`. Floats only. Source: PyTorch, `torch.std_mean`.";

/// The ops: the overloads, and what they become.
pub static DEFS: &[&OpDef] = &[
    &moments::unbiased("std_mean", &INNER, |inputs, attrs| moments::by_unbiased(&INNER, inputs, attrs)).shipped(),
    &moments::dim("std_mean.dim", &INNER, |inputs, attrs| moments::by_dim(&INNER, inputs, attrs)).shipped(),
    &moments::correction("std_mean.correction", &INNER, |inputs, attrs| moments::by_correction(&INNER, inputs, attrs))
        .shipped(),
    &INNER,
];

static INNER: OpDef = OpDef {
    name: "_std_mean",
    part_of: "std_mean",
    doc: DOC,
    args: moments::INNER,
    outputs: &["std", "mean"],
    class: Class::Reduce,
    node: "StdMeanBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| {
            let spec = moments::spec(call)?;
            Ok(smallvec![spec.clone(), spec])
        },
        run: |call, outs| {
            let [spread, mean] = outs else { unreachable!("the rule says two outputs") };
            moments::run(call, true, spread, mean)
        },
    },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: moments::samples,
    errors: moments::errors,
    ..OpDef::BASE
}
.shipped();
