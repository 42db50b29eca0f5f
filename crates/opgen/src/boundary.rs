//! What both sides of the boundary must agree on, as the facade reads it: numbers and types.

use crate::abi::{self, CONSTANTS, EXPORTS, Function, HOST};
use crate::text::{NOTICE, tsdoc};
use adjoint_ops::naming::{camel_case, table_hash};
use adjoint_ops::registry;
use std::fmt::Write;

/// `ts/generated/abi.ts`.
pub fn boundary() -> String {
    let mut out = NOTICE.replace("from the op table", "from crates/wasm/src/abi.rs");
    let hash = abi::hash(table_hash(registry::FILES));
    let _ = writeln!(
        out,
        "\n/** Of all that both sides must agree on, the table of ops too. */\nexport const ABI_HASH = {hash};"
    );
    for group in CONSTANTS {
        let _ = writeln!(out, "\n// {}", group.about.trim());
        for constant in group.constants {
            out.push_str(&tsdoc(constant.about, ""));
            let _ = writeln!(out, "export const {}_{} = {};", group.name.to_uppercase(), constant.name, constant.value);
        }
    }
    let numbers = EXPORTS.iter().filter(|f| !f.has_text());
    interface(&mut out, "AbiExports", "What the binary exports, as far as only numbers cross.", numbers);
    interface(&mut out, "Host", "The methods Rust calls.", HOST.iter());
    out
}

fn interface<'a>(out: &mut String, name: &str, about: &str, functions: impl Iterator<Item = &'a Function>) {
    let _ = writeln!(out, "\n/** {about} */\nexport interface {name} {{");
    for function in functions {
        if !function.words.is_empty() {
            out.push_str(&tsdoc(function.words, "  "));
        }
        let parameters: Vec<String> = function
            .parameters
            .iter()
            .map(|(name, kind)| format!("{}: {}", camel_case(name), crossing(kind)))
            .collect();
        let _ = writeln!(
            out,
            "  readonly {}: ({}) => {};",
            function.name,
            parameters.join(", "),
            crossing(function.result)
        );
    }
    out.push_str("}\n");
}

/// How a Rust type crosses.
fn crossing(kind: &str) -> &str {
    match kind {
        "()" => "void",
        kind if abi::is_text(kind) => "string",
        _ => "number",
    }
}
