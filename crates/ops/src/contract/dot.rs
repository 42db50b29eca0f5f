//! The inner product of two vectors.

use crate::elementwise::mul::mul;
use crate::invoke;
use crate::shared::contract::batched;
use crate::shared::contract::operands::{inner_sizes, multiplies, rank};
use crate::shared::contract::samples::{call, fails};
use adjoint_autograd::{
    Arg, Arrays, Backward, Batching, Body, Call, Class, Facts, Grads, Jvp, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::matmul;
use adjoint_tensor::batch::BatchDim;
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let (x, y) = (call.input(0), call.input(1));
    rank("input", x.shape(), 1, "a vector")?;
    rank("tensor", y.shape(), 1, "a vector")?;
    inner_sizes(x.shape(), y.shape())?;
    Ok(Spec::one([], multiplies(call.same_dtype()?)?))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, y) = (call.input(0), call.input(1));
    let row = x.with_layout(x.layout().unsqueeze(0))?;
    let column = y.with_layout(y.layout().unsqueeze(1))?;
    matmul::matmul(1.0, &row, &column, 0.0, &mut outs[0])
}

fn samples_at_once(call: &Call, all: &[BatchDim], specs: &Specs) -> Result<Option<Arrays>> {
    let (x, y) = (call.input(0), call.input(1));
    // Only the first may have samples where one product serves all.
    let (x, y) = if x.is_batched() { (x, y) } else { (y, x) };
    let (row, column) = (x.with_layout(x.layout().unsqueeze(0))?, y.with_layout(y.layout().unsqueeze(1))?);
    let out = batched::product(&row, &column, &batched::ALONE, all)?;
    out.map(|out| Ok(smallvec![batched::shaped(out, &specs[0].shape)?])).transpose()
}

fn vjp(b: &Backward) -> Result<Grads> {
    let g = b.g();
    let dx = if b.wants(0) { Some(mul(&b.input(1)?, g)?) } else { None };
    let dy = if b.wants(1) { Some(mul(&b.input(0)?, g)?) } else { None };
    Ok(smallvec![dx, dy])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "dot",
    doc: "Returns the inner product of two vectors, `Σ input_i · tensor_i`, as a 0-dim tensor.\n\n\
          Sizes and dtypes must be equal. 0 for empty vectors. Source: PyTorch, `torch.dot`.",
    args: &[Arg::tensor("input"), Arg::tensor("tensor")],
    class: Class::Contract,
    node: "DotBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::Rule(samples_at_once),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Multilinear,
    saves: Saves { inputs: &[0b10, 0b01], outputs: &[] },
    samples: || vec![call("two vectors", &[&[5], &[5]]), call("empty vectors", &[&[0], &[0]])],
    errors: || {
        vec![
            fails("sizes that differ", &[&[3], &[2]], "inner sizes differ, lhs [3] has k=3 but rhs [2] has k=2"),
            fails("matrices", &[&[2, 2], &[2, 2]], "input must be a vector"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// The inner product of two vectors.
pub fn dot(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, y)
}
