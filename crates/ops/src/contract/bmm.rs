//! Products of two batches of matrices.

use crate::invoke;
use crate::shared::contract::batched;
use crate::shared::contract::operands::{inner_sizes, multiplies, rank};
use crate::shared::contract::samples::{call, fails};
use crate::view::transpose::transpose;
use adjoint_autograd::{
    Arg, Backward, Batching, Body, Call, Class, Facts, Grads, Jvp, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::matmul;
use adjoint_tensor::{Array, Error, Result};
use smallvec::smallvec;

/// Fails unless both are batches of matrices of one length that multiply.
pub(super) fn check(lhs: (&str, &[usize]), rhs: (&str, &[usize])) -> Result<()> {
    rank(lhs.0, lhs.1, 3, "a batch of matrices")?;
    rank(rhs.0, rhs.1, 3, "a batch of matrices")?;
    if lhs.1[0] != rhs.1[0] {
        return Err(Error::shape(format!(
            "batch sizes differ, lhs {:?} has {} matrices but rhs {:?} has {}",
            lhs.1, lhs.1[0], rhs.1, rhs.1[0]
        ))
        .with("lhs", format_args!("{:?}", lhs.1))
        .with("rhs", format_args!("{:?}", rhs.1)));
    }
    inner_sizes(lhs.1, rhs.1)
}

fn rule(call: &Facts) -> Result<Specs> {
    let (a, b) = (call.input(0), call.input(1));
    check(("input", a.shape()), ("mat2", b.shape()))?;
    Ok(Spec::one([a.shape()[0], a.shape()[1], b.shape()[2]], multiplies(call.same_dtype()?)?))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    matmul::matmul(1.0, call.input(0), call.input(1), 0.0, &mut outs[0])
}

fn vjp(b: &Backward) -> Result<Grads> {
    let g = b.g();
    let da = if b.wants(0) { Some(bmm(g, &transpose(&b.input(1)?, 1, 2)?)?) } else { None };
    let db = if b.wants(1) { Some(bmm(&transpose(&b.input(0)?, 1, 2)?, g)?) } else { None };
    Ok(smallvec![da, db])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bmm",
    doc: "Returns the products of two batches of matrices, one by one.\n\n\
          **Shapes**: `input` is `[batch, m, k]`, `mat2` `[batch, k, n]`, the result `[batch, m, n]`; nothing broadcasts and dtypes must be \
          equal. Transposed and repeated operands are read where they lie. Integers wrap around. Source: PyTorch, `torch.bmm`.",
    args: &[Arg::tensor("input"), Arg::tensor("mat2")],
    class: Class::Contract,
    node: "BmmBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::Rule(batched::both),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Multilinear,
    saves: Saves { inputs: &[0b10, 0b01], outputs: &[] },
    samples: || {
        vec![
            call("a batch", &[&[2, 3, 4], &[2, 4, 2]]),
            call("one of each", &[&[1, 1, 3], &[1, 3, 1]]),
            call("an empty batch", &[&[0, 2, 3], &[0, 3, 2]]),
        ]
    },
    errors: || {
        vec![
            fails("batches of different sizes", &[&[2, 3, 4], &[3, 4, 2]], "batch sizes differ"),
            fails("inner sizes that differ", &[&[2, 3, 4], &[2, 3, 4]], "k=4 but rhs [2, 3, 4] has k=3"),
            fails("matrices", &[&[2, 3], &[3, 2]], "input must be a batch of matrices"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// The products of two batches of matrices.
pub fn bmm(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, a, b)
}
