//! Free functions and methods, with their documentation and types. What they do at run time is
//! `ts/tensor/call.ts`.

use crate::abi::op::IN_PLACE;
use crate::groups::{Group, has_in_place_form};
use crate::signatures::{parameter_lists, return_type, signature};
use crate::text::{NOTICE, about, is_reserved, tsdoc};
use adjoint_autograd::{Alias, Api, OpDef};
use adjoint_ops::naming::{camel_case, name_at};
use std::fmt::Write;

/// A module of free functions.
pub struct Module {
    /// What it shows.
    pub surface: Api,
    /// Its file's name.
    pub file: &'static str,
    about: &'static str,
}

/// The modules.
pub const SURFACES: &[Module] = &[
    Module { surface: Api::Function, file: "functions", about: "The free functions of the package's root." },
    Module { surface: Api::Functional, file: "functional", about: "The members of `nn.functional` that are ops." },
    Module { surface: Api::Linalg, file: "linalg", about: "The members of `linalg`." },
    Module { surface: Api::Special, file: "special", about: "The members of `special`." },
    Module { surface: Api::Fft, file: "fft", about: "The members of `fft`." },
    Module { surface: Api::Masked, file: "masked", about: "The members of `masked`." },
    Module { surface: Api::Windows, file: "windows", about: "The members of `signal.windows`." },
];

const TYPES: &str = "import type { DType, Device } from '../core/dtype';\n\
                     import type { Named, Scalar } from '../core/types';\n\
                     import type { Generator } from '../tensor/generator';\n\
                     import type { Outputs } from '../tensor/outputs';\n\
                     import type { Tensor } from '../tensor/tensor';\n";

/// The documentation of all overloads of a group.
fn documentation(group: &Group, indent: &str, surface: Api) -> String {
    let shown = group.ops.iter().filter(|op| op.surface.contains(&surface));
    let mut texts: Vec<String> = shown.map(|op| about(op)).collect();
    texts.dedup();
    tsdoc(&texts.join("\n\n"), indent)
}

fn unused_types_allowed(body: &str) -> String {
    TYPES
        .lines()
        .filter_map(|line| {
            let (names, from) = line.strip_prefix("import type { ")?.split_once(" } ")?;
            let used: Vec<&str> = names.split(", ").filter(|name| mentions(body, name)).collect();
            (!used.is_empty()).then(|| format!("import type {{ {} }} {from}\n", used.join(", ")))
        })
        .collect()
}

/// Whether the type `name` stands in the code, outside comments.
fn mentions(body: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    body.lines().filter(|line| !line.trim_start().starts_with(['*', '/'])).any(|line| {
        line.match_indices(name)
            .any(|(at, _)| !line[..at].ends_with(is_word) && !line[at + name.len()..].starts_with(is_word))
    })
}

/// What an alias says of itself.
fn another_name(group: &Group, alias: &Alias, surface: Api) -> String {
    let path = if surface == Api::Special { "torch.special" } else { "torch" };
    format!("Another name of `{}`. Source: PyTorch, `{path}.{}`.", group.name, alias.name)
}

/// One module of free functions.
pub fn functions(module: &Module, groups: &[Group]) -> String {
    let mut body = String::new();
    for group in groups.iter().filter(|g| g.is_at(module.surface)) {
        body.push('\n');
        body.push_str(&documentation(group, "", module.surface));
        let public = name_at(group.ops[0].public_name(), module.surface);
        let reserved = is_reserved(&public);
        let (export, name) = if reserved { ("", format!("{public}_")) } else { ("export ", public.clone()) };
        let _ = writeln!(body, "{export}const {name} = /* @__PURE__ */ bind<{{");
        for op in group.ops.iter().filter(|op| op.surface.contains(&module.surface)) {
            let with_inplace = module.surface == Api::Functional && has_in_place_form(op);
            for list in parameter_lists(op, 0, if with_inplace { &["inplace?: boolean"] } else { &[] }) {
                let _ = writeln!(body, "  {};", signature(op, &list, &return_type(op)));
            }
        }
        let _ = writeln!(body, "}}>({}{});", group.id, if group.is_factory() { ", true" } else { "" });
        if reserved {
            let _ = writeln!(body, "export {{ {name} as {public} }};");
        }
    }
    for group in groups.iter().filter(|group| group.is_in_place()) {
        in_place_functions(&mut body, group, module.surface);
    }
    for group in groups {
        for alias in group.ops[0].also.iter().filter(|alias| alias.surface.contains(&module.surface)) {
            let name = camel_case(alias.name);
            let signatures: Vec<String> = (group.ops.iter())
                .flat_map(|op| {
                    parameter_lists(op, 0, &[]).into_iter().map(|list| signature(op, &list, &return_type(op)))
                })
                .collect();
            let about = tsdoc(&another_name(group, alias, module.surface), "");
            let _ = writeln!(body, "\n{about}export const {name} = /* @__PURE__ */ bind<{{");
            for signature in signatures {
                let _ = writeln!(body, "  {signature};");
            }
            let _ = writeln!(body, "}}>({}, {}, '{name}');", group.id, group.is_factory());
        }
    }
    if body.is_empty() {
        return format!("{NOTICE}// {}\nexport {{}};\n", module.about);
    }
    format!(
        "{NOTICE}// {}\nimport {{ bind }} from '../tensor/call';\n{}{body}",
        module.about,
        unused_types_allowed(&body)
    )
}

