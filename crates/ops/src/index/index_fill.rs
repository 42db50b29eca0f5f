//! One value at indices of a dim.

use super::index_select;
use crate::invoke;
use crate::shared::checks;
use crate::shared::indices;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{
    Arg, Arrays, Attr, Attrs, Backward, Body, Call, Check, Class, Facts, Grads, Half, Kind, NodeNaming, OpDef, Outputs,
    Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp, interpreter, required,
};
use adjoint_cpu::axis;
use adjoint_cpu::index::at_least_1d;
use adjoint_kernels::index;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, Dims, Error, Result, Scalar, by_size};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    index_select::list(call.input(1))?;
    let Some(value) = call.attrs.opt_scalar(1) else {
        return Err(Error::usage("expected a number as value"));
    };
    checks::holds("value", value, x.dtype())?;
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn check(call: &Call) -> Result<Arrays> {
    let shape = call.input(0).shape();
    let dim = wrap_dim(call.attrs.get_int(0)?, shape.len())?;
    let index = indices::read(call.input(1))?;
    indices::in_wrapped_range(index.as_slice(), indices::size(shape, dim), dim)?;
    Ok(smallvec![index])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))?;
    let dim = wrap_dim(call.attrs.get_int(0)?, outs[0].rank())?;
    let index = &call.checked[0];
    let axis = axis::of_dim(outs[0].shape(), dim);
    let mut shape: Dims = at_least_1d(outs[0].shape());
    shape[dim] = index.numel();
    let source = Array::full(&shape, outs[0].dtype(), call.attrs.opt_scalar(1).unwrap_or(Scalar::Int(0)))?;
    by_size!(source.dtype(), T => {
        index::index_copy(outs[0].as_mut_bits::<T>(), axis, index.as_slice(), source.as_bits::<T>());
    });
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dim = wrap_dim(b.attrs().get_int(0)?, b.g().rank())?;
    Ok(smallvec![Some(index_fill(b.g(), dim, &b.input(1)?, 0.0)?), None])
}

/// With a 0-dim tensor as value: its gradient is the sum over the positions it was written to.
fn tensor_body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, index, value] = [0, 1, 2].map(|i| required(inputs, i));
    if value.rank() != 0 {
        return Err(Error::shape(format!("value must be a number or a 0-dim tensor, got shape {:?}", value.shape())));
    }
    let zero = |x: &Tensor| invoke::with(&VALUE, &[Some(x), Some(index)], attrs.clone().with(Attr::Int(0)));
    // The shorter form reads the value, which a record could not hold.
    let is_one = value.tangents().is_none() && !value.array().is_batched();
    let is_constant = !value.requires_grad() && is_one && !interpreter::records_calls();
    if is_constant || value.is_wrapped_number() {
        let attrs = attrs.clone().with(Attr::Scalar(value.read_value()?));
        return invoke::many(&VALUE, &[Some(x), Some(index)], attrs);
    }
    // 1 where the value goes, 0 elsewhere.
    let ones = crate::create::ones_like::ones_like(x)?;
    let mask = crate::elementwise::sub::sub(&ones, &zero(&ones)?)?;
    let written = crate::elementwise::mul::mul(&mask, value)?;
    Ok(smallvec![crate::elementwise::add::add(&zero(x)?, &written)?])
}

fn sample(label: &str, shape: &[usize], dim: i64, len: usize, value: Option<f64>) -> Sample {
    let n = shape.get(dim.rem_euclid(shape.len().max(1) as i64) as usize).copied().unwrap_or(1);
    let index = SampleTensor::ints(&[len], -(n as i64), n as i64 - 1);
    let value = match value {
        Some(v) => Attr::Scalar(Scalar::Float(v)).into(),
        None => SampleTensor::new(&[]).into(),
    };
    Sample::new(label, vec![SampleTensor::new(shape).into(), int(dim).into(), index.into(), value])
}

const DOC: &str = "Returns `input` with `value`, a number or a 0-dim tensor, written at the given indices of `dim`.\n\n\
                   `index` is a vector of int32 or int64; negative indices count from the end. \
                   Source: PyTorch, `torch.index_fill`.";

/// Of a number.
static VALUE: OpDef = OpDef {
    name: "index_fill",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
        Arg::required("value", Kind::Factor),
    ],
    class: Class::Index,
    node: "IndexFillBackward0",
    shown: NodeNaming::without(0b10),
    in_place: true,
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        vec![
            sample("rows", &[3, 2], 0, 2, Some(1.5)),
            sample("columns", &[2, 3], -1, 1, Some(-1.0)),
            sample("no indices", &[3], 0, 0, Some(1.0)),
            sample("a 0-dim tensor", &[], 0, 1, Some(2.0)),
        ]
    },
    errors: || {
        let args = vec![
            SampleTensor::new(&[3]).into(),
            int(0).into(),
            SampleTensor::ints(&[1], 3, 3).into(),
            Attr::Scalar(Scalar::Int(1)).into(),
        ];
        vec![fails(Sample::new("an index outside", args), Code::Index, "index 3 is out of bounds")]
    },
    ..OpDef::BASE
}
.shipped();

/// Of a 0-dim tensor.
static TENSOR: OpDef = OpDef {
    name: "index_fill.tensor",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::tensor("index"), Arg::tensor("value")],
    class: Class::Composite,
    node: "",
    check: Check::Nothing,
    body: Body::Composite(tensor_body),
    vjp: Vjp::Composite,
    saves: Saves::NOTHING,
    samples: || vec![sample("rows", &[3, 2], 0, 2, None)],
    errors: Vec::new,
    ..VALUE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&VALUE, &TENSOR];

/// `x` with `value` at the given indices of `dim`.
pub fn index_fill(x: &Tensor, dim: usize, index: &Tensor, value: f64) -> Result<Tensor> {
    invoke::with(&VALUE, &[Some(x), Some(index)], Attrs::new().int(dim as i64).scalar(value))
}
