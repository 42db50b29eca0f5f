//! What the registry says of ids.

use adjoint_ops::{naming, registry};

#[test]
fn an_id_leads_to_the_op_of_that_place_among_all() {
    let ops: Vec<_> = registry::ops().collect();
    assert_eq!(ops.len(), registry::COUNT);
    for (id, op) in ops.iter().enumerate() {
        assert!(std::ptr::eq(*op, registry::op(id).unwrap()), "id {id} is not {}", op.name);
    }
    assert!(registry::op(registry::COUNT).is_none());
}

#[test]
fn overloads_are_in_one_file() {
    let ops: Vec<_> = registry::ops().collect();
    for (id, op) in ops.iter().enumerate() {
        let (first, file) = registry::file_of(id).unwrap();
        let among_all = naming::overloads(&ops, id);
        let in_file = naming::overloads(file, id - first);
        assert_eq!(among_all, first + in_file.start..first + in_file.end, "{}", op.name);
    }
}
