//! What a node keeps of the forward pass for its derivative.

use crate::graph::hooks;
use crate::graph::node::{Edge, Node};
use crate::graph::packed::Packed;
use crate::graph::tensor::{TangentLevel, Tensor};
use adjoint_cpu::elementwise::{Blocks, MAX_INPUTS};
use adjoint_tensor::{Array, DType, Error, Result, Scalar};
use std::cell::OnceCell;
use std::rc::Rc;

/// One kept tensor.
///
/// The tensor object itself is kept only for leaves: keeping a computed tensor would let its later
/// history (an in-place change moves it to a new node) close a cycle of references. Values carry
/// the version they were saved at; a difference on use means they were changed since.
#[derive(Debug)]
pub(crate) struct Saved {
    value: Value,
    version: u32,
    role: Role,
}

/// What a kept tensor is to the node that keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// This input, or for a function of the user this one of the tensors it saved.
    Input(u16),
    /// This output.
    Output(u16),
}

#[derive(Debug)]
enum Value {
    /// A leaf that requires grad, kept as itself.
    Leaf(Tensor),
    /// Anything else that is an input: the view, its edge at that time, its tangents.
    Input { array: Array, edge: Option<Edge>, tangents: Option<Rc<TangentLevel>> },
    /// An output of the node that keeps it; its edge is that node, so it is not stored.
    Output { array: Array, index: u32, tangents: Option<Rc<TangentLevel>> },
    /// A number beside a tensor, kept by the fast path.
    Number(Number),
    /// Handed to the user's pack hook.
    Packed { packed: Rc<Packed>, edge: Option<Edge>, output: Option<u32> },
}

/// A number beside tensors: most derivatives need its value and no tensor.
#[derive(Debug)]
struct Number {
    /// The bits of an f64, in two halves: it would make every kept value wider by its alignment.
    bits: [u32; 2],
    /// The number as an array, for derivatives that are not fast.
    array: OnceCell<Array>,
}

impl Number {
    #[inline(always)]
    fn new(value: f64) -> Self {
        let bits = value.to_bits();
        Number { bits: [bits as u32, (bits >> 32) as u32], array: OnceCell::new() }
    }

    #[inline(always)]
    fn value(&self) -> f64 {
        f64::from_bits(u64::from(self.bits[0]) | u64::from(self.bits[1]) << 32)
    }

    /// `None` where there is no memory for it.
    fn array(&self) -> Option<&Array> {
        if self.array.get().is_none() {
            let value = Scalar::Float(self.value());
            // Set once: nothing else runs in between.
            self.array.set(Array::full(&[], DType::Float64, value).ok()?).ok()?;
        }
        self.array.get()
    }
}

