//! The product of two matrices.

use crate::invoke;
use crate::shared::contract::batched;
use crate::shared::contract::operands::{inner_sizes, matrix, multiplies};
use crate::shared::contract::samples::{call, fails};
use crate::view::transpose::transpose;
use adjoint_autograd::{
    Arg, Backward, Batching, Body, Call, Class, ErrorSample, Facts, Grads, Jvp, OpDef, Sample, Saves, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_cpu::matmul;
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let (a, b) = (call.input(0), call.input(1));
    matrix("input", a)?;
    matrix("mat2", b)?;
    inner_sizes(a.shape(), b.shape())?;
    Ok(Spec::one([a.shape()[0], b.shape()[1]], multiplies(call.same_dtype()?)?))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    matmul::matmul(1.0, call.input(0), call.input(1), 0.0, &mut outs[0])
}

fn vjp(b: &Backward) -> Result<Grads> {
    let g = b.g();
    let da = if b.wants(0) { Some(mm(g, &transpose(&b.input(1)?, 0, 1)?)?) } else { None };
    let db = if b.wants(1) { Some(mm(&transpose(&b.input(0)?, 0, 1)?, g)?) } else { None };
    Ok(smallvec![da, db])
}

fn samples() -> Vec<Sample> {
    vec![
        call("a product", &[&[2, 3], &[3, 4]]),
        call("one row", &[&[1, 4], &[4, 3]]),
        call("one column", &[&[3, 4], &[4, 1]]),
        call("an empty sum", &[&[2, 0], &[0, 3]]),
        call("no rows", &[&[0, 3], &[3, 2]]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    vec![
        fails(
            "inner sizes that differ",
            &[&[2, 3], &[4, 5]],
            "inner sizes differ, lhs [2, 3] has k=3 but rhs [4, 5] has k=4",
        ),
        fails("a batch", &[&[2, 2, 2], &[2, 2]], "input must be a matrix"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "mm",
    doc: "Returns the product of two matrices, `out_ij = Σ_k input_ik · mat2_kj`.\n\n\
          **Shapes**: `input` is `[m, k]`, `mat2` `[k, n]`, the result `[m, n]`; nothing broadcasts and dtypes must be equal. \
          `dinput = g · mat2ᵀ`, `dmat2 = inputᵀ · g`. Transposed operands are read where they lie. Integers wrap around. \
          Source: PyTorch, `torch.mm`.",
    args: &[Arg::tensor("input"), Arg::tensor("mat2")],
    class: Class::Contract,
    node: "MmBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::Rule(batched::both),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Multilinear,
    saves: Saves { inputs: &[0b10, 0b01], outputs: &[] },
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();

/// The product of two matrices.
pub fn mm(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, a, b)
}
