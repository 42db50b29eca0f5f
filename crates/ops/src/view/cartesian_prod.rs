//! All combinations of elements, one of each vector.

use super::expand::expand;
use super::reshape::reshape;
use super::stack::stack;
use crate::shared::view::samples::fails;
use adjoint_autograd::{Api, Arg, Body, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor};
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::{SmallVec, smallvec};

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let vectors: SmallVec<[&Tensor; 4]> = inputs.iter().flatten().copied().collect();
    if let Some(x) = vectors.iter().find(|x| x.rank() != 1) {
        return Err(Error::shape(format!("expects vectors, got shape {:?}", x.shape())));
    }
    match vectors[..] {
        [] => return Err(Error::usage("expects at least one vector")),
        [x] => return Ok(smallvec![x.clone()]),
        _ => {}
    }
    let shape: Dims = vectors.iter().map(|x| x.numel()).collect();
    let count = adjoint_tensor::dims::numel(&shape);
    let columns = vectors.iter().enumerate().map(|(i, x)| {
        let mut along = Dims::from_elem(1, shape.len());
        along[i] = x.numel();
        reshape(&expand(&reshape(x, &along)?, &shape)?, &[count])
    });
    let columns: SmallVec<[Tensor; 4]> = columns.collect::<Result<_>>()?;
    let columns: SmallVec<[&Tensor; 4]> = columns.iter().collect();
    Ok(smallvec![stack(&columns, 1)?])
}

fn sample(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, vec![SampleArg::Tensors(shapes.iter().map(|s| Some(SampleTensor::new(s))).collect())])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cartesian_prod",
    doc: "Returns all combinations of an element of each of the given vectors, a row each, the last changing fastest.\n\n\
          A single vector is returned as it is. Source: PyTorch, `torch.cartesian_prod`.",
    args: &[Arg::required("tensors", Kind::TensorsSpread)],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples: || vec![sample("three vectors", &[&[2], &[3], &[2]]), sample("one", &[&[3]])],
    errors: || vec![fails(sample("a matrix", &[&[2, 2]]), Code::Shape, "expects vectors")],
    ..OpDef::COMPOSITE
}
.shipped();
