//! Where numbers would be in sorted ones.

use crate::shared::indices::same_dtype;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Class, Default, Facts, Kind, OpDef, Sample, SampleTensor, Spec, Specs, Vjp,
};
use adjoint_tensor::{Array, Code, DType, Error, Meta, Result, scratch};
use std::cmp::Ordering;

/// The words of `side`.
const SIDES: &[&str] = &["left", "right"];

/// Whether equal numbers are passed over: `right`, or `side` where it was given.
fn is_right(attrs: &Attrs) -> Result<bool> {
    match attrs.get(2) {
        Attr::Choice(0) if attrs.get_bool(1) => {
            Err(Error::usage("side and right can't be set to opposites, got side of left while right was true"))
        }
        Attr::Choice(side) => Ok(*side == 1),
        _ => Ok(attrs.get_bool(1)),
    }
}

fn spec(values: &Meta, narrow: bool) -> Specs {
    Spec::one(values.shape(), if narrow { DType::Int32 } else { DType::Int64 })
}

fn rule(call: &Facts) -> Result<Specs> {
    let (sorted, values) = (call.input(0), call.input(1));
    is_right(call.attrs)?;
    let (a, b) = (sorted.shape(), values.shape());
    if a.is_empty() || (a.len() > 1 && (a.len() != b.len() || a[..a.len() - 1] != b[..b.len() - 1])) {
        return Err(Error::shape(format!(
            "the boundaries should be a vector, or their first dims those of the values, got shapes {a:?} and {b:?}"
        )));
    }
    if let Some(sorter) = call.given(2) {
        same_dtype(DType::Int64, sorter.dtype(), "sorter")?;
        if sorter.shape() != a {
            return Err(Error::shape(format!(
                "sorter must have the shape of the boundaries, got {:?} and {a:?}",
                sorter.shape()
            )));
        }
    }
    Ok(spec(values, call.attrs.get_bool(0)))
}

/// How many of the first `n` are before `v`: `passes` says which of two are. Binary search.
fn place(n: usize, passes: impl Fn(usize) -> bool) -> i64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if passes(middle) { low = middle + 1 } else { high = middle }
    }
    low as i64
}

/// The places of `values` in rows of `n`, one row for all or one for as many as there are rows; `order` is where to
/// read a row.
fn places<T: PartialOrd + Copy>(
    sorted: &[T],
    values: &[T],
    n: usize,
    order: Option<&[i64]>,
    right: bool,
) -> Result<Vec<i64>> {
    let each = if sorted.len() == n { values.len() } else { values.len() * n / sorted.len().max(1) };
    let mut out = scratch::filled(0i64, values.len())?;
    for (i, (out, v)) in out.iter_mut().zip(values).enumerate() {
        let start = i / each.max(1) * n;
        let at = |k: usize| sorted[start + order.map_or(k, |o| o[start + k] as usize)];
        // What is not greater, or not at least as great: a NaN is behind everything.
        let order = |k: usize| at(k).partial_cmp(v);
        *out = if right {
            place(n, |k| order(k) != Some(Ordering::Greater))
        } else {
            place(n, |k| !matches!(order(k), Some(Ordering::Greater | Ordering::Equal)))
        };
    }
    Ok(out)
}

fn search(sorted: &Array, values: &Array, sorter: Option<&Array>, right: bool, out: &mut Array) -> Result<()> {
    let n = sorted.shape()[sorted.rank() - 1];
    let order = sorter.map(Array::to_vec_i64).transpose()?;
    let order = order.as_deref();
    if let Some(bad) = order.and_then(|o| o.iter().find(|&&i| i < 0 || i >= n as i64)) {
        return Err(Error::index(format!("sorter index {bad} is out of range for {n} boundaries")));
    }
    let found = if sorted.dtype().is_float() || values.dtype().is_float() {
        places(&sorted.to_vec_f64()?, &values.to_vec_f64()?, n, order, right)?
    } else {
        places(&sorted.to_vec_i64()?, &values.to_vec_i64()?, n, order, right)?
    };
    out.assign(&Array::from_slice(&found, out.shape())?)
}

