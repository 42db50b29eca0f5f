//! `batch_norm` with the moments it divides by.

use super::batch_norm;
use crate::create::zeros::zeros;
use crate::elementwise::{add::add, rsqrt::rsqrt};
use crate::invoke::{self, number};
use crate::reduce::var_mean::var_mean;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, given, required,
};
use adjoint_tensor::{Dims, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let eps = attrs.get_float(2)?;
    // There, the running moments come before the weight.
    let operands = [Some(x), given(inputs, 3), given(inputs, 4), given(inputs, 1), given(inputs, 2)];
    let out = invoke::with(&batch_norm::DEF, &operands, attrs.clone())?;
    if !attrs.get_bool(0) {
        return Ok(smallvec![out, zeros(&[0], x.dtype())?, zeros(&[0], x.dtype())?]);
    }
    let dims: Dims = (0..x.rank()).filter(|&d| d != 1).collect();
    let [var, mean] = var_mean(x, &dims, 0.0, false)?;
    Ok(smallvec![out, mean, rsqrt(&add(&var, &number(eps)?)?)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "native_batch_norm",
    doc: "Returns what `batch_norm` does and, in training, the means and the reciprocals of the standard deviations of \
          channels; otherwise two empty vectors.\n\n\
          Source: PyTorch, `torch.native_batch_norm`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::optional("running_mean", Kind::Tensor, Default::None),
        Arg::optional("running_var", Kind::Tensor, Default::None),
        Arg::required("training", Kind::Bool),
        Arg::required("momentum", Kind::Float),
        Arg::required("eps", Kind::Float),
    ],
    outputs: &["out", "mean", "invstd"],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        let none = || crate::shared::nn::reduction::absent();
        let numbers = [Attr::Bool(true), Attr::Float(0.1), Attr::Float(0.1)].map(Into::into);
        let mut args = vec![SampleTensor::new(&[3, 2, 2]).into(), none(), none(), none(), none()];
        args.extend(numbers);
        vec![Sample::new("in training", args)]
    },
    ..OpDef::COMPOSITE
}
.shipped();
