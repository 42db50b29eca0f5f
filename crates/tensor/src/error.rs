//! The one error type of the workspace.
//!
//! An error names the operation, says what was given and what was expected, and what to do about
//! it: `matmul: inner sizes differ, lhs [2, 3] has k=3 but rhs [4, 5] has k=4`. Crate `wasm` turns
//! [`Code`] into the public TypeScript classes.

use std::fmt;

/// The kind of an error; one public TypeScript class each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Shapes do not fit together or do not fit the operation.
    Shape,
    /// A dtype is not allowed here, or two do not go together.
    DType,
    /// A dim or an index is out of range.
    Index,
    /// The tape refuses: no history, freed graph, modified saved tensor, in-place on a leaf.
    Autograd,
    /// A handle was used after it was disposed.
    Disposed,
    /// The memory asked for cannot be had.
    OutOfMemory,
    /// A file or a byte sequence is malformed.
    Format,
    /// Anything else that is wrong with a call: argument kinds, counts, values.
    Usage,
    /// A JavaScript callback threw; the facade rethrows what it threw.
    Callback,
}

impl Code {
    /// The name that crosses the boundary, for example `"ShapeError"`.
    pub const fn name(self) -> &'static str {
        match self {
            Code::Shape => "ShapeError",
            Code::DType => "DTypeError",
            Code::Index => "IndexError",
            Code::Autograd => "AutogradError",
            Code::Disposed => "DisposedError",
            Code::OutOfMemory => "OutOfMemoryError",
            Code::Format => "FormatError",
            Code::Usage => "UsageError",
            Code::Callback => "CallbackError",
        }
    }
}

/// What went wrong, in which operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    code: Code,
    op: String,
    message: String,
    details: Vec<(&'static str, String)>,
}

/// The result of everything that can fail here.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of kind `code` with a message that starts lower-case and ends without a period.
    #[cold]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { code, op: String::new(), message: message.into(), details: Vec::new() }))
    }

    /// A [`Code::Shape`] error.
    #[cold]
    pub fn shape(message: impl Into<String>) -> Self {
        Error::new(Code::Shape, message)
    }

    /// A [`Code::DType`] error.
    #[cold]
    pub fn dtype(message: impl Into<String>) -> Self {
        Error::new(Code::DType, message)
    }

    /// A [`Code::Index`] error.
    #[cold]
    pub fn index(message: impl Into<String>) -> Self {
        Error::new(Code::Index, message)
    }

    /// A [`Code::Autograd`] error.
    #[cold]
    pub fn autograd(message: impl Into<String>) -> Self {
        Error::new(Code::Autograd, message)
    }

    /// A [`Code::Usage`] error.
    #[cold]
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Code::Usage, message)
    }

    /// Names the operation, unless an inner operation was named already.
    #[must_use]
    pub fn in_op(mut self, op: &str) -> Self {
        if self.0.op.is_empty() {
            op.clone_into(&mut self.0.op);
        }
        self
    }

    /// Names the operation that was called, also where one inside it failed and was named already.
    #[must_use]
    pub fn called_as(mut self, op: &str) -> Self {
        op.clone_into(&mut self.0.op);
        self
    }

    /// Adds a fact for programs to read, such as the shape of an operand.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.details.push((key, value.to_string()));
        self
    }

    /// The kind of the error.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The operation that failed, or an empty string.
    pub fn op(&self) -> &str {
        &self.0.op
    }

    /// The message without the operation's name.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Facts for programs to read.
    pub fn details(&self) -> &[(&'static str, String)] {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.op.is_empty() { f.write_str(&self.0.message) } else { write!(f, "{}: {}", self.0.op, self.0.message) }
    }
}

impl std::error::Error for Error {}
