//! Compares the table in [`abi`](crate::abi) with the functions that it lists: one that has another
//! signature does not compile here.

use crate::callbacks::Host;
use adjoint_tensor::DType;

macro_rules! compared_exports {
    ($($module:ident {
        $($(#[doc = $words:literal])* fn $name:ident($($parameter:ident: $kind:ty),*) -> $result:ty;)+
    })+) => {
        $($(const _: fn($($kind),*) -> $result = crate::$module::$name;)+)+
    };
}
exports!(compared_exports);

macro_rules! compared_host {
    ($($(#[doc = $words:literal])* $js:ident = fn $name:ident($($parameter:ident: $kind:ty),*) -> $result:ty;)+) => {
        $(const _: fn(&Host, $($kind),*) -> $result = Host::$name;)+
    };
}
host!(compared_host);

/// Codes of dtypes are those of the arrays.
const _: () = {
    use crate::abi::dtype::*;
    let codes = [FLOAT32, FLOAT64, INT64, INT32, INT16, INT8, UINT8, BOOL, FLOAT16, BFLOAT16];
    assert!(codes.len() == DType::ALL.len());
    let mut i = 0;
    while i < codes.len() {
        assert!(codes[i] == DType::ALL[i] as i32 && codes[i] as usize == i);
        i += 1;
    }
};

#[cfg(test)]
mod tests {
    use crate::abi::{self, EXPORTS, HOST};
    use std::fs;
    use std::path::Path;

    /// The sources of this crate.
    fn sources() -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// The names of functions that follow a line that `is_attribute` knows.
    fn functions_behind(is_attribute: impl Fn(&str) -> bool) -> Vec<String> {
        let mut names = Vec::new();
        for text in sources() {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for pair in lines.windows(2).filter(|pair| is_attribute(pair[0])) {
                let name = pair[1].split_once("fn ").and_then(|(_, rest)| rest.split_once('('));
                names.extend(name.map(|(name, _)| name.to_string()));
            }
        }
        names.sort();
        names
    }

    #[test]
    fn every_export_is_in_the_table() {
        let found = functions_behind(|line| line == "#[wasm_bindgen]");
        let mut listed: Vec<String> = EXPORTS.iter().map(|f| f.name.to_string()).collect();
        // The object of callbacks is handed over by the glue.
        listed.push("set_host".to_string());
        listed.sort();
        assert_eq!(found, listed);
    }

    #[test]
    fn every_callback_is_in_the_table() {
        let found = functions_behind(|line| line.starts_with("#[wasm_bindgen(method"));
        let mut listed: Vec<String> = HOST.iter().map(|f| snake_case(f.name)).collect();
        listed.sort();
        assert_eq!(found, listed);
    }

    fn snake_case(name: &str) -> String {
        let letters = name.chars().map(|c| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.into() });
        letters.collect()
    }

    #[test]
    fn the_hash_depends_on_the_ops() {
        assert_ne!(abi::hash(1), abi::hash(2));
    }
}
