//! Captured functions: a record of calls that can be shown and run again on other inputs.

use crate::decode::default_attr;
use crate::describe;
use crate::errors::{answer, quoted};
use crate::handles::{new_handle, tensor};
use crate::scratch::{self, Words};
use adjoint_autograd::capture::{self, Graph, Record};
use adjoint_autograd::node::OutMeta;
use adjoint_autograd::{OpDef, Tensor, dispatch, dispatch_in_place};
use adjoint_ops::naming::camel_case;
use adjoint_tensor::{Error, Result};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

/// A finished record, without the values that were computed on the way.
struct Program {
    records: Vec<Record>,
    values: Vec<OutMeta>,
    inputs: Vec<u32>,
    outputs: Vec<u32>,
    /// Values that were there before and are no inputs.
    constants: Vec<(u32, Tensor)>,
}

thread_local! {
    static PROGRAMS: RefCell<Vec<Option<Rc<Program>>>> = const { RefCell::new(Vec::new()) };
}

/// Starts to record calls.
#[wasm_bindgen]
pub fn capture_start() {
    capture::start();
}

/// Ends the recording and forgets it.
#[wasm_bindgen]
pub fn capture_cancel() {
    capture::finish();
}

/// Ends the recording and returns the number of the program. The scratch area holds `n inputs, inputs…, n outputs,
/// outputs…`, all handles.
#[wasm_bindgen]
pub fn capture_finish(words: usize) -> i32 {
    let graph = capture::finish();
    answer(program(graph, words).map(keep).map_err(|e| e.in_op("capture")))
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

fn handles(words: &mut Words) -> Result<Vec<Tensor>> {
    (0..words.count()).map(|_| tensor(words.int())).collect()
}

fn program(graph: Graph, words: usize) -> Result<Program> {
    let (given, results) = scratch::read(words, |area| {
        let mut words = Words::new(area);
        Ok::<_, Error>((handles(&mut words)?, handles(&mut words)?))
    })?;
    let mut values = graph.values.clone();
    let mut constants = graph.sources.clone();
    // What the function returned or was given need not have met any op.
    let mut number = |t: &Tensor, constants: &mut Vec<(u32, Tensor)>| match graph.number(t) {
        Some(n) => n,
        None => match constants.iter().find(|(_, have)| have.ptr_eq(t)) {
            Some((n, _)) => *n,
            None => {
                values.push(OutMeta::of(t));
                constants.push((values.len() as u32 - 1, t.clone()));
                values.len() as u32 - 1
            }
        },
    };
    let inputs: Vec<u32> = given.iter().map(|t| number(t, &mut constants)).collect();
    let outputs: Vec<u32> = results.iter().map(|t| number(t, &mut constants)).collect();
    constants.retain(|(n, _)| !inputs.contains(n));
    Ok(Program { records: graph.records, values, inputs, outputs, constants })
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
    answer(get(id).and_then(|program| match program.constants.iter().find(|(n, _)| *n == value) {
        Some((_, t)) => new_handle(t.clone()),
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
    let given: Vec<Tensor> = scratch::read(words, |area| {
        let mut words = Words::new(area);
        (0..area.len()).map(|_| tensor(words.int())).collect::<Result<_>>()
    })?;
    if given.len() != program.inputs.len() {
        return Err(Error::usage(format!("takes {} inputs, got {}", program.inputs.len(), given.len())));
    }
    let mut values: Vec<Option<Tensor>> = vec![None; program.values.len()];
    for (n, t) in &program.constants {
        values[*n as usize] = Some(t.clone());
    }
    for (n, t) in program.inputs.iter().zip(given) {
        values[*n as usize] = Some(t);
    }
    let last = program.last_uses();
    for (i, record) in program.records.iter().enumerate() {
        let inputs: Vec<Option<&Tensor>> =
            record.inputs.iter().map(|n| n.and_then(|n| values[n as usize].as_ref())).collect();
        if record.in_place {
            dispatch_in_place(record.op, &inputs, record.attrs.clone())?;
        } else {
            let outs = dispatch(record.op, &inputs, record.attrs.clone())?;
            for (n, t) in record.outputs.iter().zip(outs) {
                values[*n as usize] = Some(t);
            }
        }
        // A value nobody reads any more is dropped at once, as it is when the function itself runs.
        for n in record.inputs.iter().flatten().chain(&record.outputs) {
            if last[*n as usize] == Some(i) {
                values[*n as usize] = None;
            }
        }
    }
    let mut found = Vec::with_capacity(program.outputs.len());
    for n in &program.outputs {
        let t = values[*n as usize].clone().ok_or_else(|| Error::usage("an output was not computed"))?;
        found.push(new_handle(t)?);
    }
    scratch::write(found.len(), |out| found.iter().for_each(|&h| out.put(f64::from(h))));
    Ok(found.len() as i32)
}

impl Program {
    /// For each value the record after which it can be dropped; none for outputs.
    fn last_uses(&self) -> Vec<Option<usize>> {
        let mut last = vec![None; self.values.len()];
        for (i, record) in self.records.iter().enumerate() {
            for n in record.inputs.iter().flatten().chain(&record.outputs) {
                last[*n as usize] = Some(i);
            }
        }
        for n in &self.outputs {
            last[*n as usize] = None;
        }
        last
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
    let values = list(&p.values, |v| format!(r#"{{"dtype":"{}","shape":{:?}}}"#, v.dtype.name(), v.shape()));
    let constants = list(&p.constants, |(n, t)| match t.array().item() {
        Ok(v) if t.rank() == 0 => format!(r#"{{"value":{n},"number":{}}}"#, quoted(&describe::scalar(v))),
        _ => format!(r#"{{"value":{n}}}"#),
    });
    let records = list(&p.records, |r| {
        let inputs = list(&r.inputs, |n| n.map_or_else(|| "null".to_string(), |n| n.to_string()));
        format!(
            r#"{{"op":{},"inputs":{inputs},"attributes":{{{}}},"outputs":{:?},"inPlace":{}}}"#,
            quoted(&camel_case(r.op.public_name())),
            attributes(r.op, r),
            &r.outputs[..],
            r.in_place
        )
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
