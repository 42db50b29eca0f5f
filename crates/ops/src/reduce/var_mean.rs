//! The variance and mean.

use super::moments;
use super::sum::restore;
use crate::elementwise::{add::add, div::div};
use crate::invoke;
use adjoint_autograd::{Attrs, Backward, Body, Call, Class, Grads, Half, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let [var, mean] = outs else { unreachable!("the rule says two outputs") };
    moments::var_mean_into(call, var, mean)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let x = b.input(0)?;
    let spread = b.grad(0).map(|g| moments::var_gradient(g, &x, b.attrs())).transpose()?;
    let mean = match b.grad(1) {
        Some(g) => {
            let dims = moments::dims_of(b.attrs(), x.rank())?;
            let n: usize = dims.iter().map(|&d| x.shape()[d]).product();
            Some(restore(&div(g, &invoke::number(n as f64)?)?, x.shape(), &dims, b.attrs().get_bool(2))?)
        }
        None => None,
    };
    Ok(smallvec![match (spread, mean) {
        (Some(a), Some(b)) => Some(add(&a, &b)?),
        (a, b) => a.or(b),
    }])
}

const DOC: &str = "Returns the variance and the mean of `input`.\n\n\
     `Σ (x − mean)² / (n − correction)` over `dim`, a dim, a list of dims, or absent for all; `unbiased` is a correction of 1 \
     (the default) or 0. Two passes, so a large common offset does not cancel. NaN where nothing is left to divide by. Reduced dims \
     disappear unless `keepdim`. Floats only. Source: PyTorch, `torch.var_mean`.";

/// The ops: the overloads, and what they become.
pub static DEFS: &[&OpDef] = &[&VAR_MEAN, &VAR_MEAN_DIM, &VAR_MEAN_CORRECTION, &INNER];

static VAR_MEAN: OpDef = OpDef {
    name: "var_mean",
    doc: DOC,
    args: moments::UNBIASED,
    outputs: &["var", "mean"],
    body: Body::Composite(|inputs, attrs| moments::by_unbiased(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static VAR_MEAN_DIM: OpDef = OpDef {
    name: "var_mean.dim",
    doc: DOC,
    args: moments::DIM,
    outputs: &["var", "mean"],
    body: Body::Composite(|inputs, attrs| moments::by_dim(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static VAR_MEAN_CORRECTION: OpDef = OpDef {
    name: "var_mean.correction",
    doc: DOC,
    args: moments::CORRECTION,
    outputs: &["var", "mean"],
    body: Body::Composite(|inputs, attrs| moments::by_correction(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

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
        run,
    },
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