/// What an operand of a derivative's kernel is.
pub(crate) enum Operand<'a> {
    Array(&'a Array),
    Number(f64, &'a Saved),
}

/// A kept tensor on its way out, apart from the node's borrow: unpack hooks may do anything.
pub(crate) enum Opened {
    Tensor(Tensor),
    Packed { packed: Rc<Packed>, edge: Option<Edge> },
}

impl Opened {
    /// The tensor with its edge.
    pub fn finish(self) -> Result<Tensor> {
        match self {
            Opened::Tensor(t) => Ok(t),
            Opened::Packed { packed, edge } => {
                let array = packed.unpack()?.array().clone();
                let edge = edge.filter(|_| array.dtype().is_float());
                Ok(Tensor::with_edge(array, edge))
            }
        }
    }
}

impl Saved {
    /// Keeps input `i`, whose gradient goes to `edge`.
    pub fn input(t: &Tensor, i: usize, edge: Option<&Edge>) -> Result<Self> {
        if t.is_inference() {
            return Err(inference_saved());
        }
        // A number beside tensors is not a tensor to the user.
        if !t.is_wrapped_number()
            && let Some(packed) = hooks::pack(t)?
        {
            let (version, role) = (t.version(), Role::Input(i as u16));
            return Ok(Saved { value: Value::Packed { packed, edge: edge.cloned(), output: None }, version, role });
        }
        Ok(if Saved::is_leaf(t, edge) { Saved::leaf(t, i) } else { Saved::view(t, i, edge) })
    }

    #[inline(always)]
    fn is_leaf(t: &Tensor, edge: Option<&Edge>) -> bool {
        edge.is_some() && t.is_leaf() && t.requires_grad() && t.tangents().is_none()
    }

    #[inline(always)]
    fn leaf(t: &Tensor, i: usize) -> Self {
        Saved { value: Value::Leaf(t.clone()), version: t.version(), role: Role::Input(i as u16) }
    }

    #[inline(always)]
    fn view(t: &Tensor, i: usize, edge: Option<&Edge>) -> Self {
        let value = Value::Input { array: t.array().clone(), edge: edge.cloned(), tangents: t.tangents().cloned() };
        Saved { value, version: t.version(), role: Role::Input(i as u16) }
    }

    /// Keeps output `index` of the node under construction.
    pub fn output(t: &Tensor, index: usize) -> Result<Self> {
        if let Some(packed) = hooks::pack(t)? {
            let (version, role) = (t.version(), Role::Output(index as u16));
            return Ok(Saved {
                value: Value::Packed { packed, edge: None, output: Some(index as u32) },
                version,
                role,
            });
        }
        Ok(Saved::output_unpacked(t.array().clone(), index, t.tangents().cloned()))
    }

    /// The same where no hooks on saved tensors are set.
    #[inline(always)]
    pub fn output_unpacked(array: Array, index: usize, tangents: Option<Rc<TangentLevel>>) -> Self {
        let (version, role) = (array.storage().version(), Role::Output(index as u16));
        Saved { value: Value::Output { array, index: index as u32, tangents }, version, role }
    }

    /// Gives the tensor back, to be finished when nothing is borrowed.
    pub fn open(&self, owner: &Rc<Node>) -> Result<Opened> {
        Ok(Opened::Tensor(match &self.value {
            Value::Leaf(t) => {
                // With other data a leaf is read as it is now, as in PyTorch.
                let t = t.current();
                self.check(t.array(), None)?;
                t
            }
            Value::Input { array, edge, tangents } => {
                self.check(array, edge.as_ref())?;
                Tensor::with_edge(array.clone(), edge.clone()).with_tangents(tangents.clone())
            }
            Value::Output { array, index, tangents } => {
                let edge = Edge { node: owner.clone(), index: *index };
                self.check(array, Some(&edge))?;
                // Indices have no gradient.
                let edge = array.dtype().is_float().then_some(edge);
                Tensor::with_edge(array.clone(), edge).with_tangents(tangents.clone())
            }
            // Beside f32, for which alone the fast path keeps numbers, an integer promotes as any
            // number does.
            Value::Number(number) => Tensor::number(Scalar::Float(number.value()))?,
            Value::Packed { packed, edge, output } => {
                let edge = output.map(|index| Edge { node: owner.clone(), index }).or_else(|| edge.clone());
                return Ok(Opened::Packed { packed: packed.clone(), edge });
            }
        }))
    }

    /// The kept values alone, where they are at hand as they were saved and have no tangents;
    /// `None` where only [`Saved::open`] can give them or say what is wrong.
    #[inline(always)]
    pub fn array(&self) -> Option<&Array> {
        let array = match &self.value {
            Value::Leaf(t) if t.tangents().is_none() && !t.is_replaced() => t.array(),
            Value::Input { array, tangents: None, .. } | Value::Output { array, tangents: None, .. } => array,
            Value::Number(number) => return number.array(),
            _ => return None,
        };
        (array.storage().version() == self.version).then_some(array)
    }

    fn check(&self, array: &Array, edge: Option<&Edge>) -> Result<()> {
        let found = array.storage().version();
        if found == self.version {
            return Ok(());
        }
        let origin = edge.map_or_else(String::new, |e| {
            let name = e.node.name();
            let name = name.split("Backward").next().unwrap_or(&name).to_string();
            format!(", which is output {} of {name},", e.index)
        });
        Err(Error::autograd(format!(
            "one of the variables needed for gradient computation has been modified by an in-place operation: \
             {} tensor of shape {:?}{origin} is at version {found}; expected version {} instead; \
             clone() it before the change, or use the out-of-place form",
            array.dtype().name(),
            array.shape(),
            self.version
        ))
        .with("found", found)
        .with("expected", self.version))
    }

    /// The tangents the value is kept with.
    fn tangents_mut(&mut self) -> Option<&mut Option<Rc<TangentLevel>>> {
        match &mut self.value {
            Value::Leaf(t) => Some(t.tangents_mut()),
            Value::Input { tangents, .. } | Value::Output { tangents, .. } => Some(tangents),
            Value::Number(_) | Value::Packed { .. } => None,
        }
    }

    /// Keeps the value with the tangents of `t`, of which it is the value; false where there are
    /// none.
    fn set_tangents_of(&mut self, t: &Tensor) -> Result<bool> {
        if t.tangents().is_none() {
            return Ok(false);
        }
        match self.tangents_mut() {
            Some(tangents) => *tangents = t.tangents().cloned(),
            None => {
                return Err(Error::autograd(
                    "saved-tensor hooks and checkpoint() cannot be used on dual tensors; take the tangents of the whole",
                ));
            }
        }
        Ok(true)
    }

    /// The values with what made them, where they are kept as they are.
    pub fn with_origin(&self, owner: &Rc<Node>) -> Option<(Array, Option<Rc<Node>>)> {
        match &self.value {
            Value::Leaf(t) => Some((t.array().clone(), t.edge().ok().flatten().map(|e| e.node))),
            Value::Input { array, edge, .. } => Some((array.clone(), edge.as_ref().map(|e| e.node.clone()))),
            Value::Output { array, .. } => Some((array.clone(), Some(owner.clone()))),
            Value::Number(_) | Value::Packed { .. } => None,
        }
    }

    /// Whether nothing goes with it but numbers: what else it holds is held by others too.
    #[inline]
    fn is_light(&self) -> bool {
        match &self.value {
            Value::Leaf(t) => t.is_held_elsewhere() && t.tangents().is_none(),
            Value::Input { edge, tangents, .. } => {
                tangents.is_none() && edge.as_ref().is_none_or(|edge| Rc::strong_count(&edge.node) > 1)
            }
            Value::Output { tangents, .. } => tangents.is_none(),
            Value::Number(_) => true,
            Value::Packed { .. } => false,
        }
    }

    /// Bytes of the storage it holds.
    pub fn bytes(&self) -> usize {
        match &self.value {
            Value::Leaf(t) => t.array().storage().bytes(),
            Value::Input { array, .. } | Value::Output { array, .. } => array.storage().bytes(),
            Value::Number(_) | Value::Packed { .. } => 0,
        }
    }
}

/// Everything one node keeps: rarely more than one tensor, so the first is stored in the node.
#[derive(Debug, Default)]
pub(crate) struct SavedSet {
    first: Option<Saved>,
    others: Vec<Saved>,
    pub freed: bool,
}

impl SavedSet {
    /// These.
    pub fn of(list: Vec<Option<Saved>>) -> Self {
        SavedSet { first: None, others: list.into_iter().flatten().collect(), freed: false }
    }

    /// These values, without history.
    pub fn of_values(values: impl Iterator<Item = (Role, Array)>) -> Self {
        SavedSet::of_inputs(values, &[])
    }

    /// These values; the gradients of inputs go to `edges`, where there are such.
    pub fn of_inputs(values: impl Iterator<Item = (Role, Array)>, edges: &[Option<Edge>]) -> Self {
        let mut set = SavedSet::default();
        for (role, array) in values {
            let version = array.storage().version();
            let value = match role {
                Role::Input(i) => {
                    let edge = edges.get(usize::from(i)).cloned().flatten();
                    Value::Input { array, edge, tangents: None }
                }
                Role::Output(index) => Value::Output { array, index: u32::from(index), tangents: None },
            };
            set.keep(Saved { value, version, role });
        }
        set
    }

    /// Keeps one more.
    #[inline(always)]
    pub fn keep(&mut self, saved: Saved) {
        if self.first.is_none() {
            // There is nothing to drop, and no call to find that out.
            std::mem::forget(self.first.replace(saved));
        } else {
            self.others.push(saved);
        }
    }

    /// Keeps input `i`, which is no inference tensor, where no hooks on saved tensors are set.
    /// Written where it stays, not made first and moved.
    #[inline(always)]
    pub fn keep_input(&mut self, t: &Tensor, i: usize, edge: Option<&Edge>) {
        if Saved::is_leaf(t, edge) {
            self.keep(Saved::leaf(t, i));
        } else {
            self.keep(Saved::view(t, i, edge));
        }
    }

    /// Keeps input `i`, a number beside tensors.
    #[inline(always)]
    pub fn keep_number(&mut self, number: f64, i: usize) {
        self.keep(Saved { value: Value::Number(Number::new(number)), version: 0, role: Role::Input(i as u16) });
    }

    #[inline(always)]
    fn kept(&self) -> impl Iterator<Item = &Saved> {
        self.first.iter().chain(&self.others)
    }

    #[inline(always)]
    fn kept_mut(&mut self) -> impl Iterator<Item = &mut Saved> {
        self.first.iter_mut().chain(&mut self.others)
    }

    fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.is_empty()
    }

    /// What is kept of input `i`.
    pub fn input(&self, i: usize) -> Option<&Saved> {
        self.kept().find(|saved| saved.role == Role::Input(i as u16))
    }

    /// What is kept of output `i`.
    pub fn output(&self, i: usize) -> Option<&Saved> {
        self.kept().find(|saved| saved.role == Role::Output(i as u16))
    }

    /// The operands of a derivative's kernel: the gradient `g`, the inputs and the output, with `g`
    /// standing in for what was not saved. `None` where the tensors are needed and not just their
    /// values; an error where they were freed.
    pub fn operands<'a>(&'a self, blocks: &Blocks, g: &'a Array) -> Result<Option<[&'a Array; MAX_INPUTS]>> {
        if self.freed {
            return Err(freed());
        }
        let mut operands = [g; MAX_INPUTS];
        let all = self.each_value(blocks, |k, operand| {
            let array = match operand {
                Operand::Array(array) => Some(array),
                Operand::Number(_, saved) => saved.array(),
            };
            operands[k] = array.unwrap_or(g);
            array.is_some()
        });
        Ok(all.then_some(operands))
    }

    /// Hands out what is kept of the operands of a derivative's kernel, with their indexes: the
    /// gradient comes first, then the inputs, then the output. False, and the rest not handed out,
    /// where the values of one are not at hand or `take` says so.
    #[inline(always)]
    pub fn each_value<'a>(&'a self, blocks: &Blocks, mut take: impl FnMut(usize, Operand<'a>) -> bool) -> bool {
        let output = blocks.n_inputs - 1;
        // One loop, whose body is there once: an iterator over both would be a function apart.
        let (mut next, mut others) = (self.first.as_ref(), self.others.iter());
        while let Some(saved) = next {
            let index = match saved.role {
                Role::Input(i) if (i as usize) + 1 < output => Some(i as usize + 1),
                Role::Output(0) => Some(output),
                _ => None,
            };
            if let Some(index) = index {
                let operand = match &saved.value {
                    Value::Number(number) => Operand::Number(number.value(), saved),
                    _ => match saved.array() {
                        Some(array) => Operand::Array(array),
                        None => return false,
                    },
                };
                if !take(index, operand) {
                    return false;
                }
            }
            next = others.next();
        }
        true
    }

    /// All that is kept, with its role.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &Saved)> {
        self.kept().map(|saved| (saved.role, saved))
    }

    /// Takes everything out and remembers whether there was something.
    pub fn take(&mut self) -> SavedSet {
        if self.is_empty() {
            return SavedSet::default();
        }
        self.freed = true;
        SavedSet { first: self.first.take(), others: std::mem::take(&mut self.others), freed: true }
    }

    /// Whether nothing goes with what is kept but numbers.
    #[inline]
    pub fn is_light(&self) -> bool {
        self.first.as_ref().is_none_or(Saved::is_light) && self.others.iter().all(Saved::is_light)
    }

    /// [`SavedSet::take`] where [`SavedSet::is_light`]: drops everything where it is.
    #[inline]
    pub fn free(&mut self) {
        self.freed |= !self.is_empty();
        self.first = None;
        if !self.others.is_empty() {
            self.others.clear();
        }
    }

    /// Takes out the nodes behind kept inputs.
    #[inline]
    pub fn take_nodes(&mut self, mut take: impl FnMut(Rc<Node>)) {
        let mut of = |saved: &mut Saved| {
            if let Value::Input { edge, .. } = &mut saved.value
                && let Some(edge) = edge.take()
            {
                take(edge.node);
            }
        };
        self.first.as_mut().map(&mut of);
        self.others.iter_mut().for_each(of);
    }

    /// Keeps values with the tangents of these inputs and outputs; whether there were any.
    pub fn set_tangents(&mut self, inputs: &[Option<Tensor>], outputs: &[Tensor]) -> Result<bool> {
        let mut any = false;
        for saved in self.kept_mut() {
            let t = match saved.role {
                Role::Input(i) => inputs.get(i as usize).and_then(Option::as_ref),
                Role::Output(i) => outputs.get(i as usize),
            };
            if let Some(t) = t {
                any |= saved.set_tangents_of(t)?;
            }
        }
        Ok(any)
    }

    /// Takes out the tangents of `level` and of those above; the caller drops them when nothing is
    /// borrowed.
    pub fn forget_tangents(&mut self, level: u32) -> Vec<Rc<TangentLevel>> {
        let mut gone = Vec::new();
        for saved in self.kept_mut() {
            let Some(tangents) = saved.tangents_mut() else { continue };
            while let Some(top) = tangents.take_if(|top| top.level >= level) {
                *tangents = top.below.clone();
                gone.push(top);
            }
        }
        gone
    }

    /// What is kept as it is, with what made it.
    pub fn arrays(&self, owner: &Rc<Node>) -> Vec<(Array, Option<Rc<Node>>)> {
        self.kept().filter_map(|s| s.with_origin(owner)).collect()
    }

    pub fn bytes(&self) -> usize {
        self.kept().map(Saved::bytes).sum()
    }
}

#[cold]
fn inference_saved() -> Error {
    Error::autograd(
        "inference tensors cannot be saved for backward; clone() the tensor to get a normal one, \
         or use noGrad() instead of inferenceMode()",
    )
}

/// The error of a second backward pass through a freed graph.
#[cold]
pub(crate) fn freed() -> Error {
    Error::autograd(
        "trying to backward through the graph a second time, but the values it saved have been freed; \
         pass retainGraph: true to the first backward() or grad() to walk the graph again",
    )
}
