//! [`Program`]: a record of calls, as plain data.

use crate::liveness::Liveness;
use adjoint_autograd::node::OutMeta;
use adjoint_autograd::{Attrs, Tensor};
use adjoint_ops::OpId;
use smallvec::SmallVec;
use std::collections::HashSet;

/// A value, by its index in [`Program::values`]. Values are numbered in the order they appear.
pub type ValueId = u32;

/// The input values of a call; `None` for one left out.
pub type Inputs = SmallVec<[Option<ValueId>; 2]>;

/// One dispatched call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The op.
    pub op: OpId,
    /// Its input values.
    pub inputs: Inputs,
    /// Its other arguments.
    pub attrs: Attrs,
    /// Its output values.
    pub outputs: SmallVec<[ValueId; 1]>,
    /// Whether it wrote its first input.
    pub in_place: bool,
    /// Whether gradients were recorded, where the function changed that.
    pub grad: Option<bool>,
    /// Whether tensors were made for inference only, where the function changed that.
    pub inference: Option<bool>,
}

/// One step of a program.
#[derive(Clone, Debug)]
pub enum Step {
    /// A call of an op.
    Call(Call),
    /// The same values without history: what ops do to what they treat as a constant.
    Detach {
        /// The value.
        from: ValueId,
        /// The value without history.
        to: ValueId,
    },
}

impl Step {
    /// The values the step reads.
    pub fn reads(&self) -> impl Iterator<Item = ValueId> {
        let (inputs, from): (&[Option<ValueId>], Option<ValueId>) = match self {
            Step::Call(call) => (&call.inputs, None),
            Step::Detach { from, .. } => (&[], Some(*from)),
        };
        inputs.iter().flatten().copied().chain(from)
    }

    /// The values the step makes.
    pub fn makes(&self) -> impl Iterator<Item = ValueId> {
        let (outputs, to): (&[ValueId], Option<ValueId>) = match self {
            Step::Call(call) => (&call.outputs, None),
            Step::Detach { to, .. } => (&[], Some(*to)),
        };
        outputs.iter().copied().chain(to)
    }
}

/// A tensor the function used without being given it.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its value.
    pub value: ValueId,
    /// The tensor itself, or the values it had before the function wrote it.
    pub tensor: Tensor,
    /// Whether it was made inside of the function and is changed by it, so that every replay needs
    /// a copy.
    pub is_copied: bool,
}

/// The calls of a captured function.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The calls in order.
    pub steps: Vec<Step>,
    /// Shape and dtype of every value.
    pub values: Vec<OutMeta>,
    /// The values the function was given.
    pub inputs: Vec<ValueId>,
    /// Of each of these, whether it required grad.
    pub requires_grad: Vec<bool>,
    /// The values it returned.
    pub outputs: Vec<ValueId>,
    /// The values it used without being given them.
    pub constants: Vec<Constant>,
    /// What read shapes, dtypes or flags of tensors: they are part of the record then.
    pub facts_read_by: Option<String>,
    /// The same for what depends on whether gradients are wanted.
    pub requires_grad_read_by: Option<String>,
    /// The values whose shapes the function itself read.
    pub shapes_read: HashSet<ValueId>,
    /// When each value is read last.
    pub liveness: Liveness,
}
