//! An affine map of the last dim.

use super::mm::mm;
use crate::invoke;
use crate::reduce::sum::sum_dims;
use crate::shared::contract::batched::{self, Onto};
use crate::shared::contract::operands::{inner_sizes, multiplies};
use crate::shared::contract::samples::{call, fails};
use crate::shared::contract::scaled::broadcasts;
use crate::view::{reshape::reshape, transpose::transpose};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Arrays, Attrs, Backward, Batching, Body, Call, Class, ErrorSample, Facts, Grads, Kind, NodeNaming, OpDef,
    Sample, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_cpu::matmul::{self, Factor};
use adjoint_cpu::reduce::sum_into;
use adjoint_tensor::batch::BatchDim;
use adjoint_tensor::{Array, DType, Dims, Error, Layout, Result};
use smallvec::smallvec;

/// The weight as a matrix: a vector is one row, whose dim the result does not get.
fn weight_matrix(w: &Array) -> Result<Array> {
    if w.rank() == 1 { w.with_layout(w.layout().unsqueeze(0)) } else { Ok(w.clone()) }
}

fn rule(call: &Facts) -> Result<Specs> {
    let (x, w) = (call.input(0), call.input(1));
    if x.rank() == 0 || w.rank() == 0 || w.rank() > 2 {
        return Err(Error::shape(format!(
            "expected an input of at least 1 dim and a weight [out, in], got input {:?} and weight {:?}",
            x.shape(),
            w.shape()
        )));
    }
    let (lead, k) = x.shape().split_at(x.rank() - 1);
    if k[0] != w.shape()[w.rank() - 1] {
        return inner_sizes(x.shape(), &[w.shape()[w.rank() - 1], w.shape()[0]]).map(|()| Specs::new());
    }
    let mut shape = Dims::from_slice(lead);
    if w.rank() == 2 {
        shape.push(w.shape()[0]);
    }
    if let Some(bias) = call.given(2)
        && bias.shape() != &shape[shape.len().saturating_sub(1)..]
    {
        broadcasts(bias.shape(), &shape)?;
    }
    Ok(Spec::one(shape, multiplies(call.same_dtype()?)?))
}

/// The usual case: floats, contiguous rows, a matrix, and a row or nothing to add; false where it
/// is another.
fn plain(x: &Array, w: &Array, k: usize, bias: Option<&Array>, out: &mut Array) -> Result<bool> {
    let (Some(rows), 2, true) = (Factor::rows(x, k), w.rank(), out.dtype().is_float()) else { return Ok(false) };
    let columns = [w.shape()[0]];
    if bias.is_some_and(|bias| bias.shape() != columns || !bias.is_contiguous()) {
        return Ok(false);
    }
    if let Some(bias) = bias {
        floats!(out.dtype(), T => out.repeat::<T>(bias));
    }
    let beta = if bias.is_some() { 1.0 } else { 0.0 };
    matmul::multiply(1.0, rows, Factor::of(w).transposed(), beta, out)?;
    Ok(true)
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, w) = (call.input(0), call.input(1));
    let k = x.shape()[x.rank() - 1];
    let bias = call.given(2);
    if plain(x, w, k, bias, &mut outs[0])? { Ok(()) } else { general(x, w, k, bias, &mut outs[0]) }
}

/// Apart from the usual case, which is all that most programs run.
#[inline(never)]
fn general(x: &Array, w: &Array, k: usize, bias: Option<&Array>, out: &mut Array) -> Result<()> {
    let rows: usize = x.shape()[..x.rank() - 1].iter().product();
    let x = match x.layout().view(&[rows, k]) {
        Some(layout) => x.with_layout(layout)?,
        None => {
            let x = x.contiguous()?;
            x.with_layout(Layout::contiguous(&[rows, k]))?
        }
    };
    let w = weight_matrix(w)?;
    let wt = w.with_layout(w.layout().transpose(0, 1))?;
    let Some(bias) = bias else {
        return matmul::matmul(1.0, &x, &wt, 0.0, out);
    };
    if out.dtype().is_float() {
        out.assign(bias)?;
        return matmul::matmul(1.0, &x, &wt, 1.0, out);
    }
    // Integer products cannot start from a value.
    matmul::matmul(1.0, &x, &wt, 0.0, out)?;
    let products = out.to_vec_i64()?;
    out.assign(bias)?;
    let mut sums = out.to_vec_i64()?;
    sums.iter_mut().zip(products).for_each(|(a, b)| *a = a.wrapping_add(b));
    out.assign(&Array::from_slice(&sums, out.shape())?)
}

/// Rows of all samples where the weight is one matrix for all; a batch of products where it is not.
fn samples_at_once(call: &Call, all: &[BatchDim], specs: &Specs) -> Result<Option<Arrays>> {
    let (x, w, bias) = (call.input(0), call.input(1), call.given(2));
    let k = x.shape()[x.rank() - 1];
    // A bias that is more than a row goes by the shape of the result.
    if w.rank() != 2 || k == 0 || bias.is_some_and(|bias| bias.rank() > 1) {
        return Ok(None);
    }
    let rows = [x.numel() / k, k];
    let x = match x.layout().view(&rows) {
        Some(layout) => x.with_layout(layout)?,
        None => x.copy(x.dtype())?.with_layout(Layout::contiguous(&rows))?,
    };
    let turned = w.with_layout(w.layout().transpose(0, 1))?;
    let onto = Onto { input: bias, beta: 1.0, alpha: 1.0 };
    let out = batched::product(&x, &turned, &onto, all)?;
    out.map(|out| Ok(smallvec![batched::shaped(out, &specs[0].shape)?])).transpose()
}

