//! Prints what is generated from the op table: TypeScript bindings, reference pages and the test
//! manifest.
//!
//! `adjoint-opgen <folder>` writes `ts/generated/`, `docs/ops/` and `test/generated/` below
//! `<folder>`. The output depends on nothing but the table; `npm run gen` puts it into the
//! repository and `npm run check` compares.

#![forbid(unsafe_code)]

#[path = "../../wasm/src/abi.rs"]
#[macro_use]
mod abi;
mod bindings;
mod boundary;
mod groups;
mod json;
mod manifest;
mod pages;
mod signatures;
mod table;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return fail("usage: adjoint-opgen <folder>");
    };
    adjoint_ops::install();
    let ops: Vec<_> = adjoint_ops::registry::ops().collect();
    let groups = groups::groups(&ops);
    let mut files = vec![
        ("ts/generated/abi.ts".to_string(), boundary::boundary()),
        ("ts/generated/table.ts".to_string(), table::table(&ops, &groups)),
        ("ts/generated/methods.ts".to_string(), bindings::methods(&groups)),
        ("test/generated/manifest.json".to_string(), manifest::manifest(&ops)),
    ];
    files.extend(
        bindings::SURFACES.iter().map(|s| (format!("ts/generated/{}.ts", s.file), bindings::functions(s, &groups))),
    );
    files.extend(pages::pages(&groups).into_iter().map(|(name, text)| (format!("docs/ops/{name}"), text)));
    for (path, text) in files {
        if let Err(error) = write(&folder.join(&path), &text) {
            return fail(&format!("cannot write {path}: {error}"));
        }
    }
    ExitCode::SUCCESS
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

#[expect(clippy::print_stderr, reason = "a program reports its failure there")]
fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
