//! What nodes are called by the composites that made them.
//!
//! PyTorch has one op, with one node, for many of the ops that are made of others here. A node has
//! a byte for that, which is free: the place of the label in a list that grows to a few dozen.

use crate::op::OpDef;
use std::cell::RefCell;

/// A composite that made a node.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    /// The composite.
    pub op: &'static OpDef,
    /// The name that it gives the node; empty where that has its own.
    pub name: &'static str,
}

thread_local! {
    static LABELS: RefCell<Vec<Label>> = const { RefCell::new(Vec::new()) };
}

/// The number of a label, from 1; 0, which is none, where there are too many.
pub fn number_of(label: Label) -> u8 {
    LABELS.with_borrow_mut(|all| {
        let known = all.iter().position(|other| std::ptr::eq(other.op, label.op) && other.name == label.name);
        let at = known.unwrap_or(all.len());
        let Ok(number) = u8::try_from(at + 1) else { return 0 };
        if known.is_none() {
            all.push(label);
        }
        number
    })
}

/// The label with this number.
pub fn label_of(number: u8) -> Option<Label> {
    LABELS.with_borrow(|all| all.get(usize::from(number).checked_sub(1)?).copied())
}
