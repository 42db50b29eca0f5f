//! Calls whose facts are known, to be made again on other values.
//!
//! What [`dispatch`](crate::dispatch::dispatch) finds out call after call follows from dtypes,
//! shapes, strides and attributes: which kernel serves, in which dtype, and what comes out. Where
//! these stay as they are it is found out once, and a call is its kernel alone. Nothing is recorded
//! on the tape and no interpreter is asked: a caller sees to that.
//!
//! Calls in half precision, and those that values may forbid in other ways than
//! [`Check::Values`], are not prepared.

use crate::dispatch::compute::by_number;
use crate::dispatch::half;
use crate::dispatch::promotion::compute_dtype;
use crate::dispatch::update::Lists;
use crate::graph::tensor::Tensor;
use crate::op::attrs::Attrs;
use crate::op::call::{Call, Facts};
use crate::op::{Body, Check, Class, OpDef, Params};
use adjoint_cpu::elementwise::{self, Blocks};
use adjoint_cpu::optimizer::Step;
use adjoint_tensor::{Array, DType, Meta, Result, scratch};
use smallvec::SmallVec;
use std::fmt;

/// A formula in a dtype, with its numbers: that of an op, or one of its gradients.
#[derive(Clone)]
pub struct Formula {
    op: &'static OpDef,
    blocks: &'static Blocks,
    dtype: DType,
    numbers: Params,
    in_place: bool,
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in {} with {:?}", self.op, self.dtype.name(), self.numbers)
    }
}

/// A kernel with its arguments.
#[derive(Clone, Debug)]
pub struct Kernel {
    op: &'static OpDef,
    attrs: Attrs,
    run: fn(&Call, &mut [Array]) -> Result<()>,
    outputs: SmallVec<[Meta; 1]>,
}

/// A step of an optimizer.
#[derive(Clone, Debug)]
pub struct Update {
    op: &'static OpDef,
    run: fn(&Attrs, usize, &Step) -> Result<()>,
    lists: Lists,
}

/// A call whose facts are known.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// A formula over the first inputs that were given: as many as it says.
    Formula(Formula, usize),
    /// A kernel.
    Kernel(Kernel),
    /// Other layouts on the storage of the first input.
    View,
    /// A step of an optimizer.
    Update(Update),
}

impl Prepared {
    /// The call of `op` on such inputs; `None` where a call must be dispatched. `is_fixed` says of
    /// which inputs the values, too, are those of every call.
    ///
    /// # Errors
    /// The call is forbidden.
    pub fn of(
        op: &'static OpDef,
        inputs: &[Option<&Tensor>],
        attrs: &Attrs,
        in_place: bool,
        is_fixed: impl Fn(usize) -> bool,
    ) -> Result<Option<Prepared>> {
        let is_plain = inputs.iter().flatten().all(|t| !t.dtype().is_half() && t.tangents().is_none());
        if !is_plain {
            return Ok(None);
        }
        match &op.body {
            Body::Elementwise { blocks, params } if !matches!(op.check, Check::Calls(_) | Check::Values(_)) => {
                let dtype = compute_dtype(op, inputs, attrs)?;
                if dtype.is_half() {
                    return Ok(None);
                }
                let given = inputs.iter().flatten().count();
                let of = |blocks, numbers| Formula { op, blocks, dtype, numbers, in_place };
                Ok(match by_number(op, inputs) {
                    Some((blocks, number)) if is_fixed(inputs.len() - 1) => {
                        Some(Prepared::Formula(of(blocks, number[..blocks.n_params].into()), given - 1))
                    }
                    Some(_) => None,
                    None => Some(Prepared::Formula(of(blocks, params(attrs)?), given)),
                })
            }
            Body::Kernel { rule, run } if !in_place => {
                let metas: SmallVec<[Option<&Meta>; 4]> = inputs.iter().map(|t| t.map(|t| t.array().meta())).collect();
                let specs = rule(&Facts { op, inputs: &metas, attrs })?;
                if half::is_widened(op, &metas, &specs) {
                    return Ok(None);
                }
                let outputs = specs.iter().map(crate::op::Spec::meta).collect::<Result<_>>()?;
                Ok(Some(Prepared::Kernel(Kernel { op, attrs: attrs.clone(), run: *run, outputs })))
            }
            Body::View(_) | Body::Views(_) if !in_place => Ok(Some(Prepared::View)),
            Body::Update { run, .. } => {
                let lists = Lists::of(op, inputs.len(), attrs)?;
                Ok(Some(Prepared::Update(Update { op, run: *run, lists })))
            }
            _ => Ok(None),
        }
    }
}

