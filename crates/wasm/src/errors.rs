//! How an error crosses: a negative result, then [`take`] gives the JSON of what happened.

use crate::handles;
use adjoint_tensor::{Code, Error, Result};
use std::cell::RefCell;
use std::fmt::Write;

pub use crate::abi::result::FAILED;

thread_local! {
    static LAST: RefCell<Option<Error>> = const { RefCell::new(None) };
}

/// Makes it free again after a call that an exception ended.
///
/// # Safety
/// As [`unlock`](adjoint_kernels::abandoned::unlock).
pub unsafe fn unlock() {
    // SAFETY: the caller's promise.
    unsafe { adjoint_kernels::abandoned::unlock(&LAST) };
}

/// Remembers the error and returns [`FAILED`].
#[cold]
pub fn fail(error: Error) -> i32 {
    LAST.with_borrow_mut(|last| *last = Some(error));
    FAILED
}

/// The value, or [`FAILED`] with the error remembered.
#[inline]
pub fn answer(result: Result<i32>) -> i32 {
    match result {
        Ok(v) => v,
        Err(e) => fail(e),
    }
}

/// The error remembered last, as JSON of `{code, op, message, details}`; empty where there is none.
pub fn take() -> String {
    LAST.with_borrow_mut(Option::take).map_or_else(String::new, |e| json(&counted(e)))
}

/// An error for want of memory says how many tensors no scope will release.
fn counted(error: Error) -> Error {
    if error.code() != Code::OutOfMemory {
        return error;
    }
    error.with("unscopedTensors", handles::unscoped_tensors())
}

/// The name of an op as callers know it. Those that only composites call have a leading underscore.
pub fn public_name(op: &str) -> String {
    let name = op.trim_start_matches('_');
    let name = name.split_once('.').map_or(name, |(name, _)| name);
    adjoint_ops::naming::shown(name)
}

fn json(error: &Error) -> String {
    let op = public_name(error.op());
    let message = if op.is_empty() { error.message().to_string() } else { format!("{op}: {}", error.message()) };
    let mut out = String::new();
    let _ = write!(out, r#"{{"code":"{}","op":{},"message":{}"#, error.code().name(), quoted(&op), quoted(&message));
    out.push_str(r#","details":{"#);
    for (i, (key, value)) in error.details().iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(out, "{comma}{}:{}", quoted(key), quoted(value));
    }
    out.push_str("}}");
    out
}

/// A JSON string.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inner_op_goes_by_the_name_of_its_public_one() {
        let e = Error::usage("expected a list").in_op("_cat");
        assert_eq!(json(&e), r#"{"code":"UsageError","op":"cat","message":"cat: expected a list","details":{}}"#);
    }

    #[test]
    fn an_error_becomes_json_with_the_public_name_of_its_op() {
        let e = Error::shape("bad \"x\"\n").in_op("log_softmax.int").with("lhs", "[2, 3]");
        assert_eq!(
            json(&e),
            r#"{"code":"ShapeError","op":"logSoftmax","message":"logSoftmax: bad \"x\"\u000a","details":{"lhs":"[2, 3]"}}"#
        );
    }
}