/// The functions with an underscore, of which the first argument is written: one for each in-place method, where
/// there is a function without, and at the root also where there is none.
fn in_place_functions(body: &mut String, group: &Group, surface: Api) {
    let is_here = |op: &&&OpDef| {
        has_in_place_form(op)
            && (op.surface.contains(&surface) || surface == Api::Function && op.surface.contains(&Api::InPlaceMethod))
    };
    let ops: Vec<&OpDef> = group.ops.iter().filter(is_here).copied().collect();
    if ops.is_empty() {
        return;
    }
    let also = group.ops[0].also.iter().filter(|alias| alias.surface.contains(&surface));
    let names = std::iter::once(group.name.clone()).chain(also.map(|alias| camel_case(alias.name)));
    for (i, name) in names.enumerate() {
        let about = format!("Writes the result of `{name}` into its first argument, and returns that.");
        body.push('\n');
        body.push_str(&tsdoc(&about, ""));
        let _ = writeln!(body, "export const {name}_ = /* @__PURE__ */ bind<{{");
        for op in &ops {
            for list in parameter_lists(op, 0, &[]) {
                let _ = writeln!(body, "  {};", signature(op, &list, "Tensor"));
            }
        }
        let alias = if i == 0 { String::new() } else { format!(", false, '{name}_'") };
        let _ = writeln!(body, "}}>({}{alias});", group.id | IN_PLACE as usize);
    }
}

/// The interface of methods that `Tensor` gets from the table.
pub fn methods(groups: &[Group]) -> String {
    let mut body = String::new();
    for group in groups {
        if group.is_method() {
            let ops: Vec<_> = group.ops.iter().filter(|op| op.surface.contains(&Api::Method)).copied().collect();
            method(&mut body, group, &group.name, &ops, return_type, &documentation(group, "  ", Api::Method));
        }
        if group.is_in_place() {
            let ops: Vec<_> = group.ops.iter().filter(|op| has_in_place_form(op)).copied().collect();
            let about = tsdoc(&format!("In-place form of `{}`: writes the result into this tensor.", group.name), "  ");
            method(&mut body, group, &format!("{}_", group.name), &ops, |_| "this".to_string(), &about);
        }
        for alias in group.aliased_methods() {
            let name = camel_case(alias.name);
            let about = tsdoc(&another_name(group, alias, Api::Method), "  ");
            let ops: Vec<_> = group.ops.iter().filter(|op| op.surface.contains(&Api::Method)).copied().collect();
            method(&mut body, group, &name, &ops, return_type, &about);
            if group.is_in_place() {
                let ops: Vec<_> = group.ops.iter().filter(|op| has_in_place_form(op)).copied().collect();
                method(&mut body, group, &format!("{name}_"), &ops, |_| "this".to_string(), &about);
            }
        }
    }
    let about = "/** The methods of a tensor that are calls of one op. */\n";
    format!("{NOTICE}{}\n{about}export interface TensorMethods {{{body}}}\n", unused_types_allowed(&body))
}

fn method(
    body: &mut String,
    group: &Group,
    name: &str,
    ops: &[&OpDef],
    returns: impl Fn(&OpDef) -> String,
    about: &str,
) {
    assert!(
        group.ops.iter().all(|op| !op.args.is_empty()),
        "{}: a method needs a parameter for its receiver",
        group.name
    );
    body.push('\n');
    body.push_str(about);
    for op in ops {
        for list in parameter_lists(op, 1, &[]) {
            let _ = writeln!(body, "  {name}({list}): {};", returns(op));
        }
    }
}
