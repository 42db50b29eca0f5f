//! The public names of the op table, and its fingerprint.
//!
//! The boundary and the generator of the TypeScript bindings both need them, and must agree.

use adjoint_autograd::{Api, Body, Class, Kind, OpDef};

/// PyTorch's snake case as the public camelCase: `log_softmax` → `logSoftmax`, `add_` → `add_`,
/// `atleast_1d` → `atleast1d`. Only underscores inside a name count.
#[allow(clippy::disallowed_methods, reason = "names are short")]
pub fn camel_case(name: &str) -> String {
    let body = name.trim_end_matches('_');
    let mut out = String::with_capacity(name.len());
    let mut up = false;
    for (i, c) in body.char_indices() {
        match c {
            '_' if i > 0 => up = true,
            c if up => {
                out.push(c.to_ascii_uppercase());
                up = false;
            }
            c => out.push(c),
        }
    }
    out.push_str(&name[body.len()..]);
    out
}

/// A namespace whose members are named as other functions are: their ops have its prefix.
struct Namespace {
    surface: Api,
    prefix: &'static str,
    shown: &'static str,
    /// What follows the prefix in names that are not members.
    not: &'static [&'static str],
}

const NAMESPACES: &[Namespace] = &[
    Namespace { surface: Api::Linalg, prefix: "linalg_", shown: "linalg.", not: &[] },
    Namespace { surface: Api::Functional, prefix: "functional_", shown: "nn.functional.", not: &[] },
    Namespace { surface: Api::Fft, prefix: "fft_", shown: "fft.", not: &[] },
    Namespace { surface: Api::Masked, prefix: "masked_", shown: "masked.", not: &["fill", "scatter", "select"] },
    Namespace { surface: Api::Windows, prefix: "windows_", shown: "signal.windows.", not: &[] },
];

/// The member of a namespace that an op is by its name, `linalg_norm` of `linalg.norm`.
fn member(name: &str) -> Option<(&'static Namespace, &str)> {
    NAMESPACES.iter().find_map(|n| {
        let rest = name.strip_prefix(n.prefix)?;
        // Up to an overload's name, and without the underscore of an in-place form.
        let plain = rest.split('.').next().unwrap_or(rest).trim_end_matches('_');
        let is_other = n.not.contains(&plain);
        (!is_other).then_some((n, rest))
    })
}

/// The name of an op as messages show it: `linalg.norm` of `linalg_norm`.
pub fn shown(name: &str) -> String {
    match member(name) {
        Some((namespace, rest)) => format!("{}{}", namespace.shown, camel_case(rest)),
        None => camel_case(name),
    }
}

/// The name of an op in this part of the API: `norm` in `linalg` of `linalg_norm`.
pub fn name_at(name: &str, surface: Api) -> String {
    match member(name) {
        Some((namespace, rest)) if namespace.surface == surface => camel_case(rest),
        _ => camel_case(name),
    }
}

/// The names of all parameters of public ops, camelCased, and their NumPy names, each once, sorted.
/// Calls by name cross the boundary as indexes into it; ops without a name are called by position.
pub fn parameter_names(ops: &[&OpDef]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let named = || ops.iter().filter(|op| !op.surface.is_empty());
    let older = named().flat_map(|op| op.older.args).map(|(_, arg)| arg);
    for arg in named().flat_map(|op| op.args).chain(older) {
        for name in std::iter::once(camel_case(arg.name)).chain(numpy_names(arg.name).iter().map(ToString::to_string)) {
            if let Err(place) = names.binary_search(&name) {
                names.insert(place, name);
            }
        }
    }
    names
}

/// NumPy's names of a parameter, which PyTorch's parser of arguments takes beside its own.
pub const fn numpy_names(parameter: &str) -> &'static [&'static str] {
    match parameter.as_bytes() {
        b"dim" => &["axis"],
        b"keepdim" => &["keepdims"],
        b"input" => &["x", "a", "x1"],
        b"other" => &["x2"],
        _ => &[],
    }
}

/// Whether `op` has a form with a trailing underscore, which writes its first argument.
pub fn has_in_place_form(op: &OpDef) -> bool {
    op.in_place || op.surface.contains(&Api::InPlaceMethod)
}

/// Whether `op` has a form without: one that is not only there to write its first argument.
pub fn has_value_form(op: &OpDef) -> bool {
    op.surface.is_empty() || op.surface.iter().any(|surface| *surface != Api::InPlaceMethod)
}

