//! Captured functions: a record of calls that can be shown and run again on other inputs.

use crate::abi::lazy as scope;
use crate::decode::default_attr;
use crate::describe;
use crate::errors::{answer, quoted};
use crate::handles::{new_handle, tensor};
use crate::new_handles::NewHandles;
use crate::numbered::Numbered;
use crate::scratch::{self, Words};
use adjoint_autograd::{Attrs, Body, OpDef, Tensor, update};
use adjoint_graph::{Constant, Group, Lifetime, PlanFacts, Program, Step, ValueId};
use adjoint_graph::{capture, lazy};
use adjoint_ops::naming::{camel_case, shown};
use adjoint_tensor::{Error, Result};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static PROGRAMS: RefCell<Numbered<Program>> = const { RefCell::new(Numbered::new()) };
}

/// Starts to record the calls of a function that is given the `words` handles in the scratch area.
#[wasm_bindgen]
pub fn capture_start(words: usize) -> i32 {
    let begin = || {
        capture::start(&given(words)?)?;
        Ok(0)
    };
    answer(begin().map_err(|e: Error| e.in_op("capture")))
}

/// Ends the recording and forgets it.
#[wasm_bindgen]
pub fn capture_cancel() {
    capture::cancel();
}

/// Ends the recording and returns the number of the program. The scratch area holds the `words` handles of what the
/// function returned; `recomputes` says whether plans make cheap values again for a backward pass.
#[wasm_bindgen]
pub fn capture_finish(words: usize, recomputes: bool) -> i32 {
    let finish = || {
        let results = match given(words) {
            Ok(results) => results,
            Err(e) => {
                capture::cancel();
                return Err(e);
            }
        };
        Ok(keep(Program { recomputes, ..capture::finish(&results)? }))
    };
    answer(finish().map_err(|e: Error| e.in_op("capture")))
}

fn given(words: usize) -> Result<Vec<Tensor>> {
    scratch::read(words, |area| {
        let mut words = Words::new(area);
        (0..area.len()).map(|_| tensor(words.int())).collect()
    })
}

fn keep(program: Program) -> i32 {
    PROGRAMS.with_borrow_mut(|all| all.keep(program)) as i32
}

/// The program of this number.
pub(crate) fn get(id: u32) -> Result<Rc<Program>> {
    let found = PROGRAMS.with_borrow(|all| all.get(id));
    found.ok_or_else(|| Error::usage("the captured function was disposed"))
}

/// Gives a program back.
#[wasm_bindgen]
pub fn program_free(id: u32) {
    let gone = PROGRAMS.with_borrow_mut(|all| all.take(id));
    drop(gone);
}

/// The tensor a constant of the program stands for.
#[wasm_bindgen]
pub fn program_constant(id: u32, value: u32) -> i32 {
    answer(get(id).and_then(|program| match program.constants.iter().find(|c| c.value == value) {
        Some(c) => new_handle(c.tensor.clone()),
        None => Err(Error::usage(format!("value {value} is not a constant"))),
    }))
}

/// Stops recording for what a step of an optimizer remembers, or goes on; whether it was recorded before.
#[wasm_bindgen]
pub fn capture_set_recording(on: bool) -> bool {
    capture::set_recording(on)
}

/// Begins or ends a scope whose calls are put off, see [`crate::abi::lazy`]; returns how many calls wait.
#[wasm_bindgen]
pub fn lazy_scope(what: i32) -> i32 {
    let mut done = Ok(());
    match what {
        scope::BEGIN => lazy::open(),
        scope::END => lazy::close(),
        _ => done = lazy::suspend(),
    }
    answer(done.map_err(|e: Error| e.in_op("lazy")).map(|()| lazy::counts().0 as i32))
}

/// Runs a program on the `words` handles in the scratch area, behind which are the `numbers` of its steps; how many
/// outputs there are is returned, and their handles are in the scratch area.
#[wasm_bindgen]
pub fn program_run(id: u32, words: usize, numbers: usize) -> i32 {
    answer(run(id, words, numbers).map_err(|e| e.in_op("captured function")))
}

fn run(id: u32, words: usize, numbers: usize) -> Result<i32> {
    let numbers: Vec<f64> = scratch::read(words + numbers, |area| area[words..].iter().map(Cell::get).collect());
    let outputs = get(id)?.run_with(given(words)?, &numbers)?;
    let mut made = NewHandles::with_capacity(outputs.len())?;
    for t in outputs {
        made.push(new_handle(t))?;
    }
    let found = made.hand_out();
    scratch::write(found.len(), |out| found.iter().for_each(|&h| out.put(f64::from(h))))?;
    Ok(found.len() as i32)
}

