//! The product of several matrices, by the older name.

use super::multi_dot;
use crate::invoke;
use adjoint_autograd::{Api, Arg, Body, Kind, OpDef, Outputs, Tensor};
use adjoint_autograd::{Attrs, ErrorSample, Sample, SampleArg, SampleTensor};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    if let Some(t) = inputs.iter().flatten().find(|t| t.rank() != 2) {
        return Err(Error::shape(format!("expected matrices, got shape {:?}", t.shape())));
    }
    match inputs {
        [] => Err(Error::usage("expected one or more matrices, got none")),
        [Some(only)] => Ok(smallvec![(*only).clone()]),
        _ => Ok(smallvec![invoke::with(&multi_dot::DEF, inputs, Attrs::new())?]),
    }
}

fn sample(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, vec![SampleArg::Tensors(shapes.iter().map(|s| Some(SampleTensor::new(s))).collect())])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "chain_matmul",
    doc: "Returns the product of one or more matrices, in the order that takes the fewest multiplications: `linalg.multiDot`.\n\n\
          **Shapes**: each has as many columns as the next has rows. Source: PyTorch, `torch.chain_matmul`.",
    args: &[Arg::required("matrices", Kind::TensorsSpread)],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples: || vec![sample("one", &[&[2, 3]]), sample("three", &[&[2, 3], &[3, 1], &[1, 4]])],
    errors: || {
        let fails = |sample, message| ErrorSample { sample, code: Code::Shape, message };
        vec![
            fails(sample("vectors", &[&[3], &[3]]), "expected matrices"),
            fails(sample("other sizes", &[&[2, 3], &[2, 3]]), "cannot be multiplied"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