const OUT_INT32: Arg = Arg::optional("out_int32", Kind::Bool, Default::Bool(false));
const RIGHT: Arg = Arg::optional("right", Kind::Bool, Default::Bool(false));

/// The ops.
pub static DEFS: &[&OpDef] = &[&BUCKETIZE, &SEARCHSORTED];

static SEARCHSORTED: OpDef = OpDef {
    name: "searchsorted",
    doc: "Returns where in `sortedSequence` each element of `input` would be: before equal ones, or behind them with \
          `right` or `side: 'right'`.\n\n\
          `sortedSequence` is ascending along its last dim: a vector, or with first dims like those of `input`. \
          `sorter` holds the places at which it is. int64, or int32 with `outInt32`. NaN is behind everything. \
          Costs `log n` an element. Without a derivative. Source: PyTorch, `torch.searchsorted`.",
    args: &[
        Arg::tensor("sorted_sequence"),
        Arg::number("input"),
        OUT_INT32,
        RIGHT,
        Arg::optional("side", Kind::Choice(SIDES), Default::None),
        Arg::optional("sorter", Kind::Tensor, Default::None),
    ],
    class: Class::Index,
    surface: &[Api::Function],
    body: Body::Kernel {
        rule,
        run: |call, outs| search(call.input(0), call.input(1), call.given(2), is_right(call.attrs)?, &mut outs[0]),
    },
    vjp: Vjp::None("returns places"),
    samples: || {
        let rows = || SampleTensor::new(&[2, 3]).range(1.0, 1.0).constant().into();
        vec![
            Sample::new("a vector", vec![SampleTensor::new(&[1]).constant().into(), rows()]),
            Sample::new("rows, from the right", vec![rows(), rows(), Attr::Bool(true).into(), Attr::Bool(true).into()]),
        ]
    },
    errors: || {
        let t = |shape: &[usize]| SampleTensor::new(shape).into();
        vec![fails(Sample::new("other rows", vec![t(&[2, 3]), t(&[3, 1])]), Code::Shape, "first dims")]
    },
    ..OpDef::BASE
}
.shipped();

static BUCKETIZE: OpDef = OpDef {
    name: "bucketize",
    doc: "Returns the bucket of each element of `input` between ascending `boundaries`: bucket `i` is above boundary \
          `i − 1` and not above boundary `i`; with `right`, a boundary is in the bucket above it.\n\n\
          int64, or int32 with `outInt32`. Costs `log n` an element. Without a derivative. \
          Source: PyTorch, `torch.bucketize`.",
    args: &[Arg::number("input"), Arg::tensor("boundaries"), OUT_INT32, RIGHT],
    class: Class::Index,
    surface: &[Api::Function],
    body: Body::Kernel {
        rule: |call| match call.input(1).rank() {
            1 => Ok(spec(call.input(0), call.attrs.get_bool(0))),
            n => Err(Error::shape(format!("boundaries must be a vector, got {n} dims"))),
        },
        run: |call, outs| search(call.input(1), call.input(0), None, call.attrs.get_bool(1), &mut outs[0]),
    },
    vjp: Vjp::None("returns places"),
    samples: || {
        let t = |shape: &[usize]| SampleTensor::new(shape).constant().into();
        vec![Sample::new("a matrix", vec![t(&[2, 3]), t(&[1])]), Sample::new("a 0-dim tensor", vec![t(&[]), t(&[1])])]
    },
    errors: || {
        let t = |shape: &[usize]| SampleTensor::new(shape).into();
        vec![fails(Sample::new("a matrix of boundaries", vec![t(&[2]), t(&[2, 2])]), Code::Shape, "a vector")]
    },
    ..OpDef::BASE
}
.shipped();
