//! Tensors one after the other.

use super::slice;
use crate::create::zeros;
use crate::elementwise::to::to;
use crate::invoke;
use adjoint_autograd::{
    Alias, Api, Arg, Attr, Attrs, Backward, Batching, Body, Call, Class, Default, ErrorSample, Facts, Grads, Half, Jvp,
    Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Spec, Specs, Tensor, Vjp,
};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::promotion::{Operand, result_type};
use adjoint_tensor::{Array, Code, DType, Dims, Error, Result};

/// A tensor of shape [0] joins with anything, as it always did in PyTorch.
fn skipped(shape: &[usize]) -> bool {
    shape == [0]
}

fn plain(dtype: DType) -> Operand {
    Operand { dtype, zero_dim: false, wrapped: false }
}

fn operands<'a, T>(inputs: &[Option<&'a T>]) -> impl Iterator<Item = &'a T> {
    inputs.iter().flatten().copied()
}

fn rule(call: &Facts) -> Result<Specs> {
    let dtype = result_type(operands(call.inputs).map(|x| plain(x.dtype())));
    if operands(call.inputs).next().is_none() {
        return Err(Error::usage("expected a non-empty list of tensors"));
    }
    if let Some(at) = operands(call.inputs).position(|x| x.rank() == 0) {
        return Err(Error::shape(format!(
            "zero-dimensional tensor (at position {at}) cannot be concatenated; use stack()"
        )));
    }
    let Some(first) = operands(call.inputs).find(|x| !skipped(x.shape())) else {
        wrap_dim(call.attrs.opt_int(0).unwrap_or(0), 1)?;
        return Ok(Spec::one([0], dtype));
    };
    let dim = wrap_dim(call.attrs.opt_int(0).unwrap_or(0), first.rank())?;
    let mut shape = Dims::from_slice(first.shape());
    shape[dim] = 0;
    for (at, x) in operands(call.inputs).enumerate().filter(|(_, x)| !skipped(x.shape())) {
        let fits = x.rank() == first.rank()
            && x.shape().iter().zip(first.shape()).enumerate().all(|(d, (a, b))| d == dim || a == b);
        if !fits {
            return Err(Error::shape(format!(
                "sizes of tensors must match except in dim {dim}: tensor {at} has shape {:?}, the first {:?}",
                x.shape(),
                first.shape()
            )));
        }
        shape[dim] += x.shape()[dim];
    }
    Ok(Spec::one(shape, dtype))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let dim = wrap_dim(call.attrs.opt_int(0).unwrap_or(0), outs[0].rank())?;
    let mut start = 0;
    for x in operands(call.inputs).filter(|x| !skipped(x.shape())) {
        let len = x.shape()[dim];
        outs[0].with_layout(outs[0].layout().slice(dim, start, len, 1))?.assign(x)?;
        start += len;
    }
    Ok(())
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let dim = attrs.opt_int(0).unwrap_or(0);
    // The derivative needs the lengths of all tensors, also of those that want no gradient.
    let length = |t: &&Tensor| match t.array().layout().dim(dim) {
        Ok(d) if t.rank() > 0 && !skipped(t.shape()) => t.shape()[d] as i64,
        _ => 0,
    };
    let lengths: Vec<i64> = inputs.iter().flatten().map(length).collect();
    let attrs = Attrs::new().int(dim).ints(&lengths);
    let dtype = result_type(inputs.iter().flatten().map(|x| plain(x.dtype())));
    if !dtype.is_float() || inputs.iter().flatten().all(|x| x.dtype() == dtype) {
        return invoke::many(&KERNEL, inputs, attrs);
    }
    // Integers among floats have no tangent, and so would be taken for linear themselves in forward
    // mode.
    let cast: Vec<Option<Tensor>> =
        inputs.iter().map(|x| x.map(|x| to(x, dtype)).transpose()).collect::<Result<_>>()?;
    let cast: Vec<Option<&Tensor>> = cast.iter().map(Option::as_ref).collect();
    invoke::many(&KERNEL, &cast, attrs)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dim = wrap_dim(b.attrs().get_int(0)?, b.g().rank())?;
    let mut start = 0;
    let mut grads = Grads::new();
    for (i, &len) in b.attrs().get_ints(1)?.iter().enumerate() {
        let end = start + len as usize;
        grads.push(if !b.wants(i) {
            None
        } else if skipped(b.shape(i)) {
            Some(zeros::zeros(&[0], b.dtype(i))?)
        } else {
            Some(slice::slice(b.g(), dim, start, end, 1)?)
        });
        start = end;
    }
    Ok(grads)
}

fn sample(label: &str, shapes: &[&[usize]], dim: i64) -> Sample {
    let list = shapes.iter().map(|s| Some(SampleTensor::new(s))).collect();
    Sample::new(label, vec![SampleArg::Tensors(list), Attr::Int(dim).into()])
}

fn samples() -> Vec<Sample> {
    vec![
        sample("rows", &[&[2, 3], &[1, 3]], 0),
        sample("columns", &[&[2, 1], &[2, 3], &[2, 2]], -1),
        sample("one", &[&[2]], 0),
        sample("an empty one among them", &[&[2, 2], &[0], &[1, 2]], 0),
        sample("nothing", &[&[0, 2], &[0, 2]], 0),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |sample, code, message| ErrorSample { sample, code, message };
    vec![
        e(sample("none", &[], 0), Code::Usage, "non-empty list"),
        e(
            sample("sizes that differ", &[&[2, 3], &[2, 2]], 0),
            Code::Shape,
            "tensor 1 has shape [2, 2], the first [2, 3]",
        ),
        e(sample("a 0-dim tensor", &[&[2], &[]], 0), Code::Shape, "position 1"),
        e(sample("a dim too large", &[&[2], &[2]], 1), Code::Index, "out of range"),
    ]
}

/// The op.
static DEF: OpDef = OpDef {
    name: "cat",
    also: &[Alias::function("concat"), Alias::function("concatenate")],
    doc: "Returns the given `tensors` joined along `dim`.\n\n\
          Their shapes must agree in all other dims; tensors of shape [0] are skipped. Dtypes promote. Fails for an empty list and \
          for 0-dim tensors. Source: PyTorch, `torch.cat`.",
    args: &[Arg::required("tensors", Kind::Tensors), Arg::optional("dim", Kind::Int, Default::Int(0))],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// The copy, whose attributes carry the lengths along the dim.
static KERNEL: OpDef = OpDef {
    name: "_cat",
    part_of: "cat",
    doc: "The given tensors joined along a dim; `lengths` are theirs along it.",
    args: &[
        Arg::required("tensors", Kind::Tensors),
        Arg::required("dim", Kind::Int),
        Arg::required("lengths", Kind::Ints),
    ],
    class: Class::Index,
    surface: &[],
    node: "CatBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    ..OpDef::BASE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&KERNEL, &DEF];

/// The tensors joined along `dim`.
pub fn cat(tensors: &[&Tensor], dim: usize) -> Result<Tensor> {
    let inputs: Vec<Option<&Tensor>> = tensors.iter().copied().map(Some).collect();
    Ok(body(&inputs, &Attrs::new().int(dim as i64)).map_err(|e| e.in_op("cat"))?.swap_remove(0))
}
