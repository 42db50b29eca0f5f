//! [`Program`]: a record of calls, as plain data.

use crate::liveness::Liveness;
use crate::plan::cache::PlanCache;
use adjoint_autograd::node::OutMeta;
use adjoint_autograd::{Attrs, Derivative, Tensor};
use adjoint_ops::OpId;
use smallvec::SmallVec;
use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

/// A value, by its index in [`Program::values`]. Values are numbered in the order they appear.
pub type ValueId = u32;

/// The input values of a call; `None` for one left out.
pub type Inputs = SmallVec<[Option<ValueId>; 2]>;

/// Outputs that an op hides; `None` for one that was not kept.
pub type Hidden = SmallVec<[Option<ValueId>; 1]>;

/// The derivative of one call, as a backward pass that records nothing takes it.
#[derive(Clone, Debug)]
pub struct Gradient {
    /// What is differentiated.
    pub derivative: Rc<Derivative>,
    /// The gradients of the call's outputs; `None` for one that has none.
    pub grads: SmallVec<[Option<ValueId>; 1]>,
    /// The values that were kept of the call.
    pub kept: SmallVec<[ValueId; 2]>,
    /// The gradients of the call's inputs; `None` for one that is not wanted or is 0.
    pub outputs: SmallVec<[Option<ValueId>; 2]>,
}

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
    /// The outputs that the op hides, where a derivative of the record reads one.
    pub hidden: Hidden,
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
    /// The derivative of a call.
    Gradient(Gradient),
    /// The same values without history: what ops do to what they treat as a constant.
    Detach {
        /// The value.
        from: ValueId,
        /// The value without history.
        to: ValueId,
    },
    /// A gradient is added to the `.grad` of a leaf, or becomes it where there is none.
    Accumulate {
        /// The leaf.
        leaf: ValueId,
        /// The gradient.
        grad: ValueId,
        /// Whether the sum can be differentiated.
        create_graph: bool,
    },
    /// The `.grad` of a leaf, which must have one.
    ReadGrad {
        /// The leaf.
        leaf: ValueId,
        /// Its gradient.
        to: ValueId,
    },
    /// Another `.grad` of a leaf, or none.
    SetGrad {
        /// The leaf.
        leaf: ValueId,
        /// Its gradient from now on.
        grad: Option<ValueId>,
    },
    /// A leaf must have no `.grad`: what the function did next went by that.
    NoGrad {
        /// The leaf.
        leaf: ValueId,
    },
}

impl Step {
    /// The values the step reads.
    pub fn reads(&self) -> impl Iterator<Item = ValueId> {
        let (some, all, one, other): (&[Option<ValueId>], &[ValueId], _, _) = match self {
            Step::Call(call) => (&call.inputs, &[], None, None),
            Step::Gradient(gradient) => (&gradient.grads, &gradient.kept, None, None),
            Step::Detach { from, .. } => (&[], &[], Some(*from), None),
            Step::Accumulate { leaf, grad, .. } => (&[], &[], Some(*leaf), Some(*grad)),
            Step::SetGrad { leaf, grad } => (&[], &[], Some(*leaf), *grad),
            Step::ReadGrad { leaf, .. } | Step::NoGrad { leaf } => (&[], &[], Some(*leaf), None),
        };
        some.iter().flatten().chain(all).copied().chain(one).chain(other)
    }

    /// The values the step makes.
    pub fn makes(&self) -> impl Iterator<Item = ValueId> {
        let (all, some, one): (&[ValueId], &[Option<ValueId>], _) = match self {
            Step::Call(call) => (&call.outputs, &call.hidden, None),
            Step::Gradient(gradient) => (&[], &gradient.outputs, None),
            Step::Detach { to, .. } | Step::ReadGrad { to, .. } => (&[], &[], Some(*to)),
            Step::Accumulate { .. } | Step::SetGrad { .. } | Step::NoGrad { .. } => (&[], &[], None),
        };
        all.iter().chain(some.iter().flatten()).copied().chain(one)
    }
}

/// A call of a composite, whose body is recorded as the calls it makes: what a reader of the record
/// is shown in place of these.
#[derive(Clone, Debug)]
pub struct Group {
    /// The op.
    pub op: OpId,
    /// Its input values.
    pub inputs: Inputs,
    /// Its other arguments.
    pub attrs: Attrs,
    /// Its output values.
    pub outputs: SmallVec<[ValueId; 1]>,
    /// The steps of its body.
    pub steps: Range<usize>,
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
///
/// The `.grad` of leaves is state: steps read and change what is there when they run.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The calls in order.
    pub steps: Vec<Step>,
    /// Calls of composites, in order; none is inside of another.
    pub groups: Vec<Group>,
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
    /// Whether plans make cheap values again for the backward pass, for less memory.
    pub recomputes: bool,
    /// Whether a backward pass is part of it.
    pub differentiates: bool,
    /// When each value is read last.
    pub liveness: Liveness,
    /// What replays do, where that is known beforehand.
    pub plan: PlanCache,
}
