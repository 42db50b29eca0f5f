//! Matrices along a diagonal.

use super::atleast_2d::atleast_2d;
use super::cat::cat;
use crate::create::zeros::zeros;
use crate::elementwise::to::to;
use adjoint_autograd::{Api, Arg, Body, ErrorSample, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor};
use adjoint_tensor::promotion::{Operand, result_type};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let given: Vec<&Tensor> = inputs.iter().flatten().copied().collect();
    if let Some(x) = given.iter().find(|x| x.rank() > 2) {
        return Err(Error::shape(format!("input tensors must have 2 or fewer dimensions, got shape {:?}", x.shape())));
    }
    let dtype = result_type(given.iter().map(|x| Operand { dtype: x.dtype(), zero_dim: false, wrapped: false }));
    let blocks: Vec<Tensor> = given.iter().map(|x| to(&atleast_2d(x)?, dtype)).collect::<Result<_>>()?;
    let width: usize = blocks.iter().map(|b| b.shape()[1]).sum();
    let mut rows = Vec::new();
    let mut before = 0;
    for block in &blocks {
        let (n, m) = (block.shape()[0], block.shape()[1]);
        rows.push(cat(&[&zeros(&[n, before], dtype)?, block, &zeros(&[n, width - before - m], dtype)?], 1)?);
        before += m;
    }
    if rows.is_empty() {
        return Ok(smallvec![zeros(&[1, 0], adjoint_tensor::DType::Float32)?]);
    }
    Ok(smallvec![cat(&rows.iter().collect::<Vec<_>>(), 0)?])
}

fn sample(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, vec![SampleArg::Tensors(shapes.iter().map(|s| Some(SampleTensor::new(s))).collect())])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "block_diag",
    doc: "Returns a matrix of zeros with the given matrices along its diagonal.\n\n\
          Vectors count as rows and 0-dim tensors as one element. Dtypes promote. Source: PyTorch, `torch.block_diag`.",
    args: &[Arg::required("tensors", Kind::TensorsSpread)],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples: || vec![sample("three blocks", &[&[2, 3], &[1, 1], &[2]]), sample("a 0-dim tensor", &[&[], &[2, 2]])],
    errors: || vec![ErrorSample { sample: sample("a cube", &[&[1, 1, 1]]), code: Code::Shape, message: "2 or fewer" }],
    ..OpDef::COMPOSITE
}
.shipped();
