//! The variance and mean.

use crate::invoke;
use crate::shared::reduce::moments;
use adjoint_autograd::{Attrs, Backward, Batching, Body, Class, Grads, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::Result;
use smallvec::smallvec;

fn vjp(b: &Backward) -> Result<Grads> {
    let x = b.input(0)?;
    let spread = match b.grad(0) {
        Some(g) => Some(moments::var_gradient(g, &x, b.attrs())?),
        None => None,
    };
    moments::with_mean(b, spread)
}

const DOC: &str = "Returns the variance and the mean of `input`.\n\n\
     `Σ (x − mean)² / (n − correction)` over `dim`, a dim, a list of dims, or absent for all; `unbiased` is a correction of 1 \
     (the default) or 0. Two passes, so a large common offset does not cancel. NaN where nothing is left to divide by. Reduced dims \
     disappear unless `keepdim`. Floats only. Source: PyTorch, `torch.var_mean`.";

/// The ops: the overloads, and what they become.
pub static DEFS: &[&OpDef] = &[
    &moments::unbiased("var_mean", &INNER, |inputs, attrs| moments::by_unbiased(&INNER, inputs, attrs)).shipped(),
    &moments::dim("var_mean.dim", &INNER, |inputs, attrs| moments::by_dim(&INNER, inputs, attrs)).shipped(),
    &moments::correction("var_mean.correction", &INNER, |inputs, attrs| moments::by_correction(&INNER, inputs, attrs))
        .shipped(),
    &INNER,
];

static INNER: OpDef = OpDef {
    name: "_var_mean",
    part_of: "var_mean",
    doc: DOC,
    args: moments::INNER,
    outputs: &["var", "mean"],
    class: Class::Reduce,
    node: "VarMeanBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| {
            let spec = moments::spec(call)?;
            Ok(smallvec![spec.clone(), spec])
        },
        run: |call, outs| {
            let [spread, mean] = outs else { unreachable!("the rule says two outputs") };
            moments::run(call, false, spread, mean)
        },
    },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::INPUT,
    samples: moments::samples,
    errors: moments::errors,
    ..OpDef::BASE
}
.shipped();

/// Variance and mean over `dims`.
pub fn var_mean(x: &Tensor, dims: &[usize], correction: f64, keepdim: bool) -> Result<[Tensor; 2]> {
    let mut both = invoke::many(&INNER, &[Some(x)], Attrs::new().shape(dims).float(correction).bool(keepdim))?;
    let mean = both.remove(1);
    Ok([both.remove(0), mean])
}
