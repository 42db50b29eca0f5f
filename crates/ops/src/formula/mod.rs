//! Elementwise formulas, written once, generic over [`Algebra`].
//!
//! | instantiated with | gives |
//! |---|---|
//! | vector lanes (crate `kernels`) | the forward kernel, and the fused backward kernel |
//! | [`Tracked`] tensors | derivatives of every order |
//! | [`Expression`]s | the printed formula |
//!
//! An op file states `f` and `vjp` ([`Unary`], [`Binary`], [`Ternary`]) and gets the rest from [`unary`], [`binary`],
//! [`ternary`]. `vjp` gives the gradient of each argument from `g`, the arguments, the result `y` and the numbers `p`;
//! `OpDef::saves` must list those of them it reads. It is linear in `g`, so it is the forward derivative too. Where a
//! branch is not taken it selects 0 rather than multiply by 0, so that an infinite `g` does not turn into NaN.

mod binary;
mod expression;
mod predicate;
mod ternary;
mod tracked;
mod unary;

pub use adjoint_kernels::algebra::{Algebra, Ring};
pub use binary::{Binary, RingBinary, binary, ring_binary, ring_binary_with};
pub use expression::Expression;
pub use predicate::{predicate1, predicate2};
pub use ternary::{RingTernary, Ternary, ring_ternary, ternary};
pub use tracked::{Tracked, evaluate};
pub use unary::{RingUnary, Unary, ring_unary, unary};

use adjoint_autograd::{Attrs, Backward, Body, OpDef, Params, Tensor, modes};
use adjoint_kernels::elementwise::Blocks;
use adjoint_tensor::{Array, Error, Result, apply};
use smallvec::SmallVec;

/// The numeric attributes in order, as kernel parameters.
pub fn numbers(attrs: &Attrs) -> Result<Params> {
    (0..attrs.0.len()).map(|i| attrs.get_float(i)).collect()
}

/// No kernel parameters, for ops whose attributes are not numbers.
pub fn no_numbers(_: &Attrs) -> Result<Params> {
    Ok(Params::new())
}

/// The kernel parameters of a call.
fn params(op: &OpDef, attrs: &Attrs) -> Result<Params> {
    match &op.body {
        Body::Elementwise { params, .. } => params(attrs),
        _ => Ok(Params::new()),
    }
}

/// Whether a derivative must itself be differentiable, and so be made of ops.
fn needs_graph(tensors: &[Option<&Tensor>]) -> bool {
    modes::grad_enabled() || tensors.iter().flatten().any(|t| t.wrap().is_some())
}

/// Runs a fused backward kernel: operands are `g` and what was saved, with `g` standing in for what was not.
fn fused(blocks: &Blocks, g: &Tensor, saved: &[Option<&Tensor>], params: &[f64]) -> Result<Tensor> {
    let mut operands: SmallVec<[&Array; 5]> = SmallVec::new();
    operands.push(g.array());
    operands.extend(saved.iter().map(|t| t.map_or(g.array(), Tensor::array)));
    let layout = apply::broadcast_layout(operands.iter().copied())?;
    let out = Array::empty_like(&layout, g.dtype())?;
    apply::elementwise(blocks, g.dtype(), &operands, params, &out)?;
    Ok(Tensor::from_array(out))
}

/// The tensor standing in for one that was not saved, in differentiable formulas: reading it is an error.
fn present<'a>(t: Option<&'a Tensor>, g: &'a Tensor) -> &'a Tensor {
    t.unwrap_or(g)
}

/// A gradient of 0 for whatever `g` is; `0 · g` would be NaN where `g` is infinite or NaN.
#[inline(always)]
pub fn nothing<A: Algebra>(g: A) -> A {
    A::select(g.eq(g), A::c(0.0), A::c(0.0))
}

/// The saved output, where the op saves it for the gradients that are wanted.
fn saved_output(b: &Backward) -> Result<Option<Tensor>> {
    if b.op().saves.outputs.is_empty() { Ok(None) } else { b.opt_output(0) }
}

/// Numbers as an array of `P`.
fn array_of<const P: usize>(params: &[f64]) -> Result<[f64; P]> {
    params.try_into().map_err(|_| Error::usage(format!("expected {P} number(s), got {}", params.len())))
}
