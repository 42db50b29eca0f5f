//! Calls of ops.
//!
//! A result of `FAILED` means an error is waiting. A positive result below `MANY` is the handle of the one output, a
//! negative one that of a view of another tensor, negated. A result of `MANY | id`, with the id that was called, means the
//! scratch area holds the number of outputs and their handles in the same form. All these handles are the innermost
//! scope's. The numbers are in [`crate::abi`].

use crate::abi::number::BY_VALUE;
use crate::abi::op::IN_PLACE;
use crate::abi::result::MANY;
use crate::abi::side;
use crate::arguments::{Arguments, Given, number_of_kind};
use crate::decode::{Decoded, Mismatch, decode, refuse};
use crate::dispatch_table::{Entry, Overload, entry, fast_paths, names};
use crate::errors::{answer, fail};
use crate::handles::{self, new_scoped_handle, tensor};
use crate::new_handles::NewHandles;
use crate::scratch::{self, Words};
use adjoint_autograd::interpreter::{self, Untraced};
use adjoint_autograd::{Attrs, Body, Kind, OpDef, Outputs, Tensor, dispatch, dispatch_in_place};
use adjoint_ops::OpId;
use adjoint_ops::naming::returns_list;
use adjoint_tensor::{Error, Result, Scalar};
use smallvec::SmallVec;
use wasm_bindgen::prelude::wasm_bindgen;

/// Calls op `op` with one tensor.
#[wasm_bindgen]
pub fn call1(op: i32, a: i32) -> i32 {
    let made = fast_paths(op).one.and_then(|path| handles::compute([a], |x| path.call(x)));
    made.unwrap_or_else(|| answer(call_tensors(op, [a])))
}

/// Calls op `op` with two tensors.
#[wasm_bindgen]
pub fn call2(op: i32, a: i32, b: i32) -> i32 {
    let made = fast_paths(op).two.and_then(|path| handles::compute([a, b], |xs| path.call(xs)));
    made.unwrap_or_else(|| answer(call_tensors(op, [a, b])))
}

/// Calls op `op` with three tensors.
#[wasm_bindgen]
pub fn call3(op: i32, a: i32, b: i32, c: i32) -> i32 {
    let made = fast_paths(op).three.and_then(|path| handles::compute([a, b, c], |xs| path.call(xs)));
    made.unwrap_or_else(|| answer(call_tensors(op, [a, b, c])))
}

/// Calls op `op` with a tensor and a number, of a kind in [`crate::abi::number`] and on a side of [`crate::abi::side`].
#[wasm_bindgen]
pub fn call2n(op: i32, a: i32, number: f64, kind: i32, side: i32) -> i32 {
    let path = if kind == BY_VALUE && side == side::SECOND { fast_paths(op).with_number } else { None };
    let made = path.and_then(|path| handles::compute([a], |[x]| path.call_with_number(x, number)));
    made.unwrap_or_else(|| answer(call_with_number(op, a, number_of_kind(number, kind), side == side::FIRST)))
}

/// Calls op `op` with the arguments in the first `words` doubles of the scratch area.
#[wasm_bindgen]
pub fn call_n(op: i32, words: usize) -> i32 {
    let args = scratch::read(words, |area| Arguments::read(&mut Words::new(area)));
    match args.map_err(|e| in_op(e, op)) {
        Ok(args) => answer(call_any(op, &args)),
        Err(e) => fail(e),
    }
}

fn in_op(error: Error, op: i32) -> Error {
    match id_of(op).get() {
        Some(def) => error.in_op(&public_name(def, op)),
        None => error,
    }
}

/// The id in what a call names; beyond the table for what no call of ours does.
fn id_of(op: i32) -> OpId {
    OpId(u16::try_from(op & !IN_PLACE).unwrap_or(u16::MAX))
}

fn public_name(def: &OpDef, op: i32) -> String {
    def.called(op & IN_PLACE != 0)
}

fn entry_of(op: i32) -> Result<&'static Entry> {
    entry(id_of(op).index(), op & IN_PLACE != 0).ok_or_else(|| Error::usage(format!("there is no op {op}")))
}

fn call_tensors<const N: usize>(op: i32, handles: [i32; N]) -> Result<i32> {
    let mut tensors = [const { None }; N];
    for (place, h) in tensors.iter_mut().zip(handles) {
        *place = Some(tensor(h).map_err(|e| in_op(e, op))?);
    }
    match &entry_of(op)?.tensors[N - 1] {
        Some(overload) => run_overload(op, overload, &tensors),
        None => {
            let positional = tensors.into_iter().flatten().map(Given::Tensor).collect();
            call_any(op, &Arguments { positional, ..Arguments::default() })
        }
    }
}

