//! A plan: what a replay of a program does for inputs of the same facts, found out once.
//!
//! The first replay runs call by call and is watched ([`trace`]). Where all shapes, dtypes and
//! strides follow from those of the inputs and nothing is to be recorded for gradients, later
//! replays need no rules, no promotion, no tensors and no tape: an instruction is a kernel, the
//! places of its operands and the place of its result ([`memory`]). What is not prepared is
//! dispatched as ever, in its turn.
//!
//! | module | duty |
//! |---|---|
//! | [`trace`] | the facts of a replay, and how each step is made again |
//! | [`build`] | instructions: what is read, what is computed once, when values are dead |
//! | [`memory`] | which values share memory |
//! | [`recompute`] | what is made again for the backward pass |
//! | [`run`] | a replay by instructions |
//! | [`cache`] | the plan of a program, made when it is wanted |
//! | [`lifetimes`] | which storages a replay makes and how long they are there |
//! | [`facts`] | a plan as plain data |

mod build;
pub mod cache;
pub mod facts;
pub mod lifetimes;
mod memory;
mod recompute;
mod run;
mod trace;

use crate::program::{Program, ValueId};
use adjoint_autograd::prepared::{Formula, Kernel, Update};
use adjoint_autograd::{Attrs, Tensor};
use adjoint_tensor::{Array, Meta, Storage};
use smallvec::SmallVec;

pub(crate) use trace::Trace;

/// The values an instruction reads or makes, by number.
type Ids = SmallVec<[ValueId; 4]>;

/// What an instruction does.
#[derive(Debug)]
enum Way {
    /// A formula into a new value.
    Formula { formula: Formula, operands: Ids, out: ValueId },
    /// A formula into the value it reads first.
    Write { formula: Formula, operands: Ids },
    /// A kernel; outputs that nothing reads have no value, and a place of their own.
    Kernel { kernel: Box<Kernel>, inputs: SmallVec<[Option<ValueId>; 4]>, outs: Ids },
    /// Other layouts on the storage of a value.
    View { from: ValueId, outs: Ids },
    /// A step of an optimizer, with the numbers it was last taken with.
    Update { update: Box<Update>, inputs: Vec<ValueId>, attrs: Attrs, last: Vec<f64> },
    /// The step of the program, as it is run without a plan.
    Step,
}

/// An instruction.
#[derive(Debug)]
struct Instruction {
    way: Way,
    /// The step of the program that it is of.
    step: usize,
    /// The values that nothing reads after it.
    dead: SmallVec<[ValueId; 2]>,
}

impl Instruction {
    /// The values it reads.
    fn reads(&self, program: &Program) -> Vec<ValueId> {
        match &self.way {
            Way::Formula { operands, .. } | Way::Write { operands, .. } => operands.to_vec(),
            Way::Kernel { inputs, .. } => inputs.iter().flatten().copied().collect(),
            Way::View { from, .. } => vec![*from],
            Way::Update { inputs, .. } => inputs.clone(),
            Way::Step => program.steps[self.step].reads().collect(),
        }
    }

    /// The values it makes.
    fn makes(&self, program: &Program) -> Vec<ValueId> {
        match &self.way {
            Way::Formula { out, .. } => vec![*out],
            Way::Kernel { outs, .. } | Way::View { outs, .. } => outs.to_vec(),
            Way::Write { .. } | Way::Update { .. } => Vec::new(),
            Way::Step => program.steps[self.step].makes().collect(),
        }
    }
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Where others made it: inputs, constants, gradients of leaves, and views of these; or a storage
    /// that whatever makes it allocates.
    Elsewhere,
    /// In a buffer of the plan.
    Buffer(usize),
    /// In a storage of its own, made anew by each replay: it may outlive it, or is large.
    Own,
}

/// What is known of a value.
#[derive(Clone, Debug)]
struct Value {
    /// Its facts; `None` where the program makes no use of it.
    meta: Option<Meta>,
    place: Place,
    /// The dead value that it overwrites.
    over: Option<ValueId>,
    /// The value that made the storage it is in, as the first replay saw it.
    root: ValueId,
    /// Whether that storage was there before, or a leaf holds it.
    is_given: bool,
}

/// What a replay does for inputs of the same facts.
#[derive(Debug)]
pub(crate) struct Plan {
    instructions: Vec<Instruction>,
    values: Vec<Value>,
    /// The values as far as they are computed; those of constants always.
    arrays: Vec<Option<Array>>,
    /// The tensors of constants, and during a replay those of inputs.
    tensors: Vec<Option<Tensor>>,
    /// Buffers that no value is in, and the bytes of each.
    buffers: Vec<Option<Storage>>,
    bytes: Vec<usize>,
    /// Of each value, the one that is the same.
    same: Vec<ValueId>,
    holds: trace::Holds,
}