fn vjp(b: &Backward) -> Result<Grads> {
    match matrices(b)? {
        Some(grads) => Ok(grads),
        None => general_vjp(b),
    }
}

/// The gradients where only values are asked for and everything is a matrix, or a row for the bias:
/// three kernels and no ops.
fn matrices(b: &Backward) -> Result<Option<Grads>> {
    let g = b.g();
    if !b.is_value_only() || g.rank() != 2 || !matches!(g.dtype(), DType::Float32 | DType::Float64) {
        return Ok(None);
    }
    let values = |i: usize| b.input_values(i).filter(|x| x.rank() == 2);
    let g = g.array();
    let dx = if b.wants(0) {
        let Some(w) = values(1) else { return Ok(None) };
        Some(product(Factor::of(g), Factor::of(&w), b.like_input(0)?)?)
    } else {
        None
    };
    let dw = if b.wants(1) {
        let Some(x) = values(0) else { return Ok(None) };
        if b.shape(1).len() != 2 {
            return Ok(None);
        }
        Some(product(Factor::of(g).transposed(), Factor::of(&x), b.like_input(1)?)?)
    } else {
        None
    };
    let db = if b.inputs() > 2 && b.wants(2) {
        // Another bias than a row is summed by the engine.
        Some(if b.shape(2) == [g.shape()[1]] {
            let mut out = b.like_input(2)?;
            sum_into(g, &[0], &mut out)?;
            Tensor::from_array(out)
        } else {
            b.g().clone()
        })
    } else {
        None
    };
    Ok(Some(smallvec![dx, dw, db]))
}

fn product(a: Factor, b: Factor, mut out: Array) -> Result<Tensor> {
    matmul::multiply(1.0, a, b, 0.0, &mut out)?;
    Ok(Tensor::from_array(out))
}

/// Apart from [`matrices`], which is all that most programs run.
#[inline(never)]
fn general_vjp(b: &Backward) -> Result<Grads> {
    let g = b.g();
    // Everything as matrices: g [rows, n], x [rows, k], w [n, k].
    let vector = b.opt_input(1)?.map(|w| w.rank()) == Some(1) || b.wants(1) && b.shape(1).len() == 1;
    let n = if vector { 1 } else { g.shape()[g.rank() - 1] };
    let rows: usize = if vector { g.numel() } else { g.shape()[..g.rank() - 1].iter().product() };
    let g2 = reshape(g, &[rows, n])?;
    let dx = if b.wants(0) {
        let w = b.input(1)?;
        let w2 = reshape(&w, &[n, w.shape()[w.rank() - 1]])?;
        Some(reshape(&mm(&g2, &w2)?, b.shape(0))?)
    } else {
        None
    };
    let dw = if b.wants(1) {
        let x = b.input(0)?;
        let x2 = reshape(&x, &[rows, x.shape()[x.rank() - 1]])?;
        Some(reshape(&mm(&transpose(&g2, 0, 1)?, &x2)?, b.shape(1))?)
    } else {
        None
    };
    let db = if b.inputs() > 2 && b.wants(2) {
        // The usual bias is one row: its gradient is a sum of columns. Others are summed by the
        // engine.
        Some(if b.shape(2) == [n] && g.shape() != [n] { sum_dims(&g2, &[0], false)? } else { g.clone() })
    } else {
        None
    };
    Ok(smallvec![dx, dw, db])
}

fn samples() -> Vec<Sample> {
    vec![
        call("a batch", &[&[3, 4], &[2, 4], &[2]]),
        call("more leading dims", &[&[2, 2, 3], &[2, 3], &[2]]),
        call("one vector", &[&[3], &[4, 3], &[4]]),
        call("without a bias", &[&[2, 3], &[4, 3]]),
        call("a weight of one row", &[&[2, 3], &[3]]),
        call("an empty batch", &[&[0, 3], &[4, 3], &[4]]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    vec![
        fails("sizes that differ", &[&[2, 3], &[5, 4]], "lhs [2, 3] has k=3 but rhs [4, 5] has k=4"),
        fails("a weight of three dims", &[&[2, 3], &[4, 3, 1]], "a weight [out, in]"),
        fails("a bias that does not broadcast", &[&[2, 3], &[4, 3], &[3]], "input [3] does not broadcast"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linear",
    doc: "Returns `input · weightᵀ + bias`: an affine map of the last dim.\n\n\
          **Shapes**: `input` is `[*, in]`, `weight` `[out, in]`, `bias` `[out]` or absent, the result `[*, out]`; dtypes must be equal. One \
          product, started from the bias. `dinput = g · weight`, `dweight = gᵀ · input`, `dbias = Σ g`. Source: PyTorch, \
          `torch.nn.functional.linear`.",
    args: &[Arg::tensor("input"), Arg::tensor("weight"), Arg::optional("bias", Kind::Tensor, Default::None)],
    class: Class::Contract,
    surface: &[Api::Functional],
    node: "AddmmBackward0",
    shown: NodeNaming::by_call(|call| match call.outputs[0].shape().len() {
        // A bias without gradient has no edge, as one that was not given.
        2 if call.edges[1].is_some() && call.edges[2].is_none() => "MmBackward0",
        2 => "AddmmBackward0",
        // PyTorch multiplies rows, and takes the result apart again.
        _ => "UnsafeViewBackward0",
    })
    .saving(&[("input", "mat1")]),
    body: Body::Kernel { rule, run },
    batching: &Batching::Rule(samples_at_once),
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b10, 0b01, 0], outputs: &[] },
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();

/// `x · weightᵀ + bias`.
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(weight), bias], Attrs::new())
}
