//! Reference pages, one a kind of op.

use crate::groups::{Group, has_in_place_form};
use crate::signatures::return_type;
use crate::text::about;
use adjoint_autograd::op::Vjp;
use adjoint_autograd::{Api, Class, Default, Kind, OpDef};
use adjoint_ops::formula::lines;
use adjoint_ops::naming::{camel_case, name_at};
use std::fmt::Write;

const KINDS: &[(Class, &str, &str)] = &[
    (Class::Factory, "creation", "Making tensors"),
    (Class::Random, "random", "Random numbers"),
    (Class::Elementwise, "elementwise", "Element by element"),
    (Class::Reduce, "reductions", "Reductions"),
    (Class::Contract, "products", "Products"),
    (Class::View, "views", "Views"),
    (Class::Index, "indexing", "Indexing and joining"),
    (Class::Composite, "composites", "Composites"),
    (Class::Opaque, "others", "Others"),
];

/// The pages: name and text.
pub fn pages(groups: &[Group]) -> Vec<(String, String)> {
    let mut index =
        String::from("# Ops\n\nGenerated from the op table. Parameters may be given by name in a trailing object.\n\n");
    let mut pages = Vec::new();
    for (class, file, title) in KINDS {
        let members: Vec<&Group> = groups.iter().filter(|g| g.is_public() && g.ops[0].class == *class).collect();
        if members.is_empty() {
            continue;
        }
        let mut text = format!("# {title}\n");
        let _ = writeln!(index, "## [{title}]({file}.md)\n");
        for group in &members {
            let _ = writeln!(text, "\n{}", section(group));
        }
        let names: Vec<String> =
            members.iter().map(|g| path(g)).map(|path| format!("[`{path}`]({file}.md#{})", anchor(&path))).collect();
        let _ = writeln!(index, "{}\n", names.join(", "));
        pages.push((format!("{file}.md"), text));
    }
    pages.push(("README.md".to_string(), format!("{}\n", index.trim_end())));
    pages
}

/// What a group is called by, and searched for: `linalg.norm` where it is in a namespace only.
fn path(group: &Group) -> String {
    let surfaces = || group.ops.iter().flat_map(|op| op.surface);
    if surfaces().any(|surface| namespace(*surface).is_none()) {
        return group.name.clone();
    }
    match surfaces().find_map(|surface| Some((namespace(*surface)?, *surface))) {
        Some((namespace, surface)) => format!("{namespace}.{}", name_at(group.ops[0].public_name(), surface)),
        None => group.name.clone(),
    }
}

/// The anchor of a heading: its letters without dots.
fn anchor(path: &str) -> String {
    path.to_lowercase().replace('.', "")
}

fn section(group: &Group) -> String {
    let path = path(group);
    let mut out = format!("## {path}\n");
    for op in group.ops {
        let _ = writeln!(out, "\n```ts\n{}\n```\n\n{}\n", usage(op, &path), about(op).trim());
        let mut facts = vec![format!("- Where: {}", places(op))];
        if !op.also.is_empty() {
            let names: Vec<String> = op.also.iter().map(|alias| format!("`{}`", camel_case(alias.name))).collect();
            facts.push(format!("- Also: {}", names.join(", ")));
        }
        if has_in_place_form(op) {
            facts.push(format!("- In place: `{}_`", group.name));
        }
        let formula: Vec<String> = lines(op).iter().map(|line| format!("`{line}`")).collect();
        if !formula.is_empty() {
            facts.push(format!("- Formula: {}", formula.join("; ")));
        }
        facts.push(match op.vjp {
            Vjp::None(reason) => format!("- No gradient: {reason}"),
            _ => "- Differentiable, to any order".to_string(),
        });
        let _ = writeln!(out, "{}", facts.join("\n"));
    }
    out.trim_end().to_string()
}

fn usage(op: &OpDef, name: &str) -> String {
    let args: Vec<String> = op
        .args
        .iter()
        .map(|arg| {
            let spread = if matches!(arg.kind, Kind::IntsSpread | Kind::TensorsSpread) { "..." } else { "" };
            let name = format!("{spread}{}", camel_case(arg.name));
            match arg.default {
                Default::Required => name,
                Default::None => format!("{name} = null"),
                Default::Bool(v) => format!("{name} = {v}"),
                Default::Int(v) => format!("{name} = {v}"),
                Default::Float(v) => format!("{name} = {v}"),
                Default::Word(v) => format!("{name} = '{v}'"),
                Default::Ints(v) => format!("{name} = {v:?}"),
            }
        })
        .collect();
    format!("{name}({}): {}", args.join(", "), return_type(op))
}

/// The namespace of a part of the API; none of what is at the top or a method.
fn namespace(surface: Api) -> Option<&'static str> {
    match surface {
        Api::Function | Api::Method | Api::InPlaceMethod => None,
        Api::Functional => Some("nn.functional"),
        Api::Linalg => Some("linalg"),
        Api::Special => Some("special"),
        Api::Fft => Some("fft"),
        Api::Masked => Some("masked"),
        Api::Windows => Some("signal.windows"),
    }
}

fn places(op: &OpDef) -> String {
    let places: Vec<String> = op
        .surface
        .iter()
        .map(|surface| match (surface, namespace(*surface)) {
            (_, Some(namespace)) => format!("`{namespace}`"),
            (Api::Function, _) => "function".to_string(),
            (Api::InPlaceMethod, _) => "in-place method".to_string(),
            _ => "method".to_string(),
        })
        .collect();
    if places.is_empty() { "internal".to_string() } else { places.join(", ") }
}
