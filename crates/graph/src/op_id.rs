//! [`OpId`]: an op by its index in the table.

use adjoint_autograd::OpDef;
use adjoint_ops::registry;
use std::cell::OnceCell;
use std::collections::HashMap;

/// The index of an op in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpId(pub u16);

struct Table {
    ops: Vec<&'static OpDef>,
    ids: HashMap<*const OpDef, OpId>,
}

thread_local! {
    static TABLE: OnceCell<Table> = const { OnceCell::new() };
}

fn with_table<R>(f: impl FnOnce(&Table) -> R) -> R {
    TABLE.with(|table| {
        f(table.get_or_init(|| {
            let ops: Vec<&'static OpDef> = registry::ops().collect();
            let ids = ops.iter().zip(0..).map(|(op, id)| (std::ptr::from_ref(*op), OpId(id))).collect();
            Table { ops, ids }
        }))
    })
}

impl OpId {
    /// The id of an op; `None` where it is not in the table.
    pub fn of(op: &'static OpDef) -> Option<OpId> {
        with_table(|table| table.ids.get(&std::ptr::from_ref(op)).copied())
    }

    /// Whether the table has such an op.
    pub fn exists(self) -> bool {
        with_table(|table| usize::from(self.0) < table.ops.len())
    }

    /// The op.
    ///
    /// # Panics
    /// If the table has none of this id.
    pub fn def(self) -> &'static OpDef {
        with_table(|table| table.ops[usize::from(self.0)])
    }
}
