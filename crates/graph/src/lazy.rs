//! Calls that are put off until a value is asked for.
//!
//! Between [`open`] and [`close`] an [`Interpreter`] keeps calls instead of computing them, where
//! facts tell what they give: their outputs are tensors with all facts and memory of their own,
//! which is filled when something asks. Memory that nothing outside of this list can see is given
//! back, and a call whose outputs cannot be read any more is dropped.
//!
//! What reads values without a call asks first: [`ready`] for a tensor, [`settle`] for all that
//! waits. A write settles everything, since what waits may read what is written; so do backward
//! passes, captures and replays.

use crate::capture;
use adjoint_autograd::deferred;
use adjoint_autograd::interpreter::{self, Below, Interpreter, Invocation, Section, Untraced};
use adjoint_autograd::keys::{self, Key};
use adjoint_autograd::{Arrays, Attrs, Body, Check, OpDef, Outputs, Tensor};
use adjoint_tensor::{Array, Meta, Result, Storage};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A call that waits, by its number. Later calls have higher ones.
type CallId = u64;

/// What a call reads.
enum Operand {
    /// A tensor that is there.
    Given(Tensor),
    /// An output of a call that waits, or a view of one.
    Made { by: CallId, output: usize, meta: Meta },
}

/// What a call will give.
struct Out {
    meta: Meta,
    /// Its memory; `None` once nothing outside of the list can see it.
    storage: Option<Storage>,
}

/// A call that waits.
struct Waiting {
    op: &'static OpDef,
    inputs: SmallVec<[Option<Operand>; 3]>,
    attrs: Attrs,
    outs: SmallVec<[Out; 1]>,
    /// The calls that read its outputs.
    readers: SmallVec<[CallId; 2]>,
}

impl Waiting {
    fn made_by(&self) -> impl Iterator<Item = CallId> {
        self.inputs.iter().flatten().filter_map(|operand| match operand {
            Operand::Made { by, .. } => Some(*by),
            Operand::Given(_) => None,
        })
    }
}

/// Calls that are kept before those of which nothing is read are looked for.
const FEW: usize = 64;

#[derive(Default)]
struct List {
    calls: BTreeMap<CallId, Waiting>,
    next: CallId,
    /// Which output is in a storage, by its address.
    by_storage: HashMap<usize, (CallId, usize)>,
    /// How many scopes are open; calls of others are not put off.
    depth: usize,
    /// Whether the open scopes compute at once from now on.
    is_suspended: bool,
    /// How many calls there were when those that nothing reads were last dropped.
    swept: usize,
    /// The calls whose outputs have memory, and how many they were when that was last looked at.
    held: Vec<CallId>,
    released: usize,
    /// How many calls were computed.
    run: u64,
}

thread_local! {
    static LIST: RefCell<List> = RefCell::default();
    /// How many backward passes run, one in a hook of another.
    static PASSES: Cell<u32> = const { Cell::new(0) };
}

fn address(storage: &Storage) -> usize {
    storage.as_ptr() as usize
}

impl List {
    fn call_of(&self, array: &Array) -> Option<(CallId, usize)> {
        self.by_storage.get(&address(array.storage())).copied()
    }

    fn operand(&self, t: &Tensor) -> Operand {
        match self.call_of(t.array()) {
            Some((by, output)) => Operand::Made { by, output, meta: t.array().meta().clone() },
            // Its past is not needed, and a number promotes as one.
            None if t.is_wrapped_number() => Operand::Given(t.clone()),
            None => Operand::Given(Tensor::from_array(t.array().clone())),
        }
    }

    fn add(&mut self, call: &Invocation, arrays: &[Array]) {
        let id = self.next;
        self.next += 1;
        let inputs: SmallVec<[Option<Operand>; 3]> = call.inputs.iter().map(|t| t.map(|t| self.operand(t))).collect();
        let mut outs = SmallVec::new();
        for (output, array) in arrays.iter().enumerate() {
            self.by_storage.insert(address(array.storage()), (id, output));
            outs.push(Out { meta: array.meta().clone(), storage: Some(array.storage().clone()) });
        }
        let (op, attrs) = (call.op, call.attrs.clone());
        let waiting = Waiting { op, inputs, attrs, outs, readers: SmallVec::new() };
        let made_by: SmallVec<[CallId; 3]> = waiting.made_by().collect();
        for by in made_by {
            if let Some(first) = self.calls.get_mut(&by) {
                first.readers.push(id);
            }
        }
        self.calls.insert(id, waiting);
        self.held.push(id);
        if self.held.len() > 2 * self.released + FEW {
            self.release();
        }
        if self.calls.len() > 2 * self.swept + FEW {
            self.sweep();
        }
    }

    /// Gives back the memory that only this list sees.
    fn release(&mut self) {
        let List { calls, by_storage, held, .. } = self;
        held.retain(|id| {
            let Some(call) = calls.get_mut(id) else { return false };
            for out in &mut call.outs {
                if let Some(storage) = out.storage.take_if(|storage| storage.is_unshared()) {
                    by_storage.remove(&address(&storage));
                }
            }
            call.outs.iter().any(|out| out.storage.is_some())
        });
        self.released = self.held.len();
    }