/// The overloads of op `id`: the range of neighbours that share its public name.
pub fn overloads(ops: &[&OpDef], id: usize) -> std::ops::Range<usize> {
    let name = ops[id].public_name();
    let mut range = id..id + 1;
    while range.start > 0 && ops[range.start - 1].public_name() == name {
        range.start -= 1;
    }
    while range.end < ops.len() && ops[range.end].public_name() == name {
        range.end += 1;
    }
    range
}

/// Whether callers get a list whose length depends on the call (`split`, `unbind`).
pub fn returns_list(op: &OpDef) -> bool {
    op.outputs.is_empty() || matches!(op.body, Body::Views(_))
}

/// Whether `op` makes a tensor with no history, of a dtype the caller may choose: callers may then
/// say `device` and `requiresGrad`, too.
pub fn makes_leaves(op: &OpDef) -> bool {
    let takes = |kind| op.args.iter().any(|arg| arg.kind == kind);
    takes(Kind::DType) && (matches!(op.class, Class::Factory | Class::Random) || takes(Kind::Generator))
}

/// A hash of all that the bindings assume about the table: FNV-1a over names, kinds and outputs in
/// order.
///
/// Bindings made from another table than the binary's are refused at start, instead of calling a
/// wrong op. The binary has it as a constant: hashing at start would take a third of the time to
/// the first tensor.
pub const fn table_hash(files: &[&[&OpDef]]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut file = 0;
    while file < files.len() {
        let mut i = 0;
        while i < files[file].len() {
            hash = op_hash(hash, files[file][i]);
            i += 1;
        }
        file += 1;
    }
    hash
}

const fn op_hash(mut hash: u32, op: &OpDef) -> u32 {
    hash = text_hash(hash, op.name);
    let mut i = 0;
    while i < op.args.len() {
        hash = text_hash(hash, op.args[i].name);
        hash = text_hash(hash, kind_name(op.args[i].kind));
        i += 1;
    }
    let mut i = 0;
    while i < op.older.args.len() {
        hash = text_hash(hash ^ op.older.args[i].0 as u32, op.older.args[i].1.name);
        i += 1;
    }
    let mut i = 0;
    while i < op.outputs.len() {
        hash = text_hash(hash, op.outputs[i]);
        i += 1;
    }
    text_hash(hash, if op.in_place { "in place" } else { "" })
}

/// The hash so far with a text added: its bytes and one 0 after them.
pub const fn text_hash(mut hash: u32, text: &str) -> u32 {
    let mut i = 0;
    while i <= text.len() {
        let byte = if i < text.len() { text.as_bytes()[i] } else { 0 };
        hash = (hash ^ byte as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Tensor => "tensor",
        Kind::TensorOrNumber => "tensor or number",
        Kind::TensorOrWide => "tensor or wide integer",
        Kind::Tensors => "tensors",
        Kind::OptionalTensors => "optional tensors",
        Kind::Scalar => "scalar",
        Kind::Factor => "factor",
        Kind::Int => "int",
        Kind::Float => "float",
        Kind::Bool => "bool",
        Kind::Literal(true) => "true",
        Kind::Literal(false) => "false",
        Kind::Ints => "ints",
        Kind::IntsSpread => "ints, spread",
        Kind::Floats => "floats",
        Kind::DType => "dtype",
        Kind::Choice(_) => "choice",
        Kind::Text => "text",
        Kind::OptionalSizes => "sizes and nulls",
        Kind::Generator => "generator",
        Kind::TensorsSpread => "tensors, also spread",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_mechanical_rule() {
        for (snake, camel) in [
            ("log_softmax", "logSoftmax"),
            ("requires_grad_", "requiresGrad_"),
            ("atleast_1d", "atleast1d"),
            ("index_add_", "indexAdd_"),
            ("T", "T"),
            ("mT", "mT"),
            ("unsafe_chunk", "unsafeChunk"),
        ] {
            assert_eq!(camel_case(snake), camel);
        }
    }

    #[test]
    fn members_of_namespaces_are_shown_by_their_paths() {
        for (name, path) in [
            ("linalg_norm", "linalg.norm"),
            ("masked_log_softmax", "masked.logSoftmax"),
            ("masked_fill", "maskedFill"),
            ("masked_fill_", "maskedFill_"),
            ("masked_fill.tensor", "maskedFill.tensor"),
            ("windows_hann", "signal.windows.hann"),
            ("fft_ifftshift", "fft.ifftshift"),
            ("functional_unfold", "nn.functional.unfold"),
        ] {
            assert_eq!(shown(name), path);
        }
        assert_eq!(name_at("masked_sum", Api::Masked), "sum");
        assert_eq!(name_at("masked_fill", Api::Function), "maskedFill");
    }
}
