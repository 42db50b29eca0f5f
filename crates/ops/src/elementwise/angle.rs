//! The angle of a number in the complex plane.

use super::{isnan::isnan, lt::lt, mul::mul, to::to, where_::where_};
use crate::create::zeros_like::zeros_like;
use crate::invoke::number;
use crate::shared::checks::only;
use crate::shared::samples;
use adjoint_autograd::{Arg, Body, OpDef, Outputs, Tensor};
use adjoint_tensor::{DType, Result, Scalar, promotion};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let x = only(inputs)?;
    let dtype = if x.dtype().is_float() { x.dtype() } else { promotion::DEFAULT_FLOAT };
    if x.dtype() == DType::Bool {
        // None is below 0, and bools have no order of numbers.
        return Ok(smallvec![zeros_like(&to(x, dtype)?)?]);
    }
    // The product has the precision of its tensor, which a choice of two plain numbers has not.
    let below = to(&lt(x, &Tensor::number(Scalar::Int(0))?)?, dtype)?;
    let angle = mul(&below, &number(std::f64::consts::PI)?)?;
    if !x.dtype().is_float() {
        return Ok(smallvec![angle]);
    }
    Ok(smallvec![where_(&isnan(x)?, x, &angle)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "angle",
    doc: "Returns the angles of numbers in the complex plane: π below 0, else 0, and NaN of NaN.\n\n\
          Integers give float32. The gradient is 0. Source: PyTorch, `torch.angle`.",
    args: &[Arg::tensor("input")],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();