    /// Drops what nothing can read any more: memory that only this list sees, and calls.
    fn sweep(&mut self) {
        self.release();
        let mut read: BTreeSet<CallId> = BTreeSet::new();
        let mut unread = Vec::new();
        for (&id, call) in self.calls.iter().rev() {
            if read.remove(&id) || call.outs.iter().any(|out| out.storage.is_some()) {
                read.extend(call.made_by());
            } else {
                unread.push(id);
            }
        }
        for id in unread {
            self.take(id);
        }
        self.swept = self.calls.len();
    }

    fn take(&mut self, id: CallId) -> Option<Waiting> {
        let call = self.calls.remove(&id)?;
        for out in &call.outs {
            if let Some(storage) = &out.storage {
                self.by_storage.remove(&address(storage));
            }
        }
        Some(call)
    }

    /// The calls that these need, with them, the first one first.
    fn needed_by(&self, ids: impl IntoIterator<Item = CallId>) -> Vec<CallId> {
        let mut left: BTreeSet<CallId> = ids.into_iter().collect();
        let mut found = Vec::new();
        while let Some(id) = left.pop_last() {
            let Some(call) = self.calls.get(&id) else { continue };
            left.extend(call.made_by());
            found.push(id);
        }
        found.reverse();
        found
    }

    /// Gives the readers of a call what it made.
    fn hand_over(&mut self, id: CallId, readers: &[CallId], arrays: &[Array]) -> Result<()> {
        for reader in readers {
            let Some(call) = self.calls.get_mut(reader) else { continue };
            for operand in call.inputs.iter_mut().flatten() {
                if let Operand::Made { by, output, meta } = operand
                    && *by == id
                {
                    let array = Array::on(arrays[*output].storage().clone(), meta.clone())?;
                    *operand = Operand::Given(Tensor::from_array(array));
                }
            }
        }
        Ok(())
    }

    fn is_putting_off(&self) -> bool {
        self.depth > 0 && !self.is_suspended && PASSES.get() == 0
    }
}

/// Has calls looked at as long as some wait or may wait. A capture has the key to itself.
fn update_key() {
    if capture::is_under_way() {
        return;
    }
    let is_on = LIST.with_borrow(|list| list.is_putting_off() || !list.calls.is_empty());
    if is_on {
        interpreter::install(Key::Capture, &PutOff);
    }
    keys::set(Key::Capture, is_on);
}

/// Runs `f` with nothing looked at and nothing put off.
fn at_once<R>(f: impl FnOnce() -> R) -> R {
    let was = keys::is_active(Key::Capture);
    keys::set(Key::Capture, false);
    let result = f();
    keys::set(Key::Capture, was);
    update_key();
    result
}

/// Computes these calls and what they need.
fn compute(ids: impl IntoIterator<Item = CallId>) -> Result<()> {
    let needed = LIST.with_borrow(|list| list.needed_by(ids));
    at_once(|| needed.into_iter().try_for_each(compute_one))
}

/// Computes a call, whose operands are there.
fn compute_one(id: CallId) -> Result<()> {
    let Some(call) = LIST.with_borrow_mut(|list| list.take(id)) else { return Ok(()) };
    let filled = fill(&call);
    LIST.with_borrow_mut(|list| match filled {
        Ok(arrays) => {
            list.run += 1;
            list.hand_over(id, &call.readers, &arrays)
        }
        Err(e) => {
            // Who asks again gets the error again.
            for (output, out) in call.outs.iter().enumerate() {
                if let Some(storage) = &out.storage {
                    list.by_storage.insert(address(storage), (id, output));
                }
            }
            list.calls.insert(id, call);
            Err(e)
        }
    })
}

/// The values of a call, in the memory that its outputs have.
fn fill(call: &Waiting) -> Result<Arrays> {
    let inputs: SmallVec<[Option<&Tensor>; 4]> = call
        .inputs
        .iter()
        .map(|operand| match operand {
            Some(Operand::Given(t)) => Some(t),
            Some(Operand::Made { .. }) | None => None,
        })
        .collect();
    let mut arrays = deferred::values(call.op, &inputs, &call.attrs)?;
    for (array, out) in arrays.iter_mut().zip(&call.outs) {
        let place = match &out.storage {
            Some(storage) => Array::on(storage.clone(), out.meta.clone())?,
            None if array.meta().is_same(&out.meta) => continue,
            None => Array::laid_out(out.meta.layout().clone(), out.meta.dtype())?,
        };
        place.assign(array)?;
        *array = place;
    }
    Ok(arrays)
}

struct PutOff;

