//! Words for arguments and signatures, in the spelling JavaScript uses.

use crate::arguments::{Arguments, Given};
use crate::decode::Mismatch;
use crate::errors::{public_name, quoted};
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_autograd::{Arg, Attr, Default, Kind, OpDef};
use adjoint_ops::naming::{camel_case, makes_leaves};
use adjoint_tensor::Scalar;

/// One argument as given.
pub fn given(given: &Given) -> String {
    match given {
        Given::Missing => "undefined".to_string(),
        Given::Null => "null".to_string(),
        Given::Tensor(t) => format!("a {} tensor of shape {:?}", t.dtype().name(), t.shape()),
        Given::Number(Scalar::Bool(v)) => format!("{v}"),
        Given::Number(v) => format!("the number {}", js_number(v.to_f64())),
        Given::Ints(v) => format!("the array {:?}", &v[..]),
        Given::Floats(v) => format!("the array [{}]", v.iter().map(|&v| js_number(v)).collect::<Vec<_>>().join(", ")),
        Given::Tensors(v) if v.iter().any(Option::is_none) => "an array of tensors and nulls".to_string(),
        Given::Tensors(_) => "an array of tensors".to_string(),
        Given::Text(text) => format!("the string {text:?}"),
        Given::Sizes(v) => format!("the array {}", sizes(v)),
        Given::Generator(_) => "a Generator".to_string(),
    }
}

fn js_number(v: f64) -> String {
    if v.is_infinite() { format!("{}Infinity", if v < 0.0 { "-" } else { "" }) } else { format!("{v}") }
}

/// A number as JavaScript writes it.
pub fn scalar(v: Scalar) -> String {
    match v {
        Scalar::Bool(v) => v.to_string(),
        Scalar::Int(v) => v.to_string(),
        Scalar::Float(v) => js_number(v),
    }
}

/// The value of an attribute.
pub fn attr(arg: &Arg, attr: &Attr) -> String {
    match attr {
        Attr::None => "null".to_string(),
        Attr::Bool(v) => v.to_string(),
        Attr::Int(v) => v.to_string(),
        Attr::Float(v) => js_number(*v),
        Attr::Scalar(v) => scalar(*v),
        Attr::Ints(v) => sizes(v),
        Attr::Generator(_) => "a Generator".to_string(),
        Attr::Floats(v) => format!("[{}]", v.iter().map(|&v| js_number(v)).collect::<Vec<_>>().join(", ")),
        Attr::DType(v) => format!("'{}'", v.name()),
        Attr::Choice(i) => match arg.kind {
            Kind::Choice(words) => format!("'{}'", words.get(*i as usize).unwrap_or(&"?")),
            _ => i.to_string(),
        },
        Attr::Text(v) => format!("{v:?}"),
    }
}

/// The value of an attribute as JSON. An infinity is a number too great, which JSON reads as one; NaN is null.
pub fn json_attr(arg: &Arg, attr: &Attr) -> String {
    let number = |v: f64| match v {
        v if v.is_nan() => "null".to_string(),
        v if v.is_infinite() => if v < 0.0 { "-1e999" } else { "1e999" }.to_string(),
        v => v.to_string(),
    };
    match attr {
        Attr::None | Attr::Generator(_) => "null".to_string(),
        Attr::Float(v) | Attr::Scalar(Scalar::Float(v)) => number(*v),
        Attr::Floats(v) => format!("[{}]", v.iter().map(|&v| number(v)).collect::<Vec<_>>().join(",")),
        Attr::DType(v) => quoted(v.name()),
        Attr::Choice(i) => match arg.kind {
            Kind::Choice(words) => quoted(words.get(*i as usize).unwrap_or(&"?")),
            _ => i.to_string(),
        },
        Attr::Text(v) => quoted(v),
        Attr::Bool(_) | Attr::Int(_) | Attr::Scalar(_) | Attr::Ints(_) => self::attr(arg, attr),
    }
}

