//! The calls generated tests make, as data for the test programs.

use crate::json::{array, number, object, string};
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_autograd::op::Vjp;
use adjoint_autograd::{Arg, Attr, Default, Kind, OpDef, Sample, SampleArg, SampleTensor};
use adjoint_ops::naming::{camel_case, returns_list};
use adjoint_tensor::Scalar;

/// `test/generated/manifest.json`: an array of ops, one sample a line.
pub fn manifest(ops: &[&'static OpDef]) -> String {
    let entries: Vec<String> = ops.iter().enumerate().map(|(id, op)| entry(id, op)).collect();
    format!("[\n{}\n]\n", entries.join(",\n"))
}

fn entry(id: usize, op: &OpDef) -> String {
    let samples = (op.samples)();
    let errors = (op.errors)();
    let reason = match op.vjp {
        Vjp::None(reason) => string(reason),
        _ => "null".to_string(),
    };
    // A list has no names.
    let outputs = if returns_list(op) { &[] } else { op.outputs };
    let head = [
        ("id", id.to_string()),
        ("op", string(op.name)),
        ("name", string(&camel_case(op.public_name()))),
        ("class", string(&format!("{:?}", op.class))),
        ("surface", array(op.surface.iter().map(|s| string(&format!("{s:?}"))))),
        ("also", array(op.also.iter().map(|alias| string(&camel_case(alias.name))))),
        ("inPlace", op.in_place.to_string()),
        ("notDifferentiable", reason),
        ("outputs", array(outputs.iter().map(|name| string(&camel_case(name))))),
        ("args", array(op.args.iter().map(parameter))),
    ];
    let mut out = String::from("  {");
    for (key, value) in head {
        out.push_str(&format!("\n    {}: {value},", string(key)));
    }
    let lines = |items: Vec<String>| {
        if items.is_empty() { "[]".to_string() } else { format!("[\n      {}\n    ]", items.join(",\n      ")) }
    };
    out.push_str(&format!("\n    \"samples\": {},", lines(samples.iter().map(|s| sample(op, s)).collect())));
    let errors = errors
        .iter()
        .map(|e| {
            object([("code", string(e.code.name())), ("message", string(e.message)), ("call", sample(op, &e.sample))])
        })
        .collect();
    out.push_str(&format!("\n    \"errors\": {}\n  }}", lines(errors)));
    out
}

fn parameter(arg: &Arg) -> String {
    let kind = match arg.kind {
        Kind::Choice(words) => array(words.iter().map(|w| string(w))),
        kind => string(&format!("{kind:?}")),
    };
    object([
        ("name", string(&camel_case(arg.name))),
        ("kind", kind),
        ("required", (arg.default == Default::Required).to_string()),
    ])
}

fn sample(op: &OpDef, s: &Sample) -> String {
    let args = s.args.iter().enumerate().map(|(i, arg)| argument(op.args.get(i), arg));
    object([("label", string(&s.label)), ("smooth", s.smooth.to_string()), ("args", array(args))])
}

fn argument(parameter: Option<&Arg>, arg: &SampleArg) -> String {
    match arg {
        SampleArg::Tensor(t) => tensor(t),
        SampleArg::Tensors(list) => {
            object([("tensors", array(list.iter().map(|t| t.as_ref().map_or("null".to_string(), tensor))))])
        }
        SampleArg::Attr(attr) => attribute(parameter, attr),
    }
}

fn tensor(t: &SampleTensor) -> String {
    object([(
        "tensor",
        object([
            ("shape", array(t.shape.iter().map(ToString::to_string))),
            ("dtype", string(t.dtype.name())),
            ("range", array([number(t.range.0), number(t.range.1)])),
            ("avoid", array(t.avoid.iter().map(|&v| number(v)))),
            ("distinct", t.distinct.to_string()),
            ("requiresGrad", t.requires_grad.to_string()),
        ]),
    )])
}

/// Integers and lists as themselves, floats as `{"float": v}`, since `2` and `2.0` promote
/// differently.
fn attribute(parameter: Option<&Arg>, attr: &Attr) -> String {
    let float = |v: f64| object([("float", number(v))]);
    match attr {
        Attr::None => "null".to_string(),
        Attr::Bool(v) | Attr::Scalar(Scalar::Bool(v)) => v.to_string(),
        Attr::Int(v) | Attr::Scalar(Scalar::Int(v)) => v.to_string(),
        Attr::Float(v) | Attr::Scalar(Scalar::Float(v)) => float(*v),
        Attr::Ints(v) => array(v.iter().map(|&v| if v == NULL_SIZE { "null".to_string() } else { v.to_string() })),
        Attr::Floats(v) => array(v.iter().map(|&v| float(v))),
        Attr::DType(t) => object([("dtype", string(t.name()))]),
        Attr::Choice(i) => match parameter.map(|arg| arg.kind) {
            Some(Kind::Choice(words)) => string(words.get(usize::from(*i)).unwrap_or(&"")),
            _ => i.to_string(),
        },
        Attr::Text(text) => string(text),
        // No sample has one: a generator is not data.
        Attr::Generator(_) => "null".to_string(),
    }
}
