//! No call of the table may be ambiguous: where two overloads take the same arguments, they must mean the same by them.

use crate::arguments::Given;
use crate::decode::fits;
use adjoint_autograd::{Arg, Default, Kind, OpDef, Tensor};
use adjoint_ops::{naming, registry};
use adjoint_tensor::{Array, DType, Scalar};

/// An argument of every kind that overloads can tell apart.
fn arguments(ops: &[&'static OpDef]) -> Vec<Given> {
    let vector = Array::zeros(&[2], DType::Float32).unwrap();
    let mut all = vec![
        Given::Null,
        Given::Tensor(Tensor::from_array(vector)),
        Given::Tensor(Tensor::number(Scalar::Float(0.5)).unwrap()),
        Given::Number(Scalar::Int(1)),
        Given::Number(Scalar::Float(0.5)),
        Given::Number(Scalar::Bool(true)),
        Given::Ints([].into_iter().collect()),
        Given::Ints([1].into_iter().collect()),
        Given::Floats(vec![0.5]),
        Given::Tensors(vec![Some(Tensor::number(Scalar::Int(1)).unwrap())]),
        Given::Text(DType::Float32.name().to_string()),
        Given::Text("free text".to_string()),
    ];
    for arg in ops.iter().flat_map(|op| op.args) {
        if let Kind::Choice(words) = arg.kind {
            all.extend(words.iter().map(|word| Given::Text(word.to_string())));
        }
    }
    all
}

/// Whether the parameters that are left can be given by name so that both overloads take the call.
fn can_be_completed(left: [&'static [Arg]; 2], values: &[Given]) -> bool {
    let covers = |mine: &'static [Arg], other: &'static [Arg]| {
        mine.iter().filter(|arg| arg.default == Default::Required).all(|arg| {
            let twin = other.iter().find(|o| o.name == arg.name);
            twin.is_some_and(|twin| values.iter().any(|v| fits(arg, v).is_some() && fits(twin, v).is_some()))
        })
    };
    covers(left[0], left[1]) && covers(left[1], left[0])
}

/// Why the two overloads differ in what they make of a call that both take, with `given` values by position.
fn difference(pair: [&'static OpDef; 2], given: &[Given]) -> Option<String> {
    let [a, b] = pair.map(|op| op.args.split_at(given.len()));
    for (i, value) in given.iter().enumerate() {
        // Null stands for the default.
        if matches!(value, Given::Null) || a.0[i].name == b.0[i].name {
            continue;
        }
        return Some(format!("argument {i} is {} in one and {} in the other", a.0[i].name, b.0[i].name));
    }
    let find = |name: &str| b.1.iter().find(|arg| arg.name == name);
    let differs =
        |arg: &&Arg| find(arg.name).is_some_and(|twin| both_optional(arg, twin) && arg.default != twin.default);
    a.1.iter().find(differs).map(|arg| format!("the defaults of {} differ", arg.name))
}

fn both_optional(a: &Arg, b: &Arg) -> bool {
    a.default != Default::Required && b.default != Default::Required
}

/// All positional lists that start with `given` and that both overloads take after `conversions` each, with what they make
/// of them differently.
fn search(
    pair: [&'static OpDef; 2],
    values: &[Given],
    given: &mut Vec<Given>,
    conversions: [usize; 2],
    found: &mut Vec<String>,
) {
    let left = pair.map(|op| &op.args[given.len()..]);
    if conversions[0] == conversions[1]
        && can_be_completed(left, values)
        && let Some(why) = difference(pair, given)
    {
        let shown: Vec<String> = given.iter().map(crate::describe::given).collect();
        found.push(format!("{} and {} both take ({}): {why}", pair[0].name, pair[1].name, shown.join(", ")));
    }
    let ([a, ..], [b, ..]) = (left[0], left[1]) else { return };
    for value in values {
        if let (Some(i), Some(j)) = (fits(a, value), fits(b, value)) {
            given.push(value.clone());
            search(pair, values, given, [conversions[0] + i, conversions[1] + j], found);
            given.pop();
        }
    }
}

fn ambiguities(ops: &[&'static OpDef]) -> Vec<String> {
    let mut found = Vec::new();
    for group in ops.chunk_by(|a, b| a.public_name() == b.public_name()) {
        for has_form in [naming::has_value_form, naming::has_in_place_form] {
            let seen: Vec<&'static OpDef> = group.iter().copied().filter(|op| has_form(op)).collect();
            let values = arguments(&seen);
            for (i, a) in seen.iter().enumerate() {
                for b in &seen[i + 1..] {
                    search([a, b], &values, &mut Vec::new(), [0; 2], &mut found);
                }
            }
        }
    }
    found
}

#[test]
fn no_two_overloads_take_the_same_arguments_for_different_parameters() {
    let ops: Vec<&'static OpDef> = registry::ops().collect();
    let found = ambiguities(&ops);
    assert!(
        found.is_empty(),
        "{} ambiguous calls, the first are\n{}",
        found.len(),
        found[..found.len().min(40)].join("\n")
    );
}

#[test]
fn overloads_have_no_lists_spread_over_the_call() {
    // Which argument belongs to which parameter would then depend on the call.
    for group in registry::ops().collect::<Vec<_>>().chunk_by(|a, b| a.public_name() == b.public_name()) {
        let spreads = |op: &&OpDef| op.args.iter().any(|a| matches!(a.kind, Kind::IntsSpread | Kind::TensorsSpread));
        assert!(group.len() == 1 || !group.iter().any(spreads), "{}", group[0].name);
    }
}

#[test]
fn a_number_that_two_overloads_take_for_different_parameters_is_found() {
    static MEAN_FIRST: OpDef = OpDef {
        name: "draw",
        args: &[Arg::number("mean"), Arg::optional("std", Kind::TensorOrNumber, Default::Float(1.0))],
        ..OpDef::BASE
    };
    static TENSOR_FIRST: OpDef = OpDef {
        name: "draw.tensor",
        args: &[Arg::tensor("input"), Arg::optional("mean", Kind::Float, Default::Float(0.0))],
        in_place: true,
        ..OpDef::BASE
    };
    let found = ambiguities(&[&MEAN_FIRST, &TENSOR_FIRST]);
    assert!(found.iter().any(|text| text.contains("argument 0 is mean in one and input in the other")), "{found:?}");
}
