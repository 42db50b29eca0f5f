//! The op table as the facade reads it at run time: names, flags and output names, in order of id.

use crate::abi::row::{FACTORY, HAS_IN_PLACE, METHOD};
use crate::groups::Group;
use crate::text::NOTICE;
use adjoint_autograd::OpDef;
use adjoint_ops::naming::{camel_case, parameter_names, returns_list, shown};
use std::fmt::Write;

/// `ts/generated/table.ts`.
pub fn table(ops: &[&'static OpDef], groups: &[Group]) -> String {
    let mut out = String::from(NOTICE);
    out.push_str("\n/** Names of parameters; calls by name carry indexes into it. */\nexport const PARAMETERS =\n");
    let _ = writeln!(out, "{};\n", lines(parameter_names(ops).iter().map(String::as_str)));
    out.push_str(
        "/**\n * Public names in order of id, with `:flags` where there are any (1 a method, 2 has an in-place form, 4 takes `requiresGrad`) and, where\n \
         * overloads share the name, `:how many`.\n */\nexport const OPS =\n",
    );
    let rows: Vec<String> = groups
        .iter()
        .map(|g| {
            let flags = i32::from(g.is_method()) * METHOD
                + i32::from(g.is_in_place()) * HAS_IN_PLACE
                + i32::from(g.is_factory()) * FACTORY;
            let count = if g.ops.len() == 1 { String::new() } else { format!(":{}", g.ops.len()) };
            // A member of a namespace has its path, which messages show and no function asks for by name.
            let path = shown(g.ops[0].public_name());
            let name = if path.contains('.') { &path } else { &g.name };
            if flags == 0 && count.is_empty() { name.clone() } else { format!("{name}:{flags}{count}") }
        })
        .collect();
    let _ = writeln!(out, "{};\n", lines(rows.iter().map(String::as_str)));
    out.push_str(
        "/** Other names of methods, each with the name of its row: `alias=name`. */\nexport const ALIASES =\n",
    );
    let aliases: Vec<String> = groups
        .iter()
        .flat_map(|g| g.aliased_methods().map(|alias| format!("{}={}", camel_case(alias.name), g.name)))
        .collect();
    let _ = writeln!(out, "{};\n", lines(aliases.iter().map(String::as_str)));
    out.push_str("/** Names of the outputs of ops with several, by the id of the first overload. */\n");
    out.push_str("export const OUTPUTS: Readonly<Record<number, string>> = {\n");
    for group in groups {
        if let Some(names) = output_names(group) {
            let _ = writeln!(out, "  {}: '{names}',", group.id);
        }
    }
    out.push_str("};\n");
    out
}

/// The names of the outputs, where an overload has several: a call names its overloads together,
/// and so does its result.
fn output_names(group: &Group) -> Option<String> {
    let has_several = |op: &&&OpDef| op.outputs.len() > 1 && !returns_list(op);
    let mut several = group.ops.iter().filter(has_several);
    let outputs = several.next()?.outputs;
    let same = several.all(|op| op.outputs == outputs) && !group.ops.iter().any(|op| returns_list(op));
    assert!(same, "{}: overloads name their outputs differently, so the id called does not tell the names", group.name);
    Some(outputs.iter().map(|name| camel_case(name)).collect::<Vec<_>>().join(" "))
}

/// Words as one string literal broken over lines.
fn lines<'a>(words: impl Iterator<Item = &'a str>) -> String {
    const WIDTH: usize = 110;
    let mut all = vec![String::new()];
    for word in words {
        if all[all.len() - 1].len() + word.len() > WIDTH {
            all.push(String::new());
        }
        let line = all.len() - 1;
        all[line].push_str(word);
        all[line].push(' ');
    }
    if let Some(last) = all.last_mut() {
        last.truncate(last.trim_end().len());
    }
    all.iter().map(|line| format!("  '{line}'")).collect::<Vec<_>>().join(" +\n")
}
