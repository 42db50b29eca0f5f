//! The standard deviation and mean.

use super::moments;
use super::sum::restore;
use crate::elementwise::{add::add, div::div};
use crate::invoke;
use adjoint_autograd::{Backward, Body, Call, Class, Grads, Half, OpDef, Saves, Vjp};
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let [std, mean] = outs else { unreachable!("the rule says two outputs") };
    moments::std_mean_into(call, std, mean)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let x = b.input(0)?;
    let spread = b.grad(0).map(|g| moments::std_gradient(g, &x, &b.output(0)?, b.attrs())).transpose()?;
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

const DOC: &str = "Returns the standard deviation, the square root of the variance, and the mean of `input`.\n\n\
     `Σ (x − mean)² / (n − correction)` over `dim`, a dim, a list of dims, or absent for all; `unbiased` is a correction of 1 \
     (the default) or 0. Two passes, so a large common offset does not cancel. NaN where nothing is left to divide by. Reduced dims \
     disappear unless `keepdim`. Floats only. Source: PyTorch, `torch.std_mean`.";

/// The ops: the overloads, and what they become.
pub static DEFS: &[&OpDef] = &[&STD_MEAN, &STD_MEAN_DIM, &STD_MEAN_CORRECTION, &INNER];

static STD_MEAN: OpDef = OpDef {
    name: "std_mean",
    doc: DOC,
    args: moments::UNBIASED,
    outputs: &["std", "mean"],
    body: Body::Composite(|inputs, attrs| moments::by_unbiased(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static STD_MEAN_DIM: OpDef = OpDef {
    name: "std_mean.dim",
    doc: DOC,
    args: moments::DIM,
    outputs: &["std", "mean"],
    body: Body::Composite(|inputs, attrs| moments::by_dim(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static STD_MEAN_CORRECTION: OpDef = OpDef {
    name: "std_mean.correction",
    doc: DOC,
    args: moments::CORRECTION,
    outputs: &["std", "mean"],
    body: Body::Composite(|inputs, attrs| moments::by_correction(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

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
        run,
    },
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: moments::samples,
    errors: moments::errors,
    ..OpDef::BASE
}
.shipped();
