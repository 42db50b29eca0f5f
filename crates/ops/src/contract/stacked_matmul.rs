//! Products of matrices with several equal leading dims.

use crate::invoke;
use crate::shared::contract::operands::inner_sizes;
use crate::shared::contract::samples::{call, fails};
use crate::view::transpose::transpose;
use adjoint_autograd::{
    Arg, Backward, Batching, Body, Class, Facts, Grads, Jvp, NodeNaming, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::matmul;
use adjoint_tensor::{Dims, Error, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let (a, b) = (call.input(0).shape(), call.input(1).shape());
    if a.len() < 3 || a.len() != b.len() || a[..a.len() - 2] != b[..b.len() - 2] {
        return Err(Error::shape(format!("expected matrices with equal leading dims, got {a:?} and {b:?}")));
    }
    inner_sizes(a, b)?;
    call.floating(0)?;
    let mut shape = Dims::from_slice(a);
    shape[a.len() - 1] = b[b.len() - 1];
    Ok(Spec::one(shape, call.same_dtype()?))
}

fn vjp(b: &Backward) -> Result<Grads> {
    let g = b.g();
    let flip = |t: &Tensor| transpose(t, t.rank() - 2, t.rank() - 1);
    let da = if b.wants(0) { Some(stacked(g, &flip(&b.input(1)?)?)?) } else { None };
    let db = if b.wants(1) { Some(stacked(&flip(&b.input(0)?)?, g)?) } else { None };
    Ok(smallvec![da, db])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_stacked_matmul",
    part_of: "matmul",
    doc: "Products of two stacks of float matrices with equal leading dims, which are read where they lie.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    class: Class::Contract,
    surface: &[],
    batching: &Batching::leading(&[]),
    node: "BmmBackward0",
    shown: NodeNaming::PLAIN.saving(&[("other", "mat2")]),
    body: Body::Kernel {
        rule,
        run: |call, outs| matmul::batches(1.0, call.input(0), call.input(1), 0.0, &mut outs[0]),
    },
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Multilinear,
    saves: Saves { inputs: &[0b10, 0b01], outputs: &[] },
    samples: || {
        vec![
            call("two leading dims", &[&[2, 3, 2, 4], &[2, 3, 4, 3]]),
            call("three leading dims", &[&[2, 1, 2, 1, 2], &[2, 1, 2, 2, 1]]),
            call("no matrices", &[&[2, 0, 2, 3], &[2, 0, 3, 2]]),
        ]
    },
    errors: || {
        vec![
            fails("leading dims that differ", &[&[2, 3, 2, 2], &[3, 2, 2, 2]], "equal leading dims"),
            fails("inner sizes that differ", &[&[2, 2, 2, 3], &[2, 2, 2, 3]], "k=3 but rhs"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// Matrix by matrix products of two stacks with equal leading dims, of one floating dtype.
pub fn stacked(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, a, b)
}
