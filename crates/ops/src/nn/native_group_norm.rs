//! `group_norm` with the moments it divides by.

use super::group_norm;
use crate::elementwise::{add::add, rsqrt::rsqrt};
use crate::invoke::{self, number};
use crate::reduce::var_mean::var_mean;
use crate::shared::view::samples::fails;
use crate::view::reshape::reshape;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, given, required,
};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let [n, channels, inner, groups] = [0, 1, 2, 3].map(|i| attrs.opt_int(i).unwrap_or(0));
    if n < 0
        || channels < 1
        || inner < 0
        || groups < 1
        || channels % groups != 0
        || n * channels * inner != x.numel() as i64
    {
        return Err(Error::shape(format!(
            "expected N, C and HxW of input with a number of groups that divides C, got {n}, {channels}, {inner} and {groups} for shape {:?}",
            x.shape()
        )));
    }
    let eps = attrs.get_float(4)?;
    let out = invoke::with(
        &group_norm::DEF,
        &[Some(x), given(inputs, 1), given(inputs, 2)],
        Attrs::new().int(groups).float(eps),
    )?;
    let rows = reshape(x, &[n as usize, groups as usize, (channels / groups * inner) as usize])?;
    let [var, mean] = var_mean(&rows, &[2], 0.0, false)?;
    Ok(smallvec![out, mean, rsqrt(&add(&var, &number(eps)?)?)?])
}

fn sample(label: &str, sizes: [i64; 4]) -> Sample {
    let none = || crate::shared::nn::reduction::absent();
    let mut args = vec![SampleTensor::new(&[2, 4, 3]).into(), none(), none()];
    args.extend(sizes.map(|n| Attr::Int(n).into()));
    args.push(Attr::Float(0.1).into());
    Sample::new(label, args)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "native_group_norm",
    doc: "Returns what `group_norm` does, the means of the groups, and the reciprocals of their standard deviations.\n\n\
          `N`, `C` and `HxW` are the sizes of `input`. Source: PyTorch, `torch.native_group_norm`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::required("N", Kind::Int),
        Arg::required("C", Kind::Int),
        Arg::required("HxW", Kind::Int),
        Arg::required("group", Kind::Int),
        Arg::required("eps", Kind::Float),
    ],
    outputs: &["out", "mean", "rstd"],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || vec![sample("two groups", [2, 4, 3, 2])],
    errors: || vec![fails(sample("other sizes", [2, 4, 2, 2]), Code::Shape, "divides C")],
    ..OpDef::COMPOSITE
}
.shipped();
