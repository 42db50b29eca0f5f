//! Where ops are: a file has the name of an op in it.

use libtest_mimic::Failed;

/// The names that the generator gives the files, in the order of [`adjoint_ops::registry::FILES`].
fn files() -> impl Iterator<Item = &'static str> {
    include_str!("../../src/registry.rs").lines().filter_map(|line| {
        let (path, _) = line.trim_start_matches([' ', '&', '[']).strip_prefix("crate::")?.rsplit_once("::DEF")?;
        Some(path)
    })
}

/// The name of an op's file: without the overload, and without what marks ops that are not public.
fn expected(name: &str) -> &str {
    name.split('.').next().unwrap_or(name).trim_matches('_')
}

/// Every file with ops is named after one of them, so that an op is found by its name.
pub fn named() -> Result<(), Failed> {
    let all = adjoint_ops::registry::FILES;
    assert_eq!(files().count(), all.len(), "a file a line of the registry");
    let strays: Vec<&str> = files()
        .zip(all)
        .filter(|(path, ops)| {
            let file = path.rsplit("::").next().unwrap_or(path).trim_matches('_');
            !ops.iter().any(|op| expected(op.name) == file)
        })
        .map(|(path, _)| path)
        .collect();
    if strays.is_empty() { Ok(()) } else { Err(format!("files named after no op in them: {strays:?}").into()) }
}
