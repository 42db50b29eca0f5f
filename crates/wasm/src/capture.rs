//! Captured functions: a record of calls that can be shown and run again on other inputs.

use crate::decode::default_attr;
use crate::describe;
use crate::errors::{answer, quoted};
use crate::handles::{new_handle, tensor};
use crate::new_handles::NewHandles;
use crate::scratch::{self, Words};
use adjoint_autograd::{OpDef, Tensor};
use adjoint_graph::capture;
use adjoint_graph::{Call, Constant, Program, Step};
use adjoint_ops::naming::camel_case;
use adjoint_tensor::{Error, Result};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static PROGRAMS: RefCell<Vec<Option<Rc<Program>>>> = const { RefCell::new(Vec::new()) };
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
        Ok(keep(capture::finish(&results)?))
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
        let slot = all.iter().position(Option::is_none).unwrap_or_else(|| {
            all.push(None);
            all.len() - 1
        });
        all[slot] = Some(Rc::new(program));
        slot as i32
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
    answer(get(id).and_then(|program| match program.constants.iter().find(|c| c.value == value) {
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
    let outputs = get(id)?.run(given(words)?)?;
    let mut made = NewHandles::with_capacity(outputs.len())?;
    for t in outputs {
        made.push(new_handle(t))?;
    }
    let found = made.hand_out();
    scratch::write(found.len(), |out| found.iter().for_each(|&h| out.put(f64::from(h))));
    Ok(found.len() as i32)
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
                quoted(&camel_case(r.op.def().shown_name())),
                attributes(r.op.def(), r),
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

fn attributes(op: &OpDef, record: &Call) -> String {
    let args = op.args.iter().filter(|arg| !arg.kind.is_tensor());
    let shown: Vec<String> = args
        .zip(&record.attrs.0)
        .filter(|(arg, attr)| **attr != default_attr(arg))
        .map(|(arg, attr)| format!("{}:{}", quoted(&camel_case(arg.name)), quoted(&describe::attr(arg, attr))))
        .collect();
    shown.join(",")
}
