//! [`OpId`]: an op by its index in the table.

use crate::registry;
use adjoint_autograd::OpDef;
use std::cell::OnceCell;
use std::collections::HashMap;

/// What an op is known by to bindings and captured programs: its index in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpId(pub u16);

thread_local! {
    /// The ids by address of the definition, made when the first is asked for.
    static IDS: OnceCell<HashMap<*const OpDef, OpId>> = const { OnceCell::new() };
}

impl OpId {
    /// The id of an op; `None` where it is not in the table.
    pub fn of(op: &'static OpDef) -> Option<OpId> {
        let made = || registry::ops().zip(0..).map(|(op, id)| (std::ptr::from_ref(op), OpId(id))).collect();
        IDS.with(|ids| ids.get_or_init(made).get(&std::ptr::from_ref(op)).copied())
    }

    /// The index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Whether the table has such an op.
    pub fn exists(self) -> bool {
        self.index() < registry::COUNT
    }

    /// The op; `None` where the table has none of this id.
    pub fn get(self) -> Option<&'static OpDef> {
        registry::op(self.index())
    }

    /// The op.
    ///
    /// # Panics
    /// If the table has none of this id.
    pub fn def(self) -> &'static OpDef {
        self.get().expect("the table has an op of this id")
    }
}
