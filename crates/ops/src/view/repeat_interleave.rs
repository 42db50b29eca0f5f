//! Each element several times in a row.

use super::reshape;
use crate::index::index_select;
use crate::shared::checks;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{
    Arg, Arrays, Attrs, Body, Call, Class, Default, Facts, Kind, OpDef, Outputs, Sample, SampleTensor, Specs, Tensor,
    Vjp, required,
};
use adjoint_tensor::array::too_many;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, DType, Error, Result};
use smallvec::smallvec;

/// Fails unless repeats may have this dtype.
fn whole(dtype: DType) -> Result<()> {
    if !dtype.is_float() && dtype != DType::Bool {
        return Ok(());
    }
    Err(checks::wrong_integers("repeats", "int64 or another integer", dtype))
}

/// The index of every copy: `[2, 0, 1]` → `[0, 0, 2]`.
fn rule(call: &Facts) -> Result<Option<Specs>> {
    let x = call.input(0);
    whole(x.dtype())?;
    if x.rank() > 1 {
        return Err(Error::usage(format!("repeats must be a number or a vector, got shape {:?}", x.shape())));
    }
    Ok(None)
}

fn indices(call: &Call) -> Result<Arrays> {
    let counts = call.input(0).to_vec_i64()?;
    let mut total = 0i128;
    for &n in &counts {
        if n < 0 {
            return Err(Error::usage(format!("repeats can not be negative, got {n}")));
        }
        total += i128::from(n);
    }
    // The tensor is asked for before anything is written: too many copies are an error here.
    let total = usize::try_from(total).map_err(|_| too_many(total))?;
    let mut out = Array::empty(&[total], DType::Int64)?;
    let mut left = out.as_mut_slice::<i64>();
    for (&n, i) in counts.iter().zip(0i64..) {
        let (copies, rest) = left.split_at_mut(n as usize);
        copies.fill(i);
        left = rest;
    }
    Ok(smallvec![out])
}

fn copies(x: &Tensor, repeats: &Tensor, dim: Option<i64>, size: Option<i64>) -> Result<Outputs> {
    let flat;
    let (x, dim) = match dim {
        Some(d) => (x, wrap_dim(d, x.rank())?),
        None => {
            flat = reshape::reshape(x, &[x.numel()])?;
            (&flat, 0)
        }
    };
    let n = x.shape().get(dim).copied().unwrap_or(1);
    if repeats.numel() != n {
        return Err(Error::shape(format!(
            "repeats must have the same size as input along dim, but got repeats.size(0) = {} and input.size({dim}) = {n}",
            repeats.numel()
        )));
    }
    let index = crate::invoke::unary(&INDICES, repeats)?;
    if size.is_some_and(|n| n != index.numel() as i64) {
        return Err(Error::shape(format!("outputSize is not the sum of the repeats, which is {}", index.numel())));
    }
    Ok(smallvec![index_select::index_select(x, dim, &index)?])
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let n = match attrs.opt_int(1) {
        Some(d) => x.shape().get(wrap_dim(d, x.rank())?).copied().unwrap_or(1),
        None => x.numel(),
    };
    let times = attrs.get_int(0)?;
    if times < 0 {
        return Err(Error::usage(format!("repeats can not be negative, got {times}")));
    }
    copies(x, &Tensor::from_array(Array::full(&[n], DType::Int64, times.into())?), attrs.opt_int(1), attrs.opt_int(2))
}

fn tensor_body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, repeats] = [0, 1].map(|i| required(inputs, i));
    whole(repeats.dtype())?;
    if repeats.numel() == 1 {
        return body(
            inputs,
            &Attrs::new().int(repeats.read_value()?.to_i64()).with(attrs.get(0).clone()).with(attrs.get(1).clone()),
        );
    }
    copies(x, repeats, attrs.opt_int(0), attrs.opt_int(1))
}

const DOC: &str = "Returns `input` with each slice of `dim` `repeats` times in a row; `repeats` is a number, or a vector with one for \
                   each slice.\n\nWithout a `dim` the tensor is seen as a vector. `output_size`, the sum of the repeats, \
                   is checked where given. Source: PyTorch, `torch.repeat_interleave`.";

static TIMES: OpDef = OpDef {
    name: "repeat_interleave",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("repeats", Kind::Int), Arg::optional("dim", Kind::Int, Default::None)],
    body: Body::Composite(body),
    samples: || vec![call("as a vector", &[2, 2], [int(2)]), call("columns", &[2, 3], [int(2), int(-1)])],
    errors: || vec![fails(call("a negative number", &[2], [int(-1)]), Code::Usage, "can not be negative")],
    ..OpDef::COMPOSITE
}
.shipped();

static TENSOR: OpDef = OpDef {
    name: "repeat_interleave.tensor",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("repeats"),
        Arg::optional("dim", Kind::Int, Default::None),
        Arg::optional("output_size", Kind::Int, Default::None),
    ],
    body: Body::Composite(tensor_body),
    by_values: true,
    samples: || {
        let rows = |label: &str, repeats: SampleTensor| {
            Sample::new(label, vec![SampleTensor::new(&[3, 2]).into(), repeats.into(), int(0).into()])
        };
        vec![rows("rows", SampleTensor::ints(&[3], 0, 2)), rows("one count for all", SampleTensor::ints(&[1], 2, 3))]
    },
    errors: || {
        let repeats = SampleTensor::ints(&[2], 1, 2);
        let args = vec![SampleTensor::new(&[3, 2]).into(), repeats.into(), int(0).into()];
        vec![fails(Sample::new("another count", args), Code::Shape, "same size as input along dim")]
    },
    ..TIMES
}
.shipped();

static INDICES: OpDef = OpDef {
    name: "_repeat_indices",
    part_of: "repeat_interleave",
    doc: "The index of every copy: index i, `repeats[i]` times.",
    args: &[Arg::tensor("repeats")],
    class: Class::Index,
    surface: &[],
    body: Body::Dynamic { rule, run: indices },
    vjp: Vjp::None("returns indices"),
    samples: || vec![Sample::new("a vector", vec![SampleTensor::ints(&[3], 0, 2).into()])],
    ..OpDef::BASE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&INDICES, &TIMES, &TENSOR];
