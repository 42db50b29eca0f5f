//! Elements written at indices along a dim.

use super::{gather, scatter_add, scatter_reduce};
use crate::invoke;
use crate::shared::checks;
use crate::shared::indices;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Batching, Body, Call, Check, Class, Facts, Grads, Half, Jvp, Kind, NodeNaming, OpDef,
    Outputs, Sample, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::index::{at_least_1d, on_part, part_of};
use adjoint_kernels::index;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Dims, Error, Result, Scalar, by_size};
use smallvec::smallvec;

/// `out[…, index[p], …] = source[p]` for every position p of `index`; of equal indices the last
/// wins. Indices were checked.
fn write_at(out: &mut Array, dim: usize, index: &Array, source: &Array) -> Result<()> {
    let index = indices::read_or_empty(index)?;
    if index.numel() == 0 {
        return Ok(());
    }
    let shape = at_least_1d(index.shape());
    let source = part_of(source, &shape)?;
    on_part(out, &shape, dim, |out, axis| {
        by_size!(source.dtype(), T => {
            index::scatter(out.as_mut_bits::<T>(), axis, index.as_slice(), shape[dim], source.as_bits::<T>());
        });
        Ok(())
    })
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))?;
    let dim = wrap_dim(call.attrs.get_int(0)?, outs[0].rank())?;
    write_at(&mut outs[0], dim, &call.checked[0], call.input(2))
}

fn value_rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    gather::fits(x.shape(), wrap_dim(call.attrs.get_int(0)?, x.rank())?, call.input(1), "self")?;
    checks::holds("value", value(call.attrs)?, x.dtype())?;
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn value(attrs: &Attrs) -> Result<Scalar> {
    attrs.opt_scalar(1).ok_or_else(|| Error::usage("expected a number as value"))
}

fn value_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))?;
    let dim = wrap_dim(call.attrs.get_int(0)?, outs[0].rank())?;
    let value = Array::full(&[], outs[0].dtype(), value(call.attrs)?)?;
    let shape: Dims = at_least_1d(call.input(1).shape());
    write_at(&mut outs[0], dim, &call.checked[0], &value.with_layout(value.layout().expand(&shape)?)?)
}

/// `g` with zeros where something was written.
fn cleared(b: &Backward) -> Result<Tensor> {
    let attrs = Attrs::new().int(b.attrs().get_int(0)?).with(Attr::Scalar(Scalar::Int(0)));
    invoke::with(&VALUE, &[Some(b.g()), Some(&b.input(1)?)], attrs)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dx = b.wants(0).then(|| cleared(b)).transpose()?;
    let dsource = b.wants(2).then(|| scatter_add::source_gradient(b)).transpose()?;
    Ok(smallvec![dx, None, dsource])
}

fn value_samples() -> Vec<Sample> {
    let s = |label, shape: &[usize], dim, index: &[usize]| {
        let mut call = gather::sample(label, shape, dim, index);
        call.args.push(Attr::Scalar(Scalar::Float(1.5)).into());
        call
    };
    vec![s("rows", &[3, 4], 0, &[2, 4]), s("a smaller index", &[3, 4], 1, &[2, 3])]
}

const DOC: &str = "Returns `input` with `src`, or the number `value`, written at the indices: `out[i][index[i][j]] = src[i][j]` (for \
                   `dim` 1).\n\n\
                   `index` has the rank of `input` and `src` and is no larger than either, except along `dim` of `input`. Where an \
                   index comes several times the last element wins, and the gradient of `src` is as if each had. \
                   Source: PyTorch, `torch.scatter`.";

/// Of a tensor. In samples no index comes twice, since the derivative of that is a choice.
static SRC: OpDef = OpDef {
    name: "scatter",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::tensor("index"), Arg::tensor("src")],
    class: Class::Index,
    node: "ScatterBackward0",
    shown: NodeNaming::without(0b10),
    in_place: true,
    check: Check::Values(gather::check),
    body: Body::Kernel { rule: scatter_add::rule, run },
    batching: &Batching::leading(&[0]),
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0b10, 0, 0b10], outputs: &[] },
    samples: || {
        vec![
            scatter_add::sample("one row", &[3, 4], 0, &[1, 4], &[1, 4]),
            scatter_add::sample("a smaller index", &[3, 4], 1, &[2, 1], &[3, 5]),
            scatter_add::sample("a 0-dim tensor", &[], 0, &[], &[]),
            scatter_add::sample("no indices", &[3], 0, &[0], &[0]),
            scatter_add::sample("indices that come twice", &[2, 4], 0, &[5, 4], &[5, 4]).kink(),
        ]
    },
    errors: scatter_add::errors,
    ..OpDef::BASE
}
.shipped();

