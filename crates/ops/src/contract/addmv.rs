//! Products added to a tensor: a matrix with a vector, two vectors, and the sum over a batch.

use super::bmm::{bmm, check};
use super::{mv::mv, outer::outer};
use crate::elementwise::{add::add, flat::flat};
use crate::reduce::sum::sum_dims;
use crate::shared::contract::operands::rank;
use crate::shared::contract::samples;
use crate::shared::contract::scaled::{ALPHA, BETA, broadcasts, factors, held, times};
use adjoint_autograd::{Arg, Attrs, Body, OpDef, Outputs, Tensor};
use adjoint_tensor::{Error, Result};
use smallvec::smallvec;

fn scaled(
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
    check: impl Fn(&[usize], &[usize]) -> Result<()>,
    product: impl Fn(&Tensor, &Tensor, f64) -> Result<Tensor>,
) -> Result<Outputs> {
    let [Some(input), Some(a), Some(b)] = *inputs else { return Err(Error::usage("expected three tensors")) };
    // The product's own check would call the operands by its names.
    check(a.shape(), b.shape())?;
    let (beta, alpha) = factors(attrs);
    let product = product(a, b, alpha)?;
    held(attrs, product.dtype())?;
    broadcasts(input.shape(), product.shape())?;
    // With `beta` 0 the input is not read, so that NaN there does not matter.
    Ok(smallvec![if beta == 0.0 { flat(product, input)? } else { add(&times(input.clone(), beta)?, &product)? }])
}

const BASE: OpDef = OpDef { in_place: true, ..OpDef::COMPOSITE };

static ADDMV: OpDef = OpDef {
    name: "addmv",
    doc: "Returns `beta · input + alpha · (mat · vec)`.\n\n\
          **Shapes**: `mat` is `[m, k]`, `vec` `[k]`, and `input` broadcasts to `[m]`. With `beta` 0, `input` is not read. \
          Source: PyTorch, `torch.addmv`.",
    args: &[Arg::tensor("input"), Arg::tensor("mat"), Arg::tensor("vec"), BETA, ALPHA],
    body: Body::Composite(|inputs, attrs| {
        let operands = |mat: &[usize], vec: &[usize]| rank("mat", mat, 2, "a matrix").and(rank("vec", vec, 1, "a vector"));
        scaled(inputs, attrs, operands, |a, b, alpha| times(mv(a, b)?, alpha))
    }),
    samples: || vec![samples::call("a vector", &[&[2], &[2, 3], &[3]]), samples::call("a 0-dim tensor", &[&[], &[2, 3], &[3]])],
    errors: || vec![samples::fails("sizes that differ", &[&[2], &[2, 3], &[4]], "k=3")],
    ..BASE
}.shipped();

static ADDR: OpDef = OpDef {
    name: "addr",
    doc: "Returns `beta · input + alpha · (vec1 ⊗ vec2)`.\n\n\
          **Shapes**: `vec1` is `[m]`, `vec2` `[n]`, and `input` broadcasts to `[m, n]`. With `beta` 0, `input` is not read. \
          Source: PyTorch, `torch.addr`.",
    args: &[Arg::tensor("input"), Arg::tensor("vec1"), Arg::tensor("vec2"), BETA, ALPHA],
    // PyTorch multiplies from the left, by factors of the dtype of the vectors.
    body: Body::Composite(|inputs, attrs| {
        let operands = |a: &[usize], b: &[usize]| rank("vec1", a, 1, "a vector").and(rank("vec2", b, 1, "a vector"));
        let held = match inputs[1] {
            Some(a) if a.dtype().is_half() => {
                let (beta, alpha) = factors(attrs);
                &Attrs::new().scalar(a.dtype().nearest(beta)).scalar(a.dtype().nearest(alpha))
            }
            _ => attrs,
        };
        scaled(inputs, held, operands, |a, b, alpha| outer(&times(a.clone(), alpha)?, b))
    }),
    samples: || vec![samples::call("a matrix", &[&[2, 3], &[2], &[3]]), samples::call("a row", &[&[3], &[2], &[3]])],
    errors: || vec![samples::fails("a matrix for a vector", &[&[2, 3], &[2, 1], &[3]], "must be a vector")],
    ..BASE
}.shipped();

static ADDBMM: OpDef = OpDef {
    name: "addbmm",
    doc: "Returns `beta · input + alpha · Σ_i batch1_i · batch2_i`.\n\n\
          **Shapes**: `batch1` is `[b, m, k]`, `batch2` `[b, k, n]`, and `input` broadcasts to `[m, n]`. With `beta` 0, `input` is \
          not read. Source: PyTorch, `torch.addbmm`.",
    args: &[Arg::tensor("input"), Arg::tensor("batch1"), Arg::tensor("batch2"), BETA, ALPHA],
    body: Body::Composite(|inputs, attrs| {
        let operands = |a: &[usize], b: &[usize]| check(("batch1", a), ("batch2", b));
        scaled(inputs, attrs, operands, |a, b, alpha| times(sum_dims(&bmm(a, b)?, &[0], false)?, alpha))
    }),
    samples: || vec![samples::call("two pairs", &[&[2, 3], &[2, 2, 4], &[2, 4, 3]])],
    errors: || vec![samples::fails("sizes that differ", &[&[2, 3], &[2, 2, 4], &[2, 5, 3]], "4")],
    ..BASE
}.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&ADDBMM, &ADDMV, &ADDR];
