//! The derivatives of an op, and what they read of the forward pass.

use crate::graph::tensor::Tensor;
use crate::op::attrs::Attrs;
use crate::op::backward::{Backward, Grads};
use crate::op::body::Outputs;
use crate::op::definition::OpDef;
use adjoint_tensor::Result;

/// The reverse derivative.
#[derive(Clone, Copy)]
pub enum Vjp {
    /// Gradients of the inputs from gradients of the outputs, written with differentiable ops.
    Fn(fn(&Backward) -> Result<Grads>),
    /// The same; the kernels in [`OpDef::gradients`] give equal values where these need no
    /// derivative themselves.
    Formula(fn(&Backward) -> Result<Grads>),
    /// There is none, and why.
    None(&'static str),
    /// The body is made of ops that have theirs.
    Composite,
}

impl Vjp {
    /// The function, where there is one.
    #[inline]
    pub const fn function(&self) -> Option<fn(&Backward) -> Result<Grads>> {
        match *self {
            Vjp::Fn(f) | Vjp::Formula(f) => Some(f),
            Vjp::None(_) | Vjp::Composite => None,
        }
    }
}

/// The forward derivative.
#[derive(Clone, Copy)]
pub enum Jvp {
    /// Linear in all its tensors together: the op applied to the tangents.
    Linear,
    /// Linear in each tensor: the sum over tensors of the op with that one replaced by its tangent.
    Multilinear,
    /// From the reverse derivative, which is linear in `g`, transposed by differentiating it once
    /// more.
    Transposed,
    /// A formula.
    Fn(fn(&Tangents) -> Result<Outputs>),
}

/// What a derivative reads of the forward pass.
///
/// `inputs[i]` and `outputs[i]` are bit masks of the inputs and outputs the gradient of input `i`
/// needs; past the end of a slice nothing is needed. Only what the gradients really wanted need is
/// saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saves {
    /// Inputs by wanted gradient.
    pub inputs: &'static [u8],
    /// Outputs by wanted gradient.
    pub outputs: &'static [u8],
}

impl Saves {
    /// Nothing.
    pub const NOTHING: Saves = Saves { inputs: &[], outputs: &[] };
    /// The only input.
    pub const INPUT: Saves = Saves { inputs: &[1], outputs: &[] };
    /// The only output.
    pub const OUTPUT: Saves = Saves { inputs: &[], outputs: &[1] };
    /// The only input and the only output.
    pub const BOTH: Saves = Saves { inputs: &[1], outputs: &[1] };
}

/// A call of a forward derivative: primals and tangents.
pub struct Tangents<'a> {
    /// The op.
    pub op: &'static OpDef,
    /// The inputs without this level's tangents.
    pub primals: &'a [Option<Tensor>],
    /// Their tangents; `None` is zero.
    pub tangents: &'a [Option<Tensor>],
    /// The other arguments.
    pub attrs: &'a Attrs,
    /// The outputs.
    pub outputs: &'a [Tensor],
}