/// The program as JSON: `values` with dtype and shape, `constants` (0-dim ones with their value), `inputs`, `outputs` and
/// `records` of op, inputs, attributes by name where they are not the default, outputs and whether it wrote its first
/// input. A composite is one record, and constants that only its body reads are left out. `plan` is null until a replay has
/// made one.
#[wasm_bindgen]
pub fn program_json(id: u32) -> String {
    get(id).map_or_else(|_| String::new(), |program| json(&program))
}

pub(crate) fn list<T>(items: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    format!("[{}]", items.into_iter().map(text).collect::<Vec<_>>().join(","))
}

/// A call as the function's author wrote it.
enum Shown<'a> {
    Step(&'a Step),
    Group(&'a Group),
}

impl Shown<'_> {
    fn reads(&self) -> Vec<ValueId> {
        match self {
            Shown::Step(step) => step.reads().collect(),
            Shown::Group(group) => group.inputs.iter().flatten().copied().collect(),
        }
    }

    fn json(&self) -> String {
        match self {
            Shown::Step(one) => step(one),
            Shown::Group(group) => {
                let outputs: Vec<Option<u32>> = group.outputs.iter().copied().map(Some).collect();
                let op = group.op.def();
                record(&shown(op.shown_name()), &group.inputs, &attributes(op, &group.attrs), &outputs, false)
            }
        }
    }
}

/// The calls of a program in order, those in the body of a composite as one.
fn calls_of(p: &Program) -> Vec<Shown<'_>> {
    let mut calls = Vec::with_capacity(p.steps.len());
    let mut groups = p.groups.iter().peekable();
    let mut next = 0;
    while next < p.steps.len() {
        if let Some(group) = groups.next_if(|group| group.steps.start == next) {
            next = group.steps.end;
            calls.push(Shown::Group(group));
        } else {
            calls.push(Shown::Step(&p.steps[next]));
            next += 1;
        }
    }
    calls
}

