//! Undoing a broadcast.

use super::sum::result_dtype;
use crate::invoke;
use crate::view::expand::expand;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Class, ErrorSample, Facts, Jvp, Kind, OpDef, Sample, SampleTensor, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_cpu::reduce::sum_into;
use adjoint_tensor::{Array, Code, Dims, Error, Result, dims};
use smallvec::smallvec;

/// The dims a broadcast from `size` to `shape` added or stretched.
fn stretched(shape: &[usize], size: &[usize]) -> Dims {
    let lead = shape.len() - size.len();
    (0..shape.len()).filter(|&d| d < lead || (size[d - lead] == 1 && shape[d] != 1)).collect()
}

fn rule(call: &Facts) -> Result<Specs> {
    let (x, size) = (call.input(0), call.attrs.get_shape(0)?);
    if !dims::broadcast(x.shape(), &size).is_ok_and(|s| s.as_slice() == x.shape()) {
        return Err(Error::shape(format!(
            "size {:?} does not broadcast to the shape of input, {:?}",
            size.as_slice(),
            x.shape()
        ))
        .with("size", format_args!("{:?}", size.as_slice()))
        .with("input", format_args!("{:?}", x.shape())));
    }
    let dtype = if size.as_slice() == x.shape() { x.dtype() } else { result_dtype(x.dtype(), None) };
    Ok(Spec::one(size, dtype))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, size) = (call.input(0), call.attrs.get_shape(0)?);
    if size.as_slice() == x.shape() {
        return outs[0].assign(x);
    }
    sum_into(x, &stretched(x.shape(), &size), &mut outs[0])
}

fn samples() -> Vec<Sample> {
    let s = |label: &str, shape: &[usize], size: &[i64]| {
        Sample::new(label, vec![SampleTensor::new(shape).into(), Attr::Ints(size.into()).into()])
    };
    vec![
        s("a column", &[3, 4], &[3, 1]),
        s("leading dims", &[2, 3, 4], &[4]),
        s("leading and stretched dims", &[2, 3, 4], &[3, 1]),
        s("a scalar", &[2, 3], &[]),
        s("the same shape", &[2, 3], &[2, 3]),
        s("from nothing", &[0, 3], &[1, 3]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    vec![ErrorSample {
        sample: Sample::new(
            "a size that does not broadcast",
            vec![SampleTensor::new(&[10, 5, 10]).into(), Attr::Ints([10, 10][..].into()).into()],
        ),
        code: Code::Shape,
        message: "[10, 10]",
    }]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "sum_to_size",
    doc: "Returns `input` summed over the dims that broadcasting from `size` added or stretched, so that the result has `size`.\n\n\
          This is the derivative of broadcasting. `size` must broadcast to the shape of `input`. Source: PyTorch, `Tensor.sum_to_size`.",
    args: &[Arg::tensor("input"), Arg::required("size", Kind::IntsSpread)],
    class: Class::Reduce,
    surface: &[Api::Method],
    node: "SumBackward1",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(expand(b.g(), b.shape(0))?)])),
    jvp: Jvp::Linear,
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();

/// `x` summed over what a broadcast from `size` added or stretched; `x` itself where that is
/// nothing.
pub fn sum_to_size(x: &Tensor, size: &[usize]) -> Result<Tensor> {
    if x.shape() == size {
        return Ok(x.clone());
    }
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(size))
}
