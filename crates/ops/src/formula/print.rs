//! Formulas as text, for the reference pages.

use adjoint_autograd::{Arg, Body, OpDef, Vjp};
use adjoint_kernels::program::print;

/// A line for the value and one for each gradient, with the names of the op's arguments; none where
/// the op is no formula, or its kernel's numbers are others than its arguments.
pub fn lines(op: &OpDef) -> Vec<String> {
    let Body::Elementwise { blocks, .. } = &op.body else { return Vec::new() };
    let (tensors, numbers): (Vec<&Arg>, Vec<&Arg>) = op.args.iter().partition(|arg| arg.kind.is_tensor());
    let operands: Vec<&str> = tensors.iter().map(|arg| arg.name).collect();
    let params: Vec<&str> = numbers.iter().map(|arg| arg.name).collect();
    if operands.len() != blocks.n_inputs || params.len() != blocks.n_params {
        return Vec::new();
    }
    let mut lines = vec![format!("y = {}", print(&blocks.program(), &operands, &params))];
    if !matches!(op.vjp, Vjp::Formula(_)) {
        return lines;
    }
    let reads: Vec<&str> = std::iter::once("g").chain(operands.iter().copied()).chain(["y"]).collect();
    for (name, gradient) in operands.iter().zip(op.gradients) {
        lines.push(format!("d{name} = {}", print(&gradient.program(), &reads, &params)));
    }
    lines
}
