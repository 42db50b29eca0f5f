//! A matrix times a vector.

use super::outer::outer;
use crate::invoke;
use crate::shared::contract::batched;
use crate::shared::contract::operands::{inner_sizes, matrix, multiplies, rank};
use crate::shared::contract::samples::{call, fails};
use crate::view::transpose::transpose;
use adjoint_autograd::{
    Arg, Arrays, Backward, Batching, Body, Call, Class, Facts, Grads, Jvp, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::matmul;
use adjoint_tensor::batch::BatchDim;
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let (a, x) = (call.input(0), call.input(1));
    matrix("input", a)?;
    rank("vec", x.shape(), 1, "a vector")?;
    inner_sizes(a.shape(), x.shape())?;
    Ok(Spec::one([a.shape()[0]], multiplies(call.same_dtype()?)?))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (a, x) = (call.input(0), call.input(1));
    let column = x.with_layout(x.layout().unsqueeze(1))?;
    matmul::matmul(1.0, a, &column, 0.0, &mut outs[0])
}

/// The vectors of samples are rows, since the matrix may be one for all.
fn samples_at_once(call: &Call, all: &[BatchDim], specs: &Specs) -> Result<Option<Arrays>> {
    let (a, x) = (call.input(0), call.input(1));
    let row = x.with_layout(x.layout().unsqueeze(0))?;
    let turned = a.with_layout(a.layout().transpose(0, 1))?;
    let out = batched::product(&row, &turned, &batched::ALONE, all)?;
    out.map(|out| Ok(smallvec![batched::shaped(out, &specs[0].shape)?])).transpose()
}

fn vjp(b: &Backward) -> Result<Grads> {
    let g = b.g();
    let da = if b.wants(0) { Some(outer(g, &b.input(1)?)?) } else { None };
    let dx = if b.wants(1) { Some(mv(&transpose(&b.input(0)?, 0, 1)?, g)?) } else { None };
    Ok(smallvec![da, dx])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "mv",
    doc: "Returns the product of a matrix and a vector, `out_i = Σ_k input_ik · vec_k`.\n\n\
          **Shapes**: `input` is `[m, k]`, `vec` `[k]`, the result `[m]`; dtypes must be equal. Source: PyTorch, `torch.mv`.",
    args: &[Arg::tensor("input"), Arg::tensor("vec")],
    class: Class::Contract,
    node: "MvBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::Rule(samples_at_once),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Multilinear,
    saves: Saves { inputs: &[0b10, 0b01], outputs: &[] },
    samples: || vec![call("a product", &[&[3, 4], &[4]]), call("an empty sum", &[&[2, 0], &[0]])],
    errors: || {
        vec![
            fails(
                "inner sizes that differ",
                &[&[2, 3], &[2]],
                "inner sizes differ, lhs [2, 3] has k=3 but rhs [2] has k=2",
            ),
            fails("a matrix", &[&[2, 3], &[3, 1]], "vec must be a vector"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// A matrix times a vector.
pub fn mv(a: &Tensor, x: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, a, x)
}