/// Integers, some of which may be null.
fn sizes(list: &[i64]) -> String {
    let text = |&v: &i64| if v == NULL_SIZE { "null".to_string() } else { v.to_string() };
    format!("[{}]", list.iter().map(text).collect::<Vec<_>>().join(", "))
}

/// All arguments as given.
pub fn arguments(args: &Arguments, names: &[String]) -> String {
    let positional = args.positional.iter().map(given);
    let named = args.named.iter().map(|(i, g)| format!("{}: {}", names.get(*i).map_or("?", |n| n), given(g)));
    format!("({})", positional.chain(named).collect::<Vec<_>>().join(", "))
}

/// Why arguments do not fit.
pub fn mismatch(why: &Mismatch) -> String {
    match why {
        Mismatch::Kind { arg, given } => {
            format!("argument {} must be {}, got {}", camel_case(arg.name), expected(arg), self::given(given))
        }
        Mismatch::Missing(arg) => format!("argument {} is missing, it must be {}", camel_case(arg.name), expected(arg)),
        Mismatch::TooMany(n) => format!("{n} arguments are too many"),
        Mismatch::Unknown(name) => format!("there is no argument named {name}"),
        Mismatch::OutOfMemory(error) => error.to_string(),
        Mismatch::Twice(arg) => format!("argument {} was given by position and by name", camel_case(arg.name)),
    }
}

fn expected(arg: &Arg) -> String {
    let kind = match arg.kind {
        Kind::Tensor => "a tensor".to_string(),
        Kind::TensorOrWide => "a tensor".to_string(),
        Kind::TensorOrNumber => "a tensor or a number".to_string(),
        Kind::Tensors | Kind::TensorsSpread => "an array of tensors".to_string(),
        Kind::OptionalTensors => "an array of tensors and nulls".to_string(),
        Kind::Scalar | Kind::Factor | Kind::Float => "a number".to_string(),
        Kind::Int => "an integer".to_string(),
        Kind::Bool => "true or false".to_string(),
        Kind::Literal(v) => v.to_string(),
        Kind::Ints | Kind::IntsSpread => "an integer or an array of integers".to_string(),
        Kind::Floats => "a number or an array of numbers".to_string(),
        Kind::DType => "the name of a dtype".to_string(),
        Kind::Choice(words) => format!("one of '{}'", words.join("', '")),
        Kind::Text => "a string".to_string(),
        Kind::OptionalSizes => "a size or an array of sizes and nulls".to_string(),
        Kind::Generator => "a Generator".to_string(),
    };
    if arg.default == Default::None { format!("{kind} or null") } else { kind }
}

/// How a call of `op` is written: `sum(input, dim=null, keepdim=false)`.
pub fn signature(op: &OpDef) -> String {
    let args: Vec<String> = op
        .args
        .iter()
        .map(|arg| {
            let name = camel_case(arg.name);
            let spread = if matches!(arg.kind, Kind::IntsSpread | Kind::TensorsSpread) { "..." } else { "" };
            match arg.default {
                Default::Required => format!("{spread}{name}"),
                Default::None => format!("{name}=null"),
                Default::Bool(v) => format!("{name}={v}"),
                Default::Int(v) => format!("{name}={v}"),
                Default::Float(v) => format!("{name}={}", js_number(v)),
                Default::Word(v) => format!("{name}='{v}'"),
                Default::Ints(v) => format!("{name}={v:?}"),
            }
        })
        .collect();
    // What the bindings take on top, for all that makes tensors.
    let leaves = if makes_leaves(op) { ", device=null, requiresGrad=false" } else { "" };
    format!("{}({}{leaves})", public_name(op.shown_name()), args.join(", "))
}

/// The signatures of overloads.
pub fn signatures(candidates: &[&'static OpDef]) -> String {
    let mut all: Vec<String> = candidates.iter().map(|op| signature(op)).collect();
    // Overloads may differ in kinds only.
    all.dedup();
    match &all[..] {
        [one] => format!("the signature is {one}"),
        several => format!("the signatures are {}", several.join(" and ")),
    }
}
