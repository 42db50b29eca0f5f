//! A map that is linear in each of two inputs.

use crate::contract::{bmm::bmm, matmul::matmul};
use crate::elementwise::add::add;
use crate::view::{permute::permute, reshape::reshape};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Api, Arg, Attrs, Body, ErrorSample, Kind, OpDef, Sample, SampleArg, SampleTensor, Tensor};
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let [Some(x1), Some(x2), Some(w), bias] = *inputs else {
        return Err(Error::usage("expected two inputs and a weight"));
    };
    let &[out, n1, n2] = w.shape() else {
        return Err(Error::shape(format!("expected a weight of 3 dims, got shape {:?}", w.shape())));
    };
    let ([front1 @ .., last1], [front2 @ .., last2]) = (x1.shape(), x2.shape()) else {
        return Err(Error::shape("expected inputs of at least 1 dim"));
    };
    if front1 != front2 {
        return Err(Error::shape(format!(
            "expected inputs that agree in all dims but the last, got {:?} and {:?}",
            x1.shape(),
            x2.shape()
        )));
    }
    for (name, last, size) in [("input1", *last1, n1), ("input2", *last2, n2)] {
        if last != size {
            return Err(Error::shape(format!(
                "expected {name} with a last dim of {size}, that of a weight of shape {:?}, got {last}",
                w.shape()
            )));
        }
    }
    if let Some(b) = bias.filter(|b| b.shape() != [out]) {
        return Err(Error::shape(format!("expected a bias of shape [{out}], got {:?}", b.shape())));
    }
    let rows: usize = front1.iter().product();
    // [rows, out, n2]: the map of the second input that each first input makes.
    let by_first = reshape(&permute(w, &[1, 0, 2])?, &[n1, out * n2])?;
    let maps = reshape(&matmul(&reshape(x1, &[rows, n1])?, &by_first)?, &[rows, out, n2])?;
    let y = bmm(&maps, &reshape(x2, &[rows, n2, 1])?)?;
    let shape: Dims = front1.iter().copied().chain([out]).collect();
    let y = reshape(&y, &shape)?;
    Ok(smallvec![match bias {
        Some(bias) => add(&y, bias)?,
        None => y,
    }])
}

fn sample(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, shapes.iter().map(|shape| SampleArg::from(SampleTensor::new(shape))).collect())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bilinear",
    doc: "Returns `y[k] = Σ input1[i] · weight[k, i, j] · input2[j] + bias[k]` over i and j.\n\n\
          **Shapes**: `input1` `[*, I]`, `input2` `[*, J]`, `weight` `[K, I, J]`, `bias` `[K]` or absent, result `[*, K]`. A matrix `[K, J]` is \
          written for each row on the way. Source: PyTorch, `torch.nn.functional.bilinear`.",
    args: &[
        Arg::tensor("input1"),
        Arg::tensor("input2"),
        Arg::tensor("weight"),
        Arg::optional("bias", Kind::Tensor, Default::None),
    ],
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("a batch", &[&[3, 2], &[3, 4], &[2, 2, 4], &[2]]),
            sample("vectors", &[&[2], &[3], &[2, 2, 3]]),
            sample("two dims in front", &[&[2, 1, 2], &[2, 1, 3], &[1, 2, 3], &[1]]),
        ]
    },
    errors: || {
        let fails = |label, shapes: &[&[usize]], message| ErrorSample {
            sample: sample(label, shapes),
            code: Code::Shape,
            message,
        };
        vec![
            fails("a first input of another size", &[&[2, 3], &[2, 2], &[2, 2, 2]], "input1 with a last dim of 2"),
            fails("batches that differ", &[&[2, 2], &[3, 2], &[2, 2, 2]], "agree in all dims"),
            fails("a matrix as weight", &[&[2, 2], &[2, 2], &[2, 2]], "a weight of 3 dims"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
