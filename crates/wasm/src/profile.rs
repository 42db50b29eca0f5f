//! Profiles, for JavaScript.

use crate::errors::quoted;
use adjoint_autograd::profile::{self, Name, Profile};
use adjoint_ops::naming::shown;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Starts a profile that keeps single events up to a limit.
#[wasm_bindgen]
pub fn profile_start(most_events: usize) {
    profile::start(now, most_events);
}

/// Begins a span with a name of the caller's.
#[wasm_bindgen]
pub fn profile_begin(name: String) {
    profile::begin_named(name);
}

/// Ends the innermost named span.
#[wasm_bindgen]
pub fn profile_end() {
    profile::end_named();
}

/// Ends the profile and returns it as JSON: `rows` of name, whether backward, calls, total and own
/// milliseconds, total and own bytes, runs over samples; `events` of row, start, duration and
/// bytes; `dropped`, the number of events beyond the limit.
#[wasm_bindgen]
pub fn profile_finish() -> String {
    json(&profile::finish())
}

fn json(profile: &Profile) -> String {
    let rows: Vec<String> = profile
        .rows
        .iter()
        .map(|row| {
            let name = match &row.name {
                Name::Op(op, in_place) => shown(&op.called(*in_place)),
                Name::Text(text) => text.clone(),
            };
            let (backward, calls) = (row.backward, row.calls);
            format!(
                "[{},{backward},{calls},{},{},{},{},{}]",
                quoted(&name),
                row.total,
                row.own,
                row.total_bytes,
                row.own_bytes,
                row.loops
            )
        })
        .collect();
    let events: Vec<String> =
        profile.events.iter().map(|e| format!("[{},{},{},{}]", e.row, e.start, e.duration, e.bytes)).collect();
    format!(r#"{{"rows":[{}],"events":[{}],"dropped":{}}}"#, rows.join(","), events.join(","), profile.dropped)
}
