//! `layer_norm` with the moments it divides by.

use crate::elementwise::{add::add, rsqrt::rsqrt};
use crate::invoke::{self, number};
use crate::reduce::var_mean::var_mean;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, given, required,
};
use adjoint_tensor::{Code, Dims, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let eps = attrs.get_float(1)?;
    let out = invoke::with(super::layer_norm::DEFS[0], &[Some(x), given(inputs, 1), given(inputs, 2)], attrs.clone())?;
    let dims: Dims = (x.rank() - attrs.get_ints(0)?.len()..x.rank()).collect();
    let [var, mean] = var_mean(x, &dims, 0.0, true)?;
    Ok(smallvec![out, mean, rsqrt(&add(&var, &number(eps)?)?)?])
}

fn sample(label: &str, shape: &[usize], normalized: &[i64]) -> Sample {
    let none = || crate::shared::nn::reduction::absent();
    let eps = Attr::Float(0.1).into();
    Sample::new(label, vec![SampleTensor::new(shape).into(), Attr::Ints(normalized.into()).into(), none(), none(), eps])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "native_layer_norm",
    doc: "Returns what `layer_norm` does, the means, and the reciprocals of the standard deviations.\n\n\
          Source: PyTorch, `torch.native_layer_norm`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("normalized_shape", Kind::Ints),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::required("eps", Kind::Float),
    ],
    outputs: &["out", "mean", "rstd"],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || vec![sample("rows", &[2, 3], &[3])],
    errors: || vec![fails(sample("another shape", &[2, 3], &[2]), Code::Shape, "normalizedShape")],
    ..OpDef::COMPOSITE
}
.shipped();
