//! The op table as the facade reads it at run time: names, flags and output names, in order of id.

use crate::groups::Group;
use crate::text::NOTICE;
use adjoint_autograd::OpDef;
use adjoint_ops::naming::{camel_case, parameter_names, returns_list, table_hash};
use adjoint_ops::registry;
use std::fmt::Write;

const METHOD: u32 = 1;
const IN_PLACE: u32 = 2;
const FACTORY: u32 = 4;

/// `ts/generated/table.ts`.
pub fn table(ops: &[&'static OpDef], groups: &[Group]) -> String {
    let mut out = String::from(NOTICE);
    let _ = writeln!(
        out,
        "\n/** Must equal that of the binary. */\nexport const TABLE_HASH = {};\n",
        table_hash(registry::FILES)
    );
    out.push_str("/** Names of parameters; calls by name carry indexes into it. */\nexport const PARAMETERS =\n");
    let _ = writeln!(out, "{};\n", lines(parameter_names(ops).iter().map(String::as_str)));
    out.push_str(
        "/**\n * Public names in order of id, each with `:flags` (1 a method, 2 has an in-place form, 4 takes `requiresGrad`) and, where\n \
         * overloads share the name, `:how many`.\n */\nexport const OPS =\n",
    );
    let rows: Vec<String> = groups
        .iter()
        .map(|g| {
            let flags = u32::from(g.is_method()) * METHOD
                + u32::from(g.is_in_place()) * IN_PLACE
                + u32::from(g.is_factory()) * FACTORY;
            let count = if g.ops.len() == 1 { String::new() } else { format!(":{}", g.ops.len()) };
            format!("{}:{flags}{count}", g.name)
        })
        .collect();
    let _ = writeln!(out, "{};\n", lines(rows.iter().map(String::as_str)));
    out.push_str("/** Names of the outputs of ops with several, by id. */\nexport const OUTPUTS: Readonly<Record<number, string>> = {\n");
    for (id, op) in ops.iter().enumerate().filter(|(_, op)| op.outputs.len() > 1 && !returns_list(op)) {
        let names: Vec<String> = op.outputs.iter().map(|name| camel_case(name)).collect();
        let _ = writeln!(out, "  {id}: '{}',", names.join(" "));
    }
    out.push_str("};\n");
    out
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