fn json(p: &Program) -> String {
    let values = list(&p.values, |v| format!(r#"{{"dtype":"{}","shape":{:?}}}"#, v.dtype.name(), v.shape()));
    let calls = calls_of(p);
    let read: HashSet<ValueId> = calls.iter().flat_map(Shown::reads).chain(p.outputs.iter().copied()).collect();
    let written: HashSet<ValueId> = p.steps.iter().flat_map(written).collect();
    let held = p.constants.iter().filter(|c| read.contains(&c.value));
    let constants = list(held, |Constant { value: n, tensor: t, .. }| match t.array().item() {
        // What changes is no number.
        Ok(v) if t.rank() == 0 && !t.requires_grad() && !written.contains(n) => {
            format!(r#"{{"value":{n},"number":{}}}"#, quoted(&describe::scalar(v)))
        }
        _ => format!(r#"{{"value":{n}}}"#),
    });
    let records = list(&calls, Shown::json);
    let (inputs, outputs) = (&p.inputs, &p.outputs);
    let plan = p.planned().map_or_else(|| "null".to_string(), |plan| planned(p, &plan));
    format!(
        r#"{{"values":{values},"constants":{constants},"inputs":{inputs:?},"outputs":{outputs:?},"records":{records},"plan":{plan}}}"#
    )
}

/// The plan of a program: what it does in order, and where it has the values it makes.
fn planned(p: &Program, plan: &PlanFacts) -> String {
    let optional = |n: Option<usize>| n.map_or_else(|| "null".to_string(), |n| n.to_string());
    let calls = list(&plan.steps, |at| {
        format!(
            r#"{{"op":{},"isPrepared":{},"inputs":{:?},"outputs":{:?},"dead":{:?}}}"#,
            quoted(&name(&p.steps[at.step])),
            at.is_prepared,
            at.reads,
            at.makes,
            at.dead
        )
    });
    let places = list(&plan.values, |at| {
        let value = |v: Option<ValueId>| optional(v.map(|v| v as usize));
        let (buffer, over, of) = (optional(at.buffer), value(at.over), value(at.of));
        format!(r#"{{"value":{},"bytes":{},"buffer":{buffer},"over":{over},"of":{of}}}"#, at.value, at.bytes)
    });
    let storages = |all: &[Lifetime]| {
        list(all, |at| {
            let until = optional(at.until);
            format!(r#"{{"value":{},"bytes":{},"from":{},"until":{until}}}"#, at.value, at.bytes, at.from)
        })
    };
    let (own, eager) = (storages(&plan.own), storages(&plan.eager));
    let (steps, count) = (list(&p.steps, |step| quoted(&name(step))), p.steps.len());
    let eager = format!(r#""eagerBytes":{},"eager":{{"calls":{steps},"storages":{eager}}}"#, plan.eager_bytes(count));
    let own = format!(r#""storages":{own},"peakBytes":{}"#, plan.peak_bytes());
    format!(r#"{{"calls":{calls},"places":{places},"buffers":{:?},{own},"steps":{count},{eager}}}"#, plan.buffers)
}

/// What a record calls a step.
fn name(step: &Step) -> String {
    match step {
        Step::Call(r) => {
            let op = r.op.def();
            // The steps of all optimizers are shown alike.
            shown(if matches!(op.body, Body::Update { .. }) { op.name } else { op.shown_name() })
        }
        Step::Gradient(r) => shown(r.derivative.op().shown_name()) + "Backward",
        Step::Detach { .. } => "detach".to_string(),
        Step::ReadGrad { .. } => "grad".to_string(),
        Step::Accumulate { .. } => "accumulateGrad".to_string(),
        Step::SetGrad { .. } => "setGrad".to_string(),
        Step::NoGrad { .. } => "hasNoGrad".to_string(),
    }
}

/// The values that a step writes in place.
fn written(step: &Step) -> Vec<u32> {
    let Step::Call(call) = step else { return Vec::new() };
    let op = call.op.def();
    match op.body {
        Body::Update { .. } => {
            update::written(op, &call.inputs, &call.attrs).unwrap_or_default().into_iter().flatten().collect()
        }
        _ if call.in_place => call.inputs[0].into_iter().collect(),
        _ => Vec::new(),
    }
}

fn step(step: &Step) -> String {
    let name = name(step);
    let of_leaf = |leaf: u32, other: Option<u32>, to: Option<u32>, changes: bool| {
        let inputs: Vec<Option<u32>> = [leaf].into_iter().chain(other).map(Some).collect();
        record(&name, &inputs, "", &to.map(Some).into_iter().collect::<Vec<_>>(), changes)
    };
    match step {
        Step::Call(r) => {
            let outputs: Vec<Option<u32>> = r.outputs.iter().copied().map(Some).collect();
            record(&name, &r.inputs, &attributes(r.op.def(), &r.attrs), &outputs, r.in_place)
        }
        Step::Gradient(r) => {
            let derivative = &r.derivative;
            let inputs: Vec<Option<u32>> = r.grads.iter().copied().chain(r.kept.iter().copied().map(Some)).collect();
            record(&name, &inputs, &attributes(derivative.op(), derivative.attrs()), &r.outputs, false)
        }
        Step::Detach { from, to } => of_leaf(*from, None, Some(*to), false),
        Step::ReadGrad { leaf, to } => of_leaf(*leaf, None, Some(*to), false),
        Step::Accumulate { leaf, grad, .. } => of_leaf(*leaf, Some(*grad), None, true),
        Step::SetGrad { leaf, grad } => of_leaf(*leaf, *grad, None, true),
        Step::NoGrad { leaf } => of_leaf(*leaf, None, None, false),
    }
}

/// One record. Outputs that are not wanted are left out.
fn record(op: &str, inputs: &[Option<u32>], attributes: &str, outputs: &[Option<u32>], in_place: bool) -> String {
    let inputs = list(inputs, |n| n.map_or_else(|| "null".to_string(), |n| n.to_string()));
    let outputs = list(outputs.iter().flatten(), u32::to_string);
    format!(
        r#"{{"op":{},"inputs":{inputs},"attributes":{{{attributes}}},"outputs":{outputs},"inPlace":{in_place}}}"#,
        quoted(op)
    )
}

fn attributes(op: &OpDef, attrs: &Attrs) -> String {
    let args = op.args.iter().filter(|arg| !arg.kind.is_tensor());
    let shown: Vec<String> = args
        .zip(&attrs.0)
        .filter(|(arg, attr)| **attr != default_attr(arg))
        .map(|(arg, attr)| format!("{}:{}", quoted(&camel_case(arg.name)), quoted(&describe::attr(arg, attr))))
        .collect();
    shown.join(",")
}
