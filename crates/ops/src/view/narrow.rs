//! A range of a dim.

use super::slice;
use crate::shared::checks;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Api, Arg, Attrs, Body, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::{Code, DType, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    Ok(smallvec![range(x, attrs.get_int(0)?, attrs.get_int(1)?, attrs.get_int(2)?)?])
}

fn tensor_body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, start] = [0, 1].map(|i| required(inputs, i));
    if start.dtype().is_float() || start.dtype() == DType::Bool {
        return Err(checks::wrong_integers("a start", "int64 or another integer", start.dtype()));
    }
    if start.rank() != 0 {
        return Err(Error::usage(format!("start must be a 0-dim integral tensor, got shape {:?}", start.shape())));
    }
    let start = start.read_value()?.to_i64();
    Ok(smallvec![range(x, attrs.get_int(0)?, start, attrs.get_int(1)?)?])
}

fn range(x: &Tensor, dim: i64, start: i64, length: i64) -> Result<Tensor> {
    if x.rank() == 0 {
        return Err(Error::index("cannot be applied to a 0-dim tensor"));
    }
    let dim = x.array().layout().dim(dim)?;
    let n = x.shape()[dim] as i64;
    if length < 0 {
        return Err(Error::usage(format!("length must be non-negative, got {length}")));
    }
    if start < -n || start > n {
        return Err(Error::index(format!(
            "start out of range, expected to be in [-{n}, {n}] for dim {dim}, got {start}"
        )));
    }
    let start = if start < 0 { start + n } else { start };
    if length > n - start {
        return Err(Error::index(format!(
            "start ({start}) + length ({length}) exceeds dimension size ({n}) of dim {dim}"
        )));
    }
    slice::slice(x, dim, start as usize, (start + length) as usize, 1)
}

/// With a number as start.
static DEF: OpDef = OpDef {
    name: "narrow",
    doc: "Returns a view of `input` at the `length` indices of `dim` from `start` on.\n\n\
          A negative start counts from the end. Fails where the range leaves the dim. Source: PyTorch, `torch.narrow`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::required("start", Kind::Int),
        Arg::required("length", Kind::Int),
    ],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("rows", &[4, 2], [int(0), int(1), int(2)]),
            call("a negative start", &[2, 4], [int(-1), int(-2), int(1)]),
            call("nothing", &[3], [int(0), int(3), int(0)]),
        ]
    },
    errors: || {
        vec![
            fails(call("too long", &[3], [int(0), int(2), int(2)]), Code::Index, "exceeds dimension size (3)"),
            fails(call("a start outside", &[3], [int(0), int(4), int(0)]), Code::Index, "start out of range"),
            fails(call("a negative length", &[3], [int(0), int(0), int(-1)]), Code::Usage, "non-negative"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();

/// With a 0-dim tensor as start.
static TENSOR: OpDef = OpDef {
    name: "narrow.tensor",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::tensor("start"),
        Arg::required("length", Kind::Int),
    ],
    body: Body::Composite(tensor_body),
    by_values: true,
    samples: || {
        let args =
            vec![SampleTensor::new(&[4, 2]).into(), int(0).into(), SampleTensor::ints(&[], 0, 2).into(), int(2).into()];
        vec![Sample::new("rows", args)]
    },
    errors: || {
        let args =
            vec![SampleTensor::new(&[4]).into(), int(0).into(), SampleTensor::ints(&[1], 0, 0).into(), int(2).into()];
        vec![fails(Sample::new("a vector as start", args), Code::Usage, "0-dim integral tensor")]
    },
    ..DEF
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&DEF, &TENSOR, &COPY];

static COPY: OpDef = OpDef {
    surface: &[Api::Function, Api::Method],
    ..copying(
        &DEF,
        "narrow_copy",
        "Returns a copy of what `narrow` gives. Source: PyTorch, `torch.narrow_copy`.",
        |inputs, attrs| copied(&DEF, inputs, attrs),
    )
}
.shipped();

/// `x` at indices `start..start + length` of `dim`.
pub fn narrow(x: &Tensor, dim: usize, start: usize, length: usize) -> Result<Tensor> {
    slice::slice(x, dim, start, start + length, 1)
}
