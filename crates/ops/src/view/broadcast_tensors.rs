//! Tensors stretched to a common shape.

use super::expand::expand;
use crate::shared::view::count;
use crate::shared::view::samples::fails;
use adjoint_autograd::{Api, Arg, Attrs, Body, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor};
use adjoint_tensor::{Code, Dims, Result, dims};

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let tensors = inputs.iter().flatten();
    let shape = tensors.clone().try_fold(Dims::new(), |shape, x| dims::broadcast(&shape, x.shape()))?;
    count::room(inputs.len() as i64, shape.len())?;
    tensors.map(|x| expand(x, &shape)).collect()
}

fn sample(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, vec![SampleArg::Tensors(shapes.iter().map(|s| Some(SampleTensor::new(s))).collect())])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "broadcast_tensors",
    doc: "Returns views of the given `tensors` stretched to the shape they broadcast to. Source: PyTorch, `torch.broadcast_tensors`.",
    args: &[Arg::required("tensors", Kind::TensorsSpread)],
    outputs: &[],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || vec![sample("a row and a column", &[&[3], &[2, 1]]), sample("a 0-dim tensor", &[&[], &[2]])],
    errors: || vec![fails(sample("sizes that differ", &[&[2], &[3]]), Code::Shape, "cannot be broadcast")],
    ..OpDef::COMPOSITE
}
.shipped();
