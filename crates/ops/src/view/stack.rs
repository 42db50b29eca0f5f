//! Tensors side by side along a new dim.

use super::select;
use crate::invoke;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Class, Default, ErrorSample, Facts, Grads, Half, Jvp, Kind, OpDef,
    Sample, SampleArg, SampleTensor, Spec, Specs, Tensor, Vjp,
};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::promotion::{Operand, result_type};
use adjoint_tensor::{Array, Code, Dims, Error, Result};

fn rule(call: &Facts) -> Result<Specs> {
    let operands = || call.inputs.iter().flatten().copied();
    let Some(first) = operands().next() else {
        return Err(Error::usage("expects a non-empty list of tensors"));
    };
    let dim = wrap_dim(call.attrs.opt_int(0).unwrap_or(0), first.rank() + 1)?;
    if let Some((at, x)) = operands().enumerate().find(|(_, x)| x.shape() != first.shape()) {
        return Err(Error::shape(format!(
            "expects each tensor to be equal size, but got {:?} at entry 0 and {:?} at entry {at}",
            first.shape(),
            x.shape()
        )));
    }
    let dtype = result_type(operands().map(|x| Operand { dtype: x.dtype(), zero_dim: x.rank() == 0, wrapped: false }));
    let mut shape = Dims::from_slice(first.shape());
    shape.insert(dim, call.inputs.len());
    Ok(Spec::one(shape, dtype))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let dim = wrap_dim(call.attrs.opt_int(0).unwrap_or(0), outs[0].rank())?;
    for (i, x) in call.inputs.iter().flatten().enumerate() {
        outs[0].with_layout(outs[0].layout().select(dim, i))?.assign(x)?;
    }
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dim = wrap_dim(b.attrs().opt_int(0).unwrap_or(0), b.g().rank())?;
    (0..b.inputs()).map(|i| b.wants(i).then(|| select::select(b.g(), dim, i)).transpose()).collect()
}

fn sample(label: &str, shapes: &[&[usize]], dim: i64) -> Sample {
    let list = shapes.iter().map(|s| Some(SampleTensor::new(s))).collect();
    Sample::new(label, vec![SampleArg::Tensors(list), Attr::Int(dim).into()])
}

fn samples() -> Vec<Sample> {
    vec![
        sample("vectors as rows", &[&[3], &[3]], 0),
        sample("vectors as columns", &[&[3], &[3]], -1),
        sample("0-dim tensors", &[&[], &[], &[]], 0),
        sample("in the middle", &[&[2, 3], &[2, 3]], 1),
        sample("nothing", &[&[0, 2], &[0, 2]], 0),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |sample, code, message| ErrorSample { sample, code, message };
    vec![
        e(sample("none", &[], 0), Code::Usage, "non-empty list"),
        e(sample("shapes that differ", &[&[2], &[3]], 0), Code::Shape, "[2] at entry 0 and [3] at entry 1"),
        e(sample("a dim too large", &[&[2], &[2]], 2), Code::Index, "out of range"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "stack",
    doc: "Returns the given `tensors`, all of one shape, side by side along a new dim at place `dim`.\n\n\
          Dtypes promote. Fails for an empty list. Source: PyTorch, `torch.stack`.",
    args: &[Arg::required("tensors", Kind::Tensors), Arg::optional("dim", Kind::Int, Default::Int(0))],
    class: Class::Index,
    surface: &[Api::Function],
    node: "StackBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();

/// The tensors side by side along a new dim.
pub fn stack(tensors: &[&Tensor], dim: usize) -> Result<Tensor> {
    let inputs: Vec<Option<&Tensor>> = tensors.iter().copied().map(Some).collect();
    invoke::with(&DEF, &inputs, Attrs::new().int(dim as i64))
}
