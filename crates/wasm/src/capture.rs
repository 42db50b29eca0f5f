//! Captured functions: a record of calls that can be shown and run again on other inputs.

use crate::decode::default_attr;
use crate::describe;
use crate::errors::{answer, quoted};
use crate::handles::{new_handle, tensor};
use crate::new_handles::NewHandles;
use crate::scratch::{self, Words};
use adjoint_autograd::capture::{self, Constant, Graph, Record, Step};
use adjoint_autograd::{OpDef, Tensor, dispatch, dispatch_in_place, modes};
use adjoint_ops::naming::camel_case;
use adjoint_tensor::{Error, Result};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

/// A finished record, without the values that were computed on the way.
struct Program {
    graph: Graph,
    /// Of each input, whether gradients were asked for.
    requires_grad: Vec<bool>,
}

thread_local! {
    static PROGRAMS: RefCell<Vec<Option<Rc<Program>>>> = const { RefCell::new(Vec::new()) };
    /// What the function that is captured was given.
    static GIVEN: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
}

/// Starts to record the calls of a function that is given the `words` handles in the scratch area.
#[wasm_bindgen]
pub fn capture_start(words: usize) -> i32 {
    let begin = || {
        let given = given(words)?;
        capture::start(&given)?;
        GIVEN.set(given.iter().map(Tensor::requires_grad).collect());
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
/// function returned.
#[wasm_bindgen]
pub fn capture_finish(words: usize) -> i32 {
    let finish = || {
        let results = match given(words) {
            Ok(results) => results,
            Err(e) => {
                capture::cancel();
                return Err(e);
            }
        };
        Ok(keep(Program { graph: capture::finish(&results)?, requires_grad: GIVEN.take() }))
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
    PROGRAMS.with_borrow_mut(|all| {
        let place = all.iter().position(Option::is_none).unwrap_or_else(|| {
            all.push(None);
            all.len() - 1
        });
        all[place] = Some(Rc::new(program));
        place as i32
    })
}

fn get(id: u32) -> Result<Rc<Program>> {
    let found = PROGRAMS.with_borrow(|all| all.get(id as usize).cloned().flatten());
    found.ok_or_else(|| Error::usage("the captured function was disposed"))
}

/// Gives a program back.
#[wasm_bindgen]
pub fn program_free(id: u32) {
    let gone = PROGRAMS.with_borrow_mut(|all| all.get_mut(id as usize).and_then(Option::take));
    drop(gone);
}

/// The tensor a constant of the program stands for.
#[wasm_bindgen]
pub fn program_constant(id: u32, value: u32) -> i32 {
    answer(get(id).and_then(|program| match program.graph.constants.iter().find(|c| c.value == value) {
        Some(c) => new_handle(c.tensor.clone()),
        None => Err(Error::usage(format!("value {value} is not a constant"))),
    }))
}

/// Runs a program on the `words` handles in the scratch area; how many outputs there are is returned, and their handles
/// are in the scratch area.
#[wasm_bindgen]
pub fn program_run(id: u32, words: usize) -> i32 {
    answer(run(id, words).map_err(|e| e.in_op("captured function")))
}

fn run(id: u32, words: usize) -> Result<i32> {
    let program = get(id)?;
    let given = given(words)?;
    program.check(&given)?;
    let graph = &program.graph;
    let mut values: Vec<Option<Tensor>> = vec![None; graph.values.len()];
    for constant in &graph.constants {
        values[constant.value as usize] = Some(capture::copied(constant)?);
    }
    for (n, t) in graph.inputs.iter().zip(given) {
        values[*n as usize] = Some(t);
    }
    let last = last_uses(graph);
    for (i, step) in graph.steps.iter().enumerate() {
        take(step, &mut values)?;
        program.check_shapes(step, &values)?;
        // A value nobody reads any more is dropped at once, as it is when the function itself runs.
        each_value(step, |n| {
            if last[n as usize] == Some(i) {
                values[n as usize] = None;
            }
        });
    }
    let mut made = NewHandles::with_capacity(graph.outputs.len())?;
    for n in &graph.outputs {
        let t = values[*n as usize].clone().ok_or_else(|| Error::usage("an output was not computed"))?;
        made.push(new_handle(t))?;
    }
    let found = made.hand_out();
    scratch::write(found.len(), |out| found.iter().for_each(|&h| out.put(f64::from(h))));
    Ok(found.len() as i32)
}

/// Takes one step of a replay.
fn take(step: &Step, values: &mut [Option<Tensor>]) -> Result<()> {
    let record = match step {
        Step::Call(record) => record,
        Step::Detach { from, to } => {
            values[*to as usize] = values[*from as usize].as_ref().map(Tensor::detach);
            return Ok(());
        }
    };
    let _grad = record.grad.map(modes::GradMode::set);
    let _inference = record.inference.map(modes::Inference::set);
    let inputs: Vec<Option<&Tensor>> =
        record.inputs.iter().map(|n| n.and_then(|n| values[n as usize].as_ref())).collect();
    if record.in_place {
        return dispatch_in_place(record.op, &inputs, record.attrs.clone());
    }
    let outs = dispatch(record.op, &inputs, record.attrs.clone())?;
    if outs.len() != record.outputs.len() {
        return Err(Error::shape(format!(
            "{} made {} tensors and made {} when the function was captured; capture the function again for such inputs",
            camel_case(record.op.shown_name()),
            outs.len(),
            record.outputs.len()
        )));
    }
    for (n, t) in record.outputs.iter().zip(outs) {
        values[*n as usize] = Some(t);
    }
    Ok(())
}

/// Calls `f` with every value a step reads or makes.
fn each_value(step: &Step, mut f: impl FnMut(u32)) {
    match step {
        Step::Call(record) => record.inputs.iter().flatten().chain(&record.outputs).for_each(|n| f(*n)),
        Step::Detach { from, to } => [*from, *to].into_iter().for_each(f),
    }
}

/// For each value the step after which it can be dropped; none for outputs.
fn last_uses(graph: &Graph) -> Vec<Option<usize>> {
    let mut last = vec![None; graph.values.len()];
    for (i, step) in graph.steps.iter().enumerate() {
        each_value(step, |n| last[n as usize] = Some(i));
    }
    for n in &graph.outputs {
        last[*n as usize] = None;
    }
    last
}

impl Program {
    /// Fails where this step makes a tensor whose shape was read and is another one now. The inputs have the shapes they had
    /// then, so it depends on values.
    fn check_shapes(&self, step: &Step, values: &[Option<Tensor>]) -> Result<()> {
        let Step::Call(record) = step else { return Ok(()) };
        for &n in record.outputs.iter().filter(|n| self.graph.shapes_read.contains(n)) {
            let was = self.graph.values[n as usize].shape();
            let Some(t) = values[n as usize].as_ref().filter(|t| t.shape() != was) else { continue };
            return Err(Error::shape(format!(
                "{} made a tensor of shape {:?} where the function read its shape {was:?} when it was captured; capture \
                 the function again for such inputs, or do not read shapes that depend on values",
                camel_case(record.op.shown_name()),
                t.shape(),
            )));
        }
        Ok(())
    }

    /// Fails where the record does not hold for inputs such as these.
    fn check(&self, given: &[Tensor]) -> Result<()> {
        let graph = &self.graph;
        if given.len() != graph.inputs.len() {
            return Err(Error::usage(format!("takes {} inputs, got {}", graph.inputs.len(), given.len())));
        }
        for (i, (t, n)) in given.iter().zip(&graph.inputs).enumerate() {
            let was = &graph.values[*n as usize];
            let differs = t.shape() != was.shape() || t.dtype() != was.dtype;
            if let (Some(what), true) = (&graph.facts_read_by, differs) {
                return Err(Error::usage(format!(
                    "input {i} is {} {:?} and was {} {:?} when the function was captured, where {} went by shapes or \
                     dtypes; capture the function again for such inputs",
                    t.dtype().name(),
                    t.shape(),
                    was.dtype.name(),
                    was.shape(),
                    camel_case(what)
                )));
            }
            let asked = self.requires_grad.get(i).copied().unwrap_or_default();
            if let (Some(what), true) = (&graph.requires_grad_read_by, asked != t.requires_grad()) {
                return Err(Error::usage(format!(
                    "input {i} has requiresGrad {} and had {asked} when the function was captured, where {} went by that; \
                     capture the function again for such inputs",
                    t.requires_grad(),
                    camel_case(what)
                )));
            }
        }
        Ok(())
    }
}

/// The program as JSON: `values` with dtype and shape, `constants` (0-dim ones with their value), `inputs`, `outputs` and
/// `records` of op, inputs, attributes by name where they are not the default, outputs and whether it wrote its first
/// input.
#[wasm_bindgen]
pub fn program_json(id: u32) -> String {
    get(id).map_or_else(|_| String::new(), |program| json(&program))
}

fn list<T>(items: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    format!("[{}]", items.into_iter().map(text).collect::<Vec<_>>().join(","))
}

fn json(p: &Program) -> String {
    let p = &p.graph;
    let values = list(&p.values, |v| format!(r#"{{"dtype":"{}","shape":{:?}}}"#, v.dtype.name(), v.shape()));
    let is_written =
        |n: u32| p.steps.iter().any(|s| matches!(s, Step::Call(r) if r.in_place && r.inputs[0] == Some(n)));
    let constants = list(&p.constants, |Constant { value: n, tensor: t, .. }| match t.array().item() {
        // What changes is no number.
        Ok(v) if t.rank() == 0 && !t.requires_grad() && !is_written(*n) => {
            format!(r#"{{"value":{n},"number":{}}}"#, quoted(&describe::scalar(v)))
        }
        _ => format!(r#"{{"value":{n}}}"#),
    });
    let records = list(&p.steps, |step| match step {
        Step::Detach { from, to } => {
            format!(r#"{{"op":"detach","inputs":[{from}],"attributes":{{}},"outputs":[{to}],"inPlace":false}}"#)
        }
        Step::Call(r) => {
            let inputs = list(&r.inputs, |n| n.map_or_else(|| "null".to_string(), |n| n.to_string()));
            format!(
                r#"{{"op":{},"inputs":{inputs},"attributes":{{{}}},"outputs":{:?},"inPlace":{}}}"#,
                quoted(&camel_case(r.op.shown_name())),
                attributes(r.op, r),
                &r.outputs[..],
                r.in_place
            )
        }
    });
    let (inputs, outputs) = (&p.inputs, &p.outputs);
    format!(
        r#"{{"values":{values},"constants":{constants},"inputs":{inputs:?},"outputs":{outputs:?},"records":{records}}}"#
    )
}

fn attributes(op: &OpDef, record: &Record) -> String {
    let args = op.args.iter().filter(|arg| !arg.kind.is_tensor());
    let shown: Vec<String> = args
        .zip(&record.attrs.0)
        .filter(|(arg, attr)| **attr != default_attr(arg))
        .map(|(arg, attr)| format!("{}:{}", quoted(&camel_case(arg.name)), quoted(&describe::attr(arg, attr))))
        .collect();
    shown.join(",")
}
