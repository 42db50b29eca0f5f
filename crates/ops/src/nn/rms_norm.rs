//! Normalization of the last dims by their root mean square.

use crate::elementwise::{add::add, mul::mul, rsqrt::rsqrt, square::square};
use crate::invoke::number;
use crate::reduce::mean::mean_dims;
use crate::shared::nn::normalized;
use crate::shared::nn::reduction::one;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Api, Arg, Attrs, Body, Half, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{DType, Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(x), weight] = *inputs else { return Err(Error::usage("expected a tensor")) };
    let shape = attrs.get_shape(0)?;
    normalized::fits(x.array(), &shape)?;
    normalized::same_shape("weight", weight.map(|w| w.array().meta()), &shape)?;
    if !matches!(x.dtype(), DType::Float32 | DType::Float64) {
        return Err(Error::dtype(format!("expected a float32 or float64 tensor, got {}", x.dtype().name())));
    }
    let least = if x.dtype() == DType::Float32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let eps = attrs.opt_float(1).unwrap_or(least);
    let dims: Vec<usize> = (x.rank() - shape.len()..x.rank()).collect();
    let scale = rsqrt(&add(&mean_dims(&square(x)?, &dims, true)?, &number(eps)?)?)?;
    let normal = mul(x, &scale)?;
    one(match weight {
        Some(w) => mul(&normal, w)?,
        None => normal,
    })
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rms_norm",
    doc: "Returns `input / √(mean(input²) + eps) · weight`, with the mean over the last dims, those of `normalizedShape`.\n\n\
          **Shapes**: `input` is `[*, …normalizedShape]`, `weight`, which may be absent, `normalizedShape`. float32 or float64. `eps` is the \
          distance from 1 to the next number of the dtype where it is left out. Source: PyTorch, `torch.nn.functional.rms_norm`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("normalized_shape", Kind::Ints),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("eps", Kind::Float, Default::None),
    ],
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(body),
    half: Half::Once,
    samples: || normalized::samples(false),
    errors: normalized::errors,
    ..OpDef::COMPOSITE
}
.shipped();
