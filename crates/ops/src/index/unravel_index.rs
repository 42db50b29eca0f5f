//! Places in row-major order as coordinates.

use crate::elementwise::{floor_divide::floor_divide, remainder::remainder};
use crate::shared::checks;
use crate::shared::view::samples::{fails, ints};
use adjoint_autograd::{Api, Arg, Attrs, Body, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, Vjp, required};
use adjoint_tensor::{Code, DType, Error, Result, Scalar};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (places, shape) = (required(inputs, 0), attrs.get_ints(0)?);
    if places.dtype().is_float() || places.dtype() == DType::Bool {
        return Err(checks::wrong_integers("indices", "int64 or another integer", places.dtype()));
    }
    if let Some(n) = shape.iter().find(|&&n| n < 0) {
        return Err(Error::usage(format!("shape cannot have negative values, got {n}")));
    }
    let mut step = shape.iter().fold(1i64, |a, &n| a.saturating_mul(n));
    shape
        .iter()
        .map(|&n| {
            step = if n == 0 { 1 } else { step / n };
            let whole = floor_divide(places, &Tensor::number(Scalar::Int(step.max(1)))?)?;
            remainder(&whole, &Tensor::number(Scalar::Int(n.max(1)))?)
        })
        .collect()
}

fn sample(label: &str, shape: &[i64]) -> Sample {
    Sample::new(label, vec![SampleTensor::ints(&[2, 3], 0, 11).into(), ints(shape).into()])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "unravel_index",
    doc: "Returns the coordinates of places in row-major order of a tensor of this shape: a list of tensors like `indices`, \
          one a dim.\n\n\
          Source: PyTorch, `torch.unravel_index`.",
    args: &[Arg::tensor("indices"), Arg::required("shape", Kind::Ints)],
    outputs: &[],
    surface: &[Api::Function],
    body: Body::Composite(body),
    vjp: Vjp::None("the results are integers"),
    samples: || vec![sample("a matrix", &[3, 4]), sample("a cube", &[2, 3, 2])],
    errors: || vec![fails(sample("a negative size", &[3, -4]), Code::Usage, "negative values")],
    ..OpDef::COMPOSITE
}
.shipped();
