//! A record of what was dispatched, as plain data: the explicit graph.
//!
//! Captured values are numbered in the order they appear. The record can be printed and is what an exporter or a
//! compiler would read.

use crate::attrs::Attrs;
use crate::modes::{self, Unusual};
use crate::node::OutMeta;
use crate::op::OpDef;
use crate::tensor::Tensor;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};

/// One dispatched call.
#[derive(Clone, Debug)]
pub struct Record {
    /// The op.
    pub op: &'static OpDef,
    /// The numbers of its input values.
    pub inputs: SmallVec<[Option<u32>; 2]>,
    /// Its other arguments.
    pub attrs: Attrs,
    /// The numbers of its output values.
    pub outputs: SmallVec<[u32; 1]>,
    /// Whether it wrote its first input.
    pub in_place: bool,
}

/// The calls captured between [`start`] and [`finish`], and the tensors they met.
#[derive(Debug, Default)]
pub struct Graph {
    /// The calls in order.
    pub records: Vec<Record>,
    /// Shape and dtype of every value.
    pub values: Vec<OutMeta>,
    /// Values that were there before: inputs and constants, with the tensor.
    pub sources: Vec<(u32, Tensor)>,
    tensors: Vec<Tensor>,
}

impl Graph {
    /// The number of a tensor, where it appears.
    pub fn number(&self, t: &Tensor) -> Option<u32> {
        self.tensors.iter().rposition(|have| have.ptr_eq(t)).map(|i| i as u32)
    }

    fn add(&mut self, t: &Tensor) -> u32 {
        self.values.push(OutMeta::of(t));
        self.tensors.push(t.clone());
        (self.tensors.len() - 1) as u32
    }

    fn source(&mut self, t: &Tensor) -> u32 {
        if let Some(n) = self.number(t) {
            return n;
        }
        let n = self.add(t);
        self.sources.push((n, t.clone()));
        n
    }
}

thread_local! {
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    static GRAPH: RefCell<Graph> = RefCell::new(Graph::default());
}

/// Whether calls are being captured.
#[inline]
pub fn active() -> bool {
    ACTIVE.get()
}

/// Starts a new capture. A capture within a capture is not possible: the outer one is lost.
pub fn start() {
    GRAPH.with_borrow_mut(|g| *g = Graph::default());
    modes::set_unusual(Unusual::Capture, true);
    ACTIVE.set(true);
}

/// Ends the capture and gives the record.
pub fn finish() -> Graph {
    modes::set_unusual(Unusual::Capture, false);
    ACTIVE.set(false);
    GRAPH.with_borrow_mut(std::mem::take)
}

pub(crate) fn record(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
    outputs: &[Tensor],
    in_place: bool,
) {
    GRAPH.with_borrow_mut(|g| {
        let inputs = inputs.iter().map(|t| t.map(|t| g.source(t))).collect();
        let outputs = outputs.iter().map(|t| g.add(t)).collect();
        g.records.push(Record { op, inputs, attrs: attrs.clone(), outputs, in_place });
    });
}
