//! What the registry says of ids.

use adjoint_ops::formula::lines;
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

#[test]
fn formulas_are_printed_with_the_names_of_the_arguments() {
    let of = |name: &str| lines(registry::ops().find(|op| op.name == name).unwrap());
    assert_eq!(of("sub"), ["y = input − alpha · other", "dinput = g", "dother = −(g · alpha)"]);
    assert_eq!(of("tanh"), ["y = tanh(input)", "dinput = g · (1 − y) · (1 + y)"]);
    assert_eq!(of("div"), ["y = input / other", "dinput = g / other", "dother = −(g · input / other / other)"]);
    assert_eq!(of("relu"), ["y = (0 if input < 0, else input)", "dinput = (0 if y ≤ 0, else g)"]);
    assert_eq!(of("ge"), ["y = other ≤ input"]);
    assert_eq!(of("digamma"), ["y = digamma(input)"]);
    assert_eq!(of("sum"), [""; 0]);
}
