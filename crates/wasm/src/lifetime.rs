//! Giving handles back, and counting what lives.

use crate::abi::{self, stats};
use crate::dispatch_table;
use crate::errors::{answer, fail, quoted, take};
use crate::handles::{self, new_handle, tensor};
use crate::scratch;
use adjoint_autograd::inventory;
use adjoint_ops::naming::shown;
use adjoint_tensor::memory;
use wasm_bindgen::prelude::wasm_bindgen;

/// A second handle of the same tensor.
#[wasm_bindgen]
pub fn alias(h: i32) -> i32 {
    answer(tensor(h).and_then(new_handle))
}

/// Gives a handle back; harmless if it was given back before.
#[wasm_bindgen]
pub fn release(h: i32) {
    handles::release(h);
}

/// Opens a scope, now the innermost, and returns its handle.
#[wasm_bindgen]
pub fn scope_open() -> i32 {
    answer(handles::open_scope())
}

/// Makes a scope the innermost; 0 is none.
#[wasm_bindgen]
pub fn scope_enter(scope: i32) {
    handles::enter_scope(scope);
}

/// Gives a handle to a scope, or for 0 to none.
#[wasm_bindgen]
pub fn scope_take(scope: i32, h: i32) {
    handles::give_to_scope(h, scope);
}

/// Ends a scope, gives its handles back but `passed`, which `next` gets, the innermost scope from
/// now on; 0 is none.
#[wasm_bindgen]
pub fn scope_end(scope: i32, next: i32, passed: i32) {
    handles::end_scope(scope, next, passed);
}

/// Writes the handles of a scope to the scratch area and returns how many there are, or as any call [`crate::errors::FAILED`] where
/// there is no memory for the list.
#[wasm_bindgen]
pub fn scope_handles(scope: i32) -> usize {
    let count = answer(handles::scope_handles(scope).and_then(|handles| {
        scratch::write(handles.len(), |out| handles.iter().for_each(|h| out.put(f64::from(*h))))?;
        Ok(handles.len() as i32)
    }));
    count as usize
}

/// Reserves `words` doubles of the scratch area and returns its address.
#[wasm_bindgen]
pub fn scratch_reserve(words: usize) -> *const f64 {
    scratch::reserve(words).unwrap_or_else(|e| {
        fail(e);
        std::ptr::null()
    })
}

/// The capacity of the scratch area in doubles.
#[wasm_bindgen]
pub fn scratch_capacity() -> usize {
    scratch::capacity()
}

/// Writes to the scratch area: tensors JavaScript holds, bytes of storages, their peak, storages,
/// graph nodes.
#[wasm_bindgen]
pub fn memory_stats() {
    let now = memory::stats();
    scratch::write_few(stats::COUNT as usize, |out| {
        out.put_at(stats::TENSORS, handles::live_tensors() as f64);
        out.put_at(stats::BYTES, now.live_bytes as f64);
        out.put_at(stats::PEAK_BYTES, now.peak_bytes as f64);
        out.put_at(stats::STORAGES, now.live_storages as f64);
        out.put_at(stats::NODES, adjoint_autograd::node::live_nodes() as f64);
    });
}

/// What the tensors JavaScript holds and the graph behind them keep alive, by the operation that
/// made it, as JSON: `{"mul":{"storages":2,"bytes":16}}`.
#[wasm_bindgen]
pub fn memory_by_op() -> String {
    let entries: Vec<String> = inventory::living(&handles::all_tensors())
        .into_iter()
        .map(|(op, living)| {
            let name = quoted(&shown(&op));
            format!(r#"{name}:{{"storages":{},"bytes":{}}}"#, living.storages, living.bytes)
        })
        .collect();
    format!("{{{}}}", entries.join(","))
}

/// Bytes of living storages.
#[wasm_bindgen]
pub fn live_bytes() -> f64 {
    memory::stats().live_bytes as f64
}

/// Starts a new measurement of the peak.
#[wasm_bindgen]
pub fn reset_peak_memory() {
    memory::reset_peak();
}

/// The error of the call that just failed, as JSON; empty if there is none.
#[wasm_bindgen]
pub fn take_error() -> String {
    take()
}

/// The hash of all that the bindings assume: of the table of ops and of what is in [`abi`].
#[wasm_bindgen]
pub fn abi_hash() -> u32 {
    const HASH: u32 = abi::hash(dispatch_table::HASH);
    HASH
}