fn call_with_number(op: i32, a: i32, number: Scalar, first: bool) -> Result<i32> {
    let t = tensor(a).map_err(|e| in_op(e, op))?;
    if let (Some(overload), false) = (&entry_of(op)?.with_number, first) {
        return run_overload(op, overload, &[Some(t), Some(Tensor::number(number)?)]);
    }
    let (t, number) = (Given::Tensor(t), Given::Number(number));
    call_any(op, &Arguments::of(if first { [number, t] } else { [t, number] }))
}

/// The most inputs of an op that is called with nothing but tensors.
pub const FAST_INPUTS: usize = 6;

fn run_overload(op: i32, overload: &Overload, given: &[Option<Tensor>]) -> Result<i32> {
    // An array and not a vector: this is the path of small tensors, where every nanosecond shows.
    let mut inputs = [None; FAST_INPUTS];
    for (input, t) in inputs.iter_mut().zip(given) {
        *input = t.as_ref();
    }
    let attrs = if overload.attrs.0.is_empty() { Attrs::new() } else { overload.attrs.clone() };
    run(op, overload.op, &inputs[..given.len() + overload.absent], attrs)
}

/// Calls the overload whose parameters the arguments fit: the one that takes them as they are before one that converts some.
/// A test of the table makes sure that there is one.
fn call_any(op: i32, args: &Arguments) -> Result<i32> {
    let ops = &entry_of(op)?.overloads;
    // The names are those of all ops, rare ones too, so they are asked for only where arguments have one.
    let names = if args.named.is_empty() { &[] } else { names() };
    let mut mismatches = Vec::new();
    let mut best: Option<(&'static OpDef, Decoded)> = None;
    for def in ops {
        match decode(def, args, names) {
            Ok(decoded) => {
                let is_exact = decoded.conversions == 0;
                if best.as_ref().is_none_or(|(_, other)| decoded.conversions < other.conversions) {
                    best = Some((def, decoded));
                }
                if is_exact {
                    break;
                }
            }
            Err(Mismatch::OutOfMemory(error)) => return Err(in_op(error, op)),
            Err(why) => mismatches.push(why),
        }
    }
    if let Some((def, Decoded { inputs, attrs, .. })) = best {
        let inputs: SmallVec<[Option<&Tensor>; 4]> = inputs.iter().map(Option::as_ref).collect();
        return run(op, def, &inputs, attrs);
    }
    if ops.is_empty() {
        return Err(in_op(Error::usage("has no such form"), op));
    }
    if args.tensors().any(|t| t.rank() == 0) {
        // A number that is a tensor was not read.
        interpreter::check_traced(Untraced::Number).map_err(|e| in_op(e, op))?;
    }
    Err(in_op(refuse(ops, args, names, &mismatches), op))
}

fn run(op: i32, def: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<i32> {
    if op & IN_PLACE != 0 {
        dispatch_in_place(def, inputs, attrs).map_err(|e| e.called_as(&public_name(def, op)))?;
        return Ok(0);
    }
    let mut outputs = dispatch(def, inputs, attrs).map_err(|e| e.called_as(&public_name(def, op)))?;
    if matches!(def.body, Body::Update { .. }) {
        return Ok(0);
    }
    if outputs.len() == 1 && !returns_list(def) {
        // What gives its argument back as it is (contiguous() of a contiguous tensor) gives the same object back.
        let given = inputs.first().copied().flatten();
        let leads = def.args.first().is_some_and(|arg| arg.kind == Kind::Tensor);
        if leads && given.is_some_and(|t| t.is_same(&outputs[0])) {
            return Ok(0);
        }
        return outputs.pop().map_or(Ok(0), output_handle);
    }
    many(id_of(op), outputs)
}

/// A new handle, negated for a view: its base is another object of JavaScript's.
fn output_handle(t: Tensor) -> Result<i32> {
    let is_view = t.base().is_some();
    new_scoped_handle(t).map(|h| if is_view { -h } else { h })
}

/// Puts the outputs' handles into the scratch area.
fn many(id: OpId, outputs: Outputs) -> Result<i32> {
    let mut made = NewHandles::with_capacity(outputs.len())?;
    for t in outputs {
        made.push(output_handle(t))?;
    }
    let handles = made.hand_out();
    scratch::write(handles.len() + 1, |out| {
        out.put(handles.len() as f64);
        for h in handles {
            out.put(f64::from(h));
        }
    })?;
    Ok(MANY | i32::from(id.0))
}