impl Interpreter for PutOff {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        if call.in_place || call.is_update() {
            settle()?;
            return at_once_below(call, below);
        }
        let op = call.op;
        let is_facts = matches!(op.body, Body::View(_) | Body::Views(_));
        if is_facts {
            return below.call(call);
        }
        if call.is_composite() {
            if op.by_values || !matches!(op.check, Check::Nothing) {
                ready_all(call.inputs)?;
            }
            return below.call(call);
        }
        if LIST.with_borrow(List::is_putting_off)
            && let Some(metas) = deferred::facts(op, call.inputs, call.attrs)?
        {
            let laid_out = |meta: Meta| Array::laid_out(meta.layout().clone(), meta.dtype());
            let arrays: Arrays = metas.into_iter().map(laid_out).collect::<Result<_>>()?;
            LIST.with_borrow_mut(|list| list.add(call, &arrays));
            return deferred::finish(op, call.inputs, call.attrs.clone(), arrays);
        }
        ready_all(call.inputs)?;
        at_once_below(call, below)
    }

    fn check_traced(&self, what: Untraced) -> Result<()> {
        match what {
            Untraced::Value | Untraced::Number | Untraced::Duals | Untraced::ShapeInPlace => settle(),
            Untraced::Hook | Untraced::CustomBackward | Untraced::RetainedGradient => Ok(()),
        }
    }

    fn check_written(&self, _: &Tensor) -> Result<()> {
        settle()
    }

    /// What starts a pass has settled what waits, see [`begin_pass`].
    fn section(&self, section: Section, run: &mut dyn FnMut()) {
        match section {
            Section::BackwardPass => at_once(run),
            Section::Derivative(_) => run(),
        }
    }
}

/// A call whose inputs are there, and what it calls.
fn at_once_below(call: &Invocation, below: Below) -> Result<Outputs> {
    at_once(|| below.call(call))
}

fn ready_all(inputs: &[Option<&Tensor>]) -> Result<()> {
    let ids: SmallVec<[CallId; 4]> = LIST.with_borrow(|list| {
        inputs.iter().flatten().filter_map(|t| list.call_of(t.array())).map(|(id, _)| id).collect()
    });
    if ids.is_empty() { Ok(()) } else { compute(ids) }
}

/// Whether calls wait, or may be put off.
#[inline]
fn is_looking() -> bool {
    keys::is_active(Key::Capture)
}

/// Computes what the values of `t` need, so that they can be read.
///
/// # Errors
/// A call that was put off fails.
#[inline]
pub fn ready(t: &Tensor) -> Result<()> {
    if is_looking() { ask(Some(t)) } else { Ok(()) }
}

/// Computes all that waits and can still be read.
///
/// # Errors
/// A call that was put off fails.
#[inline]
pub fn settle() -> Result<()> {
    if is_looking() { ask(None) } else { Ok(()) }
}

/// Computes what a tensor needs, or all. One function, since each that starting code calls weighs.
#[cold]
#[inline(never)]
fn ask(t: Option<&Tensor>) -> Result<()> {
    if t.is_some() { ready_all(&[t]) } else { settle_all() }
}

fn settle_all() -> Result<()> {
    let ids: Vec<CallId> = LIST.with_borrow_mut(|list| {
        list.sweep();
        list.calls.keys().copied().collect()
    });
    compute(ids)
}

/// Begins a backward pass: all that waits is computed, since derivatives read what was saved for
/// them without a call, and nothing is put off until [`end_pass`].
///
/// # Errors
/// A call that was put off fails; no pass has begun then.
#[inline]
pub fn begin_pass() -> Result<()> {
    settle()?;
    PASSES.set(PASSES.get() + 1);
    Ok(())
}

/// Ends a backward pass.
#[inline]
pub fn end_pass() {
    PASSES.set(PASSES.get() - 1);
}

/// Computes all that waits, and whatever is called in `f` at once.
///
/// # Errors
/// A call that was put off fails, or `f` does.
pub fn settled<R>(f: impl FnOnce() -> Result<R>) -> Result<R> {
    let is_paused = is_looking() && !capture::is_under_way();
    if !is_paused {
        return f();
    }
    settle_all()?;
    at_once(f)
}

/// Begins a scope whose calls are put off. Scopes nest.
pub fn open() {
    LIST.with_borrow_mut(|list| list.depth += 1);
    update_key();
}

/// Ends a scope; what it made and something can still read waits on.
pub fn close() {
    LIST.with_borrow_mut(|list| {
        list.depth = list.depth.saturating_sub(1);
        list.is_suspended &= list.depth > 0;
        list.sweep();
    });
    update_key();
}

/// Computes all that waits; the open scopes put off nothing more.
///
/// # Errors
/// A call that was put off fails.
pub fn suspend() -> Result<()> {
    LIST.with_borrow_mut(|list| list.is_suspended = list.depth > 0);
    let result = settle();
    update_key();
    result
}

/// Goes on after a capture.
pub(crate) fn go_on() {
    update_key();
}

/// How many calls wait, and how many were computed on this thread so far.
pub fn counts() -> (usize, u64) {
    LIST.with_borrow(|list| (list.calls.len(), list.run))
}
