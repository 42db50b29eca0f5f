//! Calling ops from Rust: what derivative formulas and composites are written with.

use adjoint_autograd::{Attrs, OpDef, dispatch, dispatch_in_place};
use adjoint_tensor::Result;

pub use adjoint_autograd::{Outputs, Tensor};

/// An op of one tensor.
pub fn unary(op: &'static OpDef, x: &Tensor) -> Result<Tensor> {
    with(op, &[Some(x)], Attrs::new())
}

/// An op of two tensors.
pub fn binary(op: &'static OpDef, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    with(op, &[Some(a), Some(b)], Attrs::new())
}

/// An op with one output.
pub fn with(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Tensor> {
    Ok(dispatch(op, inputs, attrs)?.swap_remove(0))
}

/// An op with several outputs.
pub fn many(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    dispatch(op, inputs, attrs)
}

/// The in-place form of an op.
pub fn in_place(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<()> {
    dispatch_in_place(op, inputs, attrs)
}

/// A plain number as a tensor that promotes as numbers do.
pub fn number(v: f64) -> Result<Tensor> {
    Tensor::number(adjoint_tensor::Scalar::Float(v))
}
