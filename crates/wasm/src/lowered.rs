//! Captured functions in functional form, as exporters read them.

use crate::capture::{self, list};
use crate::decode::default_attr;
use crate::describe::json_attr;
use crate::errors::{answer, quoted};
use crate::handles::new_handle;
use crate::numbered::Numbered;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Kind, OpDef};
use adjoint_graph::{Lowered, LoweredCall, LoweredConstant, Origin, ValueId};
use adjoint_ops::naming::{camel_case, shown};
use adjoint_tensor::{Error, Result};
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static RECORDS: RefCell<Numbered<Lowered>> = const { RefCell::new(Numbered::new()) };
}

/// Brings a program into functional form; the number of the record.
#[wasm_bindgen]
pub fn program_lower(id: u32) -> i32 {
    let lowered = || {
        let record = capture::get(id)?.lowered()?;
        Ok(RECORDS.with_borrow_mut(|all| all.keep(record)) as i32)
    };
    answer(lowered().map_err(|e: Error| e.in_op("captured function")))
}

fn get(id: u32) -> Result<Rc<Lowered>> {
    let found = RECORDS.with_borrow(|all| all.get(id));
    found.ok_or_else(|| Error::usage("the record was released"))
}

/// Gives a record back.
#[wasm_bindgen]
pub fn lowered_free(id: u32) {
    let gone = RECORDS.with_borrow_mut(|all| all.take(id));
    drop(gone);
}

/// The tensor that a constant of the record is.
#[wasm_bindgen]
pub fn lowered_constant(id: u32, value: u32) -> i32 {
    answer(get(id).and_then(|record| match record.constants.iter().find(|c| c.value == value) {
        Some(constant) => new_handle(constant.tensor.clone()),
        None => Err(Error::usage(format!("value {value} is not a constant"))),
    }))
}

/// The record as JSON: `values` with dtype and shape, `inputs`, `outputs`, `constants` with the program's value that they
/// are (`of`) or whose gradient (`gradientOf`), and their elements where these are one number; `calls` of op, inputs and the
/// parameters they are given for, all other arguments by name, and outputs; `updates` and `gradients` as pairs.
#[wasm_bindgen]
pub fn lowered_json(id: u32) -> String {
    get(id).map_or_else(|_| String::new(), |record| json(&record))
}

fn json(record: &Lowered) -> String {
    let values = list(&record.values, |v| format!(r#"{{"dtype":"{}","shape":{:?}}}"#, v.dtype().name(), v.shape()));
    let changing: HashSet<ValueId> = record.updates.iter().map(|&(value, _)| value).collect();
    let constants = list(&record.constants, |c| constant(c, changing.contains(&c.value)));
    let calls = list(&record.calls, call);
    let pairs = |pairs: &[(ValueId, ValueId)]| list(pairs, |(a, b)| format!("[{a},{b}]"));
    let (inputs, outputs) = (&record.inputs, &record.outputs);
    let (updates, gradients) = (pairs(&record.updates), pairs(&record.gradients));
    format!(
        r#"{{"values":{values},"inputs":{inputs:?},"outputs":{outputs:?},"constants":{constants},"calls":{calls},"updates":{updates},"gradients":{gradients}}}"#
    )
}

fn constant(constant: &LoweredConstant, changes: bool) -> String {
    let value = constant.value;
    let origin = match constant.origin {
        Origin::Constant(of) => format!(r#","of":{of}"#),
        Origin::Gradient(of) => format!(r#","gradientOf":{of}"#),
        Origin::Made => String::new(),
    };
    let number = match only_number(constant) {
        Some(number) if !changes => {
            let number = match number {
                v if v.is_nan() => r#""NaN""#.to_string(),
                v if v.is_infinite() => (if v < 0.0 { r#""-Infinity""# } else { r#""Infinity""# }).to_string(),
                v => v.to_string(),
            };
            let promotes = if constant.tensor.is_wrapped_number() { r#","isNumber":true"# } else { "" };
            format!(r#","number":{number}{promotes}"#)
        }
        _ => String::new(),
    };
    format!(r#"{{"value":{value}{origin}{number}}}"#)
}

/// What all elements are, of a number or of what lowering made.
fn only_number(LoweredConstant { tensor, origin, .. }: &LoweredConstant) -> Option<f64> {
    let is_number = tensor.rank() == 0 && !tensor.requires_grad();
    if !is_number && *origin != Origin::Made {
        return None;
    }
    let values = tensor.array().to_vec_f64().ok()?;
    let first = *values.first()?;
    values.iter().all(|v| v.to_bits() == first.to_bits()).then_some(first)
}

fn call(call: &LoweredCall) -> String {
    let op = call.op.def();
    let id = |n: &Option<ValueId>| n.map_or_else(|| "null".to_string(), |n| n.to_string());
    let (inputs, outputs) = (list(&call.inputs, id), list(&call.outputs, id));
    let parameters = list(parameters(op, call.inputs.len(), &call.attrs), |name| quoted(&camel_case(name)));
    let step = if matches!(op.body, Body::Update { .. }) { r#","isStep":true"# } else { "" };
    format!(
        r#"{{"op":{},"inputs":{inputs},"parameters":{parameters},"attributes":{{{}}},"outputs":{outputs}{step}}}"#,
        quoted(&shown(op.public_name())),
        attributes(op, &call.attrs)
    )
}

/// The parameter of each of `count` inputs.
fn parameters(op: &OpDef, count: usize, attrs: &Attrs) -> Vec<&'static str> {
    let tensors: Vec<_> = op.args.iter().filter(|arg| arg.kind.is_tensor()).collect();
    let is_list = |kind: Kind| matches!(kind, Kind::Tensors | Kind::TensorsSpread | Kind::OptionalTensors);
    let lengths: &[i64] = match (op.body, attrs.0.last()) {
        (Body::Update { .. }, Some(Attr::Ints(lengths))) => lengths,
        _ => &[],
    };
    let others = tensors.iter().filter(|arg| !is_list(arg.kind)).count();
    let each = |(i, arg): (usize, &&Arg)| {
        let length = match lengths.get(i) {
            Some(&length) => length as usize,
            None if is_list(arg.kind) => count.saturating_sub(others),
            None => 1,
        };
        std::iter::repeat_n(arg.name, length)
    };
    tensors.iter().enumerate().flat_map(each).take(count).collect()
}

/// All arguments but tensors, those that are the default too.
fn attributes(op: &OpDef, attrs: &Attrs) -> String {
    let args = op.args.iter().filter(|arg| !arg.kind.is_tensor()).enumerate();
    let text = |(i, arg): (usize, &Arg)| {
        let given = attrs.0.get(i).cloned().unwrap_or_else(|| default_attr(arg));
        format!("{}:{}", quoted(&camel_case(arg.name)), json_attr(arg, &given))
    };
    args.map(text).collect::<Vec<_>>().join(",")
}
