//! Samples that reductions share.

use adjoint_autograd::{Attr, ErrorSample, Sample, SampleArg, SampleTensor};
use adjoint_tensor::{Code, DType};

/// A call with a tensor of different values and these attributes.
pub fn call(label: &str, shape: &[usize], attrs: impl IntoIterator<Item = Attr>) -> Sample {
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(shape).distinct().into()];
    args.extend(attrs.into_iter().map(Into::into));
    Sample::new(label, args)
}

/// A list of integers.
pub fn ints(v: &[i64]) -> Attr {
    Attr::Ints(v.into())
}

/// Calls without attributes.
pub fn whole() -> Vec<Sample> {
    vec![call("a vector", &[5], []), call("a matrix", &[3, 4], []), call("a 0-dim tensor", &[], [])]
}

/// Calls with a list of dims and `keepdim`: one dim, several, scattered, none named, a 0-dim
/// tensor.
pub fn dims() -> Vec<Sample> {
    let s = |label, shape: &[usize], dims: &[i64], keepdim| call(label, shape, [ints(dims), Attr::Bool(keepdim)]);
    vec![
        s("the last dim", &[3, 4], &[-1], false),
        s("the first dim, kept", &[3, 4], &[0], true),
        s("scattered dims", &[2, 3, 4], &[0, -1], false),
        s("a middle dim, kept", &[2, 3, 2], &[1], true),
        s("no dims named", &[2, 3], &[], false),
        s("a 0-dim tensor", &[], &[0], false),
    ]
}

/// Calls with one dim and `keepdim`.
pub fn dim() -> Vec<Sample> {
    let s = |label, shape: &[usize], dim, keepdim| call(label, shape, [Attr::Int(dim), Attr::Bool(keepdim)]);
    vec![
        s("the last dim", &[3, 4], -1, false),
        s("the first dim, kept", &[3, 4], 0, true),
        s("a middle dim", &[2, 3, 2], 1, false),
        s("a 0-dim tensor", &[], 0, false),
        s("no rows", &[0, 3], 1, false),
    ]
}

/// Calls with one dim that keep the shape: scans.
pub fn scans() -> Vec<Sample> {
    let s = |label, shape: &[usize], dim| call(label, shape, [Attr::Int(dim)]);
    vec![
        s("a vector", &[5], 0),
        s("the last dim", &[3, 4], -1),
        s("the first dim", &[3, 2, 2], 0),
        s("a 0-dim tensor", &[], 0),
        s("an empty tensor", &[0, 3], 1),
    ]
}

fn fails(label: &str, shape: &[usize], attr: Attr, code: Code, message: &'static str) -> ErrorSample {
    ErrorSample { sample: call(label, shape, [attr]), code, message }
}

/// Lists of dims that do not exist or name one twice.
pub fn wrong_dims() -> Vec<ErrorSample> {
    vec![
        fails("a dim that does not exist", &[2, 3], ints(&[2]), Code::Index, "dim 2 is out of range"),
        fails("a dim named twice", &[2, 3], ints(&[1, -1]), Code::Usage, "more than once"),
    ]
}

/// A dim that does not exist.
pub fn wrong_dim() -> Vec<ErrorSample> {
    vec![fails("a dim that does not exist", &[2, 3], Attr::Int(-3), Code::Index, "dim -3 is out of range")]
}

/// A dim without elements, where something must be chosen.
pub fn nothing_to_choose(dim: Attr) -> Vec<ErrorSample> {
    let mut out = if matches!(dim, Attr::Ints(_)) { wrong_dims() } else { wrong_dim() };
    out.push(fails("a dim without elements", &[5, 0], dim, Code::Index, "non-zero size"));
    out
}

/// A tensor without elements, where something must be chosen.
pub fn nothing() -> Vec<ErrorSample> {
    vec![ErrorSample { sample: call("no elements", &[0], []), code: Code::Index, message: "to be specified" }]
}

/// An integer input, where only floats will do; `attrs` follow it.
pub fn integers(attrs: impl IntoIterator<Item = Attr>) -> ErrorSample {
    let mut sample = call("an integer tensor", &[], attrs);
    sample.args[0] = SampleTensor::ints(&[3], -3, 4).into();
    ErrorSample { sample, code: Code::DType, message: DType::Int64.name() }
}