/// Of a number.
static VALUE: OpDef = OpDef {
    name: "scatter.value",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
        Arg::required("value", Kind::Factor),
    ],
    node: "ScatterBackward1",
    shown: NodeNaming::without(0b10),
    body: Body::Kernel { rule: value_rule, run: value_run },
    batching: &Batching::leading(&[0]),
    half: Half::Native,
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(cleared(b)?), None])),
    jvp: Jvp::Transposed,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: value_samples,
    errors: Vec::new,
    ..SRC
}
.shipped();

/// What PyTorch's older `reduce` may be: the first two ways of `scatter_reduce`.
const REDUCE: Arg = Arg::required("reduce", Kind::Choice(&["add", "multiply"]));

/// `source` combined into the first input, as attribute `reduce` says.
fn combined(inputs: &[Option<&Tensor>], source: &Tensor, attrs: &Attrs, reduce: usize) -> Result<Tensor> {
    let attrs = Attrs::new().int(attrs.get_int(0)?).with(Attr::Choice(attrs.get_choice(reduce))).bool(true);
    invoke::with(&scatter_reduce::DEF, &[inputs[0], inputs[1], Some(source)], attrs)
}

fn add_source(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    match inputs {
        [_, _, Some(source)] => Ok(smallvec![combined(inputs, source, attrs, 1)?]),
        _ => Err(Error::usage("expected a tensor as src")),
    }
}

fn add_value(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(x), Some(index)] = inputs else { return Err(Error::usage("expected an input and an index")) };
    let value = value(attrs)?;
    checks::holds("value", value, x.dtype())?;
    let source = Tensor::from_array(Array::full(index.shape(), x.dtype(), value)?);
    Ok(smallvec![combined(inputs, &source, attrs, 2)?])
}

/// Of a tensor that is combined with what is there.
static SRC_REDUCE: OpDef = OpDef {
    name: "scatter.reduce",
    doc: REDUCE_DOC,
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::tensor("index"), Arg::tensor("src"), REDUCE],
    in_place: true,
    body: Body::Composite(add_source),
    samples: || {
        let s = |label, reduce| {
            let mut call = scatter_add::sample(label, &[3, 4], 0, &[2, 4], &[2, 4]);
            call.args.push(Attr::Choice(reduce).into());
            call
        };
        vec![s("add", 0), s("multiply", 1)]
    },
    ..OpDef::COMPOSITE
}
.shipped();

/// Of a number that is combined with what is there.
static VALUE_REDUCE: OpDef = OpDef {
    name: "scatter.value_reduce",
    doc: REDUCE_DOC,
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
        Arg::required("value", Kind::Factor),
        REDUCE,
    ],
    in_place: true,
    body: Body::Composite(add_value),
    samples: || {
        let s = |label, reduce| {
            let mut call = gather::sample(label, &[3, 4], 0, &[2, 4]);
            call.args.push(Attr::Scalar(Scalar::Float(1.5)).into());
            call.args.push(Attr::Choice(reduce).into());
            call
        };
        vec![s("add", 0), s("multiply", 1)]
    },
    ..OpDef::COMPOSITE
}
.shipped();

const REDUCE_DOC: &str = "Returns `input` with `src`, or the number `value`, added to or multiplied with what is at the indices. PyTorch's older form \
                          of `scatterReduce`, which has no derivative there. Source: PyTorch, `torch.scatter`.";

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&SRC, &VALUE, &SRC_REDUCE, &VALUE_REDUCE];

/// `x` with `source` written at `index` along `dim`.
pub fn scatter(x: &Tensor, dim: usize, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    invoke::with(&SRC, &[Some(x), Some(index), Some(source)], Attrs::new().int(dim as i64))
}

/// `x` with `value` written at `index` along `dim`.
pub fn scatter_value(x: &Tensor, dim: usize, index: &Tensor, value: f64) -> Result<Tensor> {
    invoke::with(&VALUE, &[Some(x), Some(index)], Attrs::new().int(dim as i64).scalar(value))
}