impl Formula {
    /// The gradient of input `i` of a formula; `None` in half precision, whose steps round.
    pub(crate) fn gradient(op: &'static OpDef, i: usize, attrs: &Attrs, dtype: DType) -> Result<Option<Formula>> {
        let Some(blocks) = op.gradients.get(i).filter(|_| !dtype.is_half()) else { return Ok(None) };
        let numbers = match &op.body {
            Body::Elementwise { blocks, params } if blocks.n_params > 0 => params(attrs)?,
            _ => Params::new(),
        };
        Ok(Some(Formula { op, blocks, dtype, numbers, in_place: false }))
    }

    /// How many operands it takes, of which a gradient's first is that of the output and its last
    /// the output.
    pub(crate) fn operands(&self) -> usize {
        self.blocks.n_inputs
    }

    /// Whether both compute the same of the same operands.
    pub fn is_same(&self, other: &Formula) -> bool {
        let bits = |numbers: &Params| -> SmallVec<[u64; 4]> { numbers.iter().map(|v| v.to_bits()).collect() };
        std::ptr::eq(self.op, other.op)
            && std::ptr::eq(self.blocks, other.blocks)
            && self.dtype == other.dtype
            && bits(&self.numbers) == bits(&other.numbers)
    }

    /// Computes into `out`, a fresh array of the result's facts, or one of the operands that nothing
    /// reads afterwards.
    ///
    /// # Errors
    /// There is no memory for a copy of what overlaps.
    #[inline]
    pub fn run(&self, operands: &[&Array], out: &Array) -> Result<()> {
        elementwise::write(self.blocks, self.dtype, operands, &self.numbers, out)
            .map_err(|e| self.op.named_in(e, self.in_place))
    }
}

impl Kernel {
    /// The facts of the outputs, hidden ones last.
    pub fn outputs(&self) -> &[Meta] {
        &self.outputs
    }

    /// Whether calls on the same values give the same, and fail on none.
    pub fn is_pure(&self) -> bool {
        self.op.class != Class::Random && !matches!(self.op.check, Check::Values(_))
    }

    /// Whether a call costs little more than reading its inputs.
    pub fn is_cheap(&self) -> bool {
        self.op.is_cheap()
    }

    /// Whether both compute the same of the same inputs.
    pub fn is_same(&self, other: &Kernel) -> bool {
        std::ptr::eq(self.op, other.op) && self.attrs == other.attrs
    }

    /// Fills the outputs, which nothing else holds.
    ///
    /// # Errors
    /// The values forbid the call, or there is no memory for scratch.
    pub fn run(&self, inputs: &[Option<&Array>], outs: &mut [Array]) -> Result<()> {
        let metas: SmallVec<[Option<&Meta>; 4]> = inputs.iter().map(|x| x.map(Array::meta)).collect();
        let facts = Facts { op: self.op, inputs: &metas, attrs: &self.attrs };
        let mut run = || {
            let checked = self.op.check.values(&Call { facts, inputs, checked: &[] })?;
            (self.run)(&Call { facts, inputs, checked: &checked }, outs)
        };
        let result = run();
        scratch::check_kernels().and(result).map_err(|e| self.op.named_in(e, false))
    }
}

impl Update {
    /// Takes the step: `inputs` are the lists one after the other, and `attrs` the numbers of this
    /// step.
    ///
    /// # Errors
    /// There is no memory for a copy of what is not dense.
    pub fn run(&self, inputs: &[&Array], attrs: &Attrs) -> Result<()> {
        let each = |i: usize| {
            let state: SmallVec<[&Array; 4]> = self.lists.states.iter().map(|start| inputs[start + i]).collect();
            let (param, grad) = (inputs[i], inputs[self.lists.gradients + i]);
            (self.run)(attrs, i, &Step { param, grad, state: &state })
        };
        (0..self.lists.len).try_for_each(each).map_err(|e| self.op.named_in(e, false))
    }
}
