//! What ran, how long it took and what it allocated.
//!
//! Between [`start`] and [`finish`] every dispatched call, every node's derivative and every
//! backward pass is a span. Spans nest: what a composite or a derivative calls is inside it, so
//! each has a time of its own besides the total. Sums are kept for every name, single events up to
//! a limit, for a timeline.

use crate::dispatch::batched;
use crate::op::interpreter::{self, Below, Interpreter, Invocation, Section};
use crate::op::keys::{self, Key};
use crate::op::{OpDef, Outputs};
use adjoint_tensor::{Result, memory};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Name {
    /// An op, and whether it wrote its first input.
    Op(&'static OpDef, bool),
    /// A node's derivative, the backward pass itself, or a span that the caller named.
    Text(String),
}

/// The sums of one name, forward or backward.
#[derive(Clone, Debug)]
pub struct Row {
    /// What ran.
    pub name: Name,
    /// Whether it ran inside a backward pass.
    pub backward: bool,
    /// How often.
    pub calls: u64,
    /// Milliseconds from start to end, what was called inside included.
    pub total: f64,
    /// Milliseconds without what was called inside.
    pub own: f64,
    /// Bytes of storages allocated, freed or not, what was called inside included.
    pub total_bytes: u64,
    /// The same without what was called inside.
    pub own_bytes: u64,
    /// How often it ran on one sample of a `vmap` after the other, without what was called inside.
    pub loops: u64,
    open: u32,
}

/// One span on the timeline.
#[derive(Clone, Debug)]
pub struct Event {
    /// The index of its row.
    pub row: usize,
    /// Milliseconds on the clock.
    pub start: f64,
    /// Milliseconds.
    pub duration: f64,
    /// Bytes allocated, what was called inside included.
    pub bytes: u64,
}

/// What came of a profile.
#[derive(Debug, Default)]
pub struct Profile {
    /// Sums in the order names appeared.
    pub rows: Vec<Row>,
    /// Events in the order they ended.
    pub events: Vec<Event>,
    /// How many events were beyond the limit.
    pub dropped: u64,
}

struct Open {
    row: usize,
    is_call: bool,
    start: f64,
    allocated: u64,
    inner: f64,
    inner_bytes: u64,
    loops: u64,
    inner_loops: u64,
}

struct Running {
    clock: fn() -> f64,
    most_events: usize,
    found: Profile,
    /// By the name that is shown: an inner op counts as the op it is part of.
    ops: HashMap<(&'static str, bool, bool), usize>,
    texts: HashMap<(String, bool), usize>,
    open: Vec<Open>,
    passes: u32,
}

thread_local! {
    /// The number of the running profile; 0 where none runs.
    static ACTIVE: Cell<u32> = const { Cell::new(0) };
    static LAST: Cell<u32> = const { Cell::new(0) };
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Starts a profile; one that runs is lost. `clock` gives milliseconds; events beyond `most_events`
/// are only counted.
pub fn start(clock: fn() -> f64, most_events: usize) {
    let running = Running {
        clock,
        most_events,
        found: Profile::default(),
        ops: HashMap::new(),
        texts: HashMap::new(),
        open: Vec::new(),
        passes: 0,
    };
    RUNNING.set(Some(running));
    LAST.set(LAST.get().wrapping_add(1).max(1));
    ACTIVE.set(LAST.get());
    interpreter::install(Key::Profile, &Profiler);
    keys::set(Key::Profile, true);
}

/// Ends the profile. Spans that are open count up to now.
pub fn finish() -> Profile {
    ACTIVE.set(0);
    keys::set(Key::Profile, false);
    RUNNING.take().map_or_else(Profile::default, |mut running| {
        while !running.open.is_empty() {
            running.end();
        }
        running.found
    })
}

/// Brackets calls, derivatives and backward passes.
struct Profiler;

impl Interpreter for Profiler {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        let profile = begin(|running| running.begin_op(call.op, call.in_place));
        let outputs = below.call(call);
        end(profile, false);
        outputs
    }

    fn section(&self, section: Section, run: &mut dyn FnMut()) {
        let is_pass = matches!(section, Section::BackwardPass);
        let profile = begin(|running| match section {
            Section::BackwardPass => {
                running.passes += 1;
                running.begin_text("backward".to_string());
            }
            Section::Derivative(node) => running.begin_text(node.name()),
        });
        run();
        end(profile, is_pass);
    }
}

/// Begins a span; returns the number of the profile that is taken.
fn begin(span: impl FnOnce(&mut Running)) -> u32 {
    with_running(span);
    ACTIVE.get()
}

/// Begins a span that the caller names; [`end_named`] ends it.
pub fn begin_named(name: String) {
    if ACTIVE.get() != 0 {
        with_running(|running| running.begin_text(name));
    }
}

/// Ends the innermost span.
pub fn end_named() {
    if ACTIVE.get() != 0 {
        with_running(Running::end);
    }
}

fn with_running(f: impl FnOnce(&mut Running)) {
    RUNNING.with_borrow_mut(|running| running.as_mut().map(f));
}

fn end(profile: u32, is_pass: bool) {
    // A profile that was started or ended inside the span knows nothing of it.
    if profile == ACTIVE.get() {
        with_running(|running| {
            running.end();
            running.passes -= u32::from(is_pass);
        });
    }
}

impl Running {
    fn begin_op(&mut self, op: &'static OpDef, in_place: bool) {
        let backward = self.passes > 0;
        let rows = &mut self.found.rows;
        let key = (op.shown_name(), in_place, backward);
        let row = *self.ops.entry(key).or_insert_with(|| add_row(rows, Name::Op(op, in_place), backward));
        // An inner op inside of the op it is part of is no call of its own.
        let is_call = op.part_of.is_empty() || self.found.rows[row].open == 0;
        self.begin(row, is_call);
    }

    fn begin_text(&mut self, name: String) {
        let backward = self.passes > 0;
        let rows = &mut self.found.rows;
        let row = match self.texts.get(&(name.clone(), backward)) {
            Some(&row) => row,
            None => {
                let row = add_row(rows, Name::Text(name.clone()), backward);
                self.texts.insert((name, backward), row);
                row
            }
        };
        self.begin(row, true);
    }

    fn begin(&mut self, row: usize, is_call: bool) {
        self.found.rows[row].open += 1;
        // The clock is read last here and first at the end, so that keeping books is not counted.
        let open = Open {
            row,
            is_call,
            start: 0.0,
            allocated: memory::allocated_bytes(),
            inner: 0.0,
            inner_bytes: 0,
            loops: batched::loops(),
            inner_loops: 0,
        };
        self.open.push(open);
        let now = (self.clock)();
        if let Some(open) = self.open.last_mut() {
            open.start = now;
        }
    }

    fn end(&mut self) {
        let now = (self.clock)();
        let Some(span) = self.open.pop() else { return };
        let duration = now - span.start;
        let bytes = memory::allocated_bytes() - span.allocated;
        let row = &mut self.found.rows[span.row];
        row.open -= 1;
        row.calls += u64::from(span.is_call);
        row.own += duration - span.inner;
        row.own_bytes += bytes - span.inner_bytes;
        let loops = batched::loops() - span.loops;
        row.loops += loops - span.inner_loops;
        // What runs inside something of the same name is in that one's total already.
        if row.open == 0 {
            row.total += duration;
            row.total_bytes += bytes;
        }
        if self.found.events.len() < self.most_events {
            self.found.events.push(Event { row: span.row, start: span.start, duration, bytes });
        } else {
            self.found.dropped += 1;
        }
        if let Some(outer) = self.open.last_mut() {
            outer.inner += duration;
            outer.inner_bytes += bytes;
            outer.inner_loops += loops;
        }
    }
}

fn add_row(rows: &mut Vec<Row>, name: Name, backward: bool) -> usize {
    rows.push(Row { name, backward, calls: 0, total: 0.0, own: 0.0, total_bytes: 0, own_bytes: 0, loops: 0, open: 0 });
    rows.len() - 1
}
