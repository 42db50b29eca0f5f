//! TypeScript signatures of ops.
//!
//! Parameters are positional in PyTorch's order, and any suffix of them may be given by name in one
//! trailing object. An op of n parameters has one signature with all of them, and one for each
//! index where the object may begin. In the object a parameter may also have its NumPy name.

use adjoint_autograd::{Arg, Default, Kind, OpDef};
use adjoint_ops::naming::{camel_case, makes_leaves, numpy_names, returns_list};

/// The type of an argument.
fn argument_type(arg: &Arg) -> String {
    let kind = match arg.kind {
        Kind::Tensor => "Tensor".to_string(),
        Kind::TensorOrWide => "Tensor | bigint".to_string(),
        Kind::TensorOrNumber => "Tensor | Scalar".to_string(),
        Kind::Tensors | Kind::TensorsSpread => "readonly Tensor[]".to_string(),
        Kind::OptionalTensors => "readonly (Tensor | null)[]".to_string(),
        Kind::Scalar | Kind::Factor => "Scalar".to_string(),
        Kind::Int | Kind::Float => "number".to_string(),
        Kind::Bool => "boolean".to_string(),
        Kind::Literal(v) => v.to_string(),
        Kind::Ints | Kind::IntsSpread => "number | readonly number[]".to_string(),
        Kind::Floats => "number | readonly number[]".to_string(),
        Kind::DType => "DType".to_string(),
        Kind::Choice(words) => words.iter().map(|w| format!("'{w}'")).collect::<Vec<_>>().join(" | "),
        Kind::Text => "string".to_string(),
        Kind::OptionalSizes => "number | null | readonly (number | null)[]".to_string(),
        Kind::Generator => "Generator".to_string(),
    };
    if arg.default == Default::None { format!("{kind} | null") } else { kind }
}

fn is_optional(arg: &Arg) -> bool {
    arg.default != Default::Required
}

/// `name?: type` for each name of an optional parameter, `name: type` for a required one without
/// others.
fn field(arg: &Arg) -> Option<String> {
    let others = numpy_names(arg.name);
    if !is_optional(arg) {
        return others.is_empty().then(|| format!("{}: {}", camel_case(arg.name), argument_type(arg)));
    }
    let names = std::iter::once(camel_case(arg.name)).chain(others.iter().map(ToString::to_string));
    Some(names.map(|name| format!("{name}?: {}", argument_type(arg))).collect::<Vec<_>>().join("; "))
}

/// `Named<'input' | 'x' | 'a' | 'x1', Tensor>` for a required parameter with several names, of
/// which one is given.
fn named(arg: &Arg) -> Option<String> {
    let others = numpy_names(arg.name);
    if is_optional(arg) || others.is_empty() {
        return None;
    }
    let others: String = others.iter().map(|name| format!(" | '{name}'")).collect();
    Some(format!("Named<'{}'{others}, {}>", camel_case(arg.name), argument_type(arg)))
}

/// The type of an object with these parameters, and the fields `extra`; nothing where there are
/// none.
fn object_type(args: &[&Arg], extra: &[String]) -> Option<String> {
    let fields: Vec<String> = args.iter().filter_map(|arg| field(arg)).chain(extra.iter().cloned()).collect();
    let object = (!fields.is_empty()).then(|| format!("{{ {} }}", fields.join("; ")));
    let parts: Vec<String> = args.iter().filter_map(|arg| named(arg)).chain(object).collect();
    (!parts.is_empty()).then(|| parts.join(" & "))
}

/// Positional parameters: an optional one in front of a required one is written as required.
fn positional(args: &[&Arg], required_after: bool) -> Vec<String> {
    let last_required = args.iter().rposition(|arg| !is_optional(arg));
    args.iter()
        .enumerate()
        .map(|(i, arg)| {
            let must = required_after || last_required.is_some_and(|last| i < last);
            if must && is_optional(arg) {
                format!("{}: {} | undefined", parameter_name(arg), argument_type(arg))
            } else {
                format!("{}{}: {}", parameter_name(arg), if is_optional(arg) { "?" } else { "" }, argument_type(arg))
            }
        })
        .collect()
}

/// Parameter names may not be reserved words; names of options may.
fn parameter_name(arg: &Arg) -> String {
    let name = camel_case(arg.name);
    if crate::text::is_reserved(&name) { format!("{name}_") } else { name }
}

/// The parameter lists of `op` without its first `skip` parameters; `options` are further ones that
/// are given by name only.
pub fn parameter_lists(op: &OpDef, skip: usize, options: &[&str]) -> Vec<String> {
    let args: Vec<&Arg> = op.args.iter().skip(skip).collect();
    let leaves: &[&str] = if makes_leaves(op) { &["device?: Device | null", "requiresGrad?: boolean"] } else { &[] };
    let older = op.older.args.iter().filter_map(|(_, arg)| field(arg));
    let extra: Vec<String> = options.iter().chain(leaves).map(ToString::to_string).chain(older).collect();
    let mut lists = vec![positional(&args, false).join(", ")];
    if !op.older.args.is_empty() {
        let merged = op.older.merged(op.args);
        lists.push(positional(&merged.iter().skip(skip).collect::<Vec<_>>(), false).join(", "));
    }
    for start in 0..=args.len() {
        let Some(object) = object_type(&args[start..], &extra) else { continue };
        let mut list = positional(&args[..start], true);
        list.push(format!("options: {object}"));
        lists.push(list.join(", "));
    }
    lists.extend(spread_lists(&args, &extra));
    lists
}

/// `zeros(2, 3, { dtype })`, `meshgrid(x, y)`, `einsum(equation, x, y)`: a list of integers or
/// tensors spread over the call.
fn spread_lists(args: &[&Arg], extra: &[String]) -> Vec<String> {
    let is_spread = |arg: &&Arg| matches!(arg.kind, Kind::IntsSpread | Kind::TensorsSpread);
    let Some(at) = args.iter().position(is_spread) else { return Vec::new() };
    let element = if args[at].kind == Kind::IntsSpread { "number" } else { "Tensor" };
    let name = camel_case(args[at].name);
    let before = positional(&args[..at], true);
    let with = |last: String| before.iter().cloned().chain([last]).collect::<Vec<_>>().join(", ");
    let mut lists = vec![with(format!("...{name}: {element}[]"))];
    if let Some(object) = object_type(&args[at + 1..], extra) {
        lists.push(with(format!("...args: [...{name}: {element}[], options: {object}]")));
    }
    lists
}

/// A signature. Where `op` gives as many tensors as it is given, as `meshgrid` does, a list of
/// known length gives one too.
pub fn signature(op: &OpDef, list: &str, returns: &str) -> String {
    let is_one_each = returns_list(op) && op.args.first().is_some_and(|arg| arg.kind == Kind::TensorsSpread);
    if !is_one_each {
        return format!("({list}): {returns}");
    }
    let list = list.replacen("readonly Tensor[]", "T", 1).replacen("Tensor[]", "T", 1);
    format!("<const T extends readonly Tensor[]>({list}): {{ -readonly [K in keyof T]: Tensor }}")
}

/// What `op` returns.
pub fn return_type(op: &OpDef) -> String {
    if returns_list(op) {
        return "Tensor[]".to_string();
    }
    match op.outputs {
        [_] => "Tensor".to_string(),
        several => {
            let fields: Vec<String> = several.iter().map(|name| format!("'{}'", camel_case(name))).collect();
            format!("Outputs<{}>", fields.join(" | "))
        }
    }
}
