//! `multi_margin_loss`: the right class ahead of all others by a margin.

use crate::create::arange::arange;
use crate::elementwise::{add::add, eq::eq, mul::mul, square::square, sub::sub, where_::where_};
use crate::index::{gather::gather, index_select::index_select};
use crate::invoke::number;
use crate::reduce::mean::mean_dims;
use crate::shared::checks;
use crate::shared::nn::reduction::{self, Reduction, one};
use crate::shared::view::samples::fails;
use crate::view::{reshape::reshape, unsqueeze::unsqueeze};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, given};
use adjoint_tensor::{Code, DType, Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, target) = reduction::operands(inputs)?;
    let p = attrs.opt_int(0).unwrap_or(1);
    if p != 1 && p != 2 {
        return Err(Error::usage(format!("only p of 1 and 2 are supported, got {p}")));
    }
    let classes = x.shape().last().copied().unwrap_or(1);
    if x.rank() > 2 || classes == 0 {
        return Err(Error::shape(format!("expected a non-empty vector or matrix, got shape {:?}", x.shape())));
    }
    let rows = if x.rank() == 2 { x.shape()[0] } else { 1 };
    if target.numel() != rows || target.rank() > 1 {
        return Err(Error::shape(format!(
            "inconsistent target size, expected {rows} but got shape {:?}",
            target.shape()
        )));
    }
    if target.dtype() != DType::Int64 {
        return Err(checks::wrong_integers("a target", "int64", target.dtype()));
    }
    let lanes = reshape(x, &[rows, classes])?;
    let labels = reshape(target, &[rows, 1])?;
    let right = gather(&lanes, 1, &labels)?;
    let gap = add(&sub(&number(attrs.opt_float(1).unwrap_or(1.0))?, &right)?, &lanes)?;
    let mut losses = reduction::hinge(&gap)?;
    if p == 2 {
        losses = square(&losses)?;
    }
    if let Some(weight) = given(inputs, 2) {
        if weight.shape() != [classes] {
            return Err(Error::shape(format!(
                "inconsistent weight size, expected {classes} but got shape {:?}",
                weight.shape()
            )));
        }
        checks::same_dtype("a weight", weight.dtype(), x.dtype())?;
        losses = mul(&losses, &unsqueeze(&index_select(weight, 0, &reshape(&labels, &[rows])?)?, 1)?)?;
    }
    // The right class itself does not count, but is among those divided by.
    let own = eq(&labels, &arange(classes, DType::Int64)?)?;
    let losses = mean_dims(&where_(&own, &number(0.0)?, &losses)?, &[1], false)?;
    let losses = if x.rank() == 2 { losses } else { reshape(&losses, &[])? };
    one(Reduction::of(attrs, 2).apply(losses)?)
}

fn sample(label: &str, shape: &[usize], rest: Vec<Attr>) -> Sample {
    let rows = &shape[..shape.len() - 1];
    let mut args = vec![SampleTensor::new(shape).distinct().into(), SampleTensor::ints(rows, 0, 2).into()];
    args.extend(rest.into_iter().map(Into::into));
    Sample::new(label, args)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "multi_margin_loss",
    doc: "Returns the mean over the classes j but the right one y of `max(0, margin − input_y + input_j)^p`, reduced.\n\n\
          **Shapes**: input `[N, C]` or `[C]`, target `[N]` of int64 or a number, weight `[C]`, by which the losses of its class are \
          multiplied. `p` is 1 or 2. Source: PyTorch, `torch.nn.functional.multi_margin_loss`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("p", Kind::Int, Default::Int(1)),
        Arg::optional("margin", Kind::Float, Default::Float(1.0)),
        Arg::optional("weight", Kind::Tensor, Default::None),
        reduction::ARG,
    ],
    older: reduction::OlderAt::<5, 6>::ARGS,
    node: "MultiMarginLossBackward0",
    body: Body::Composite(body),
    samples: || vec![sample("rows", &[3, 4], vec![Attr::Int(2), Attr::Float(0.7)]), sample("a vector", &[3], vec![])],
    errors: || {
        vec![
            fails(sample("p of 3", &[2, 3], vec![Attr::Int(3)]), Code::Usage, "p of 1 and 2"),
            fails(sample("no classes", &[2, 0], vec![]), Code::Shape, "non-empty"),
        ]
    },
    ..reduction::COMPOSITE_LOSS
}
.shipped();
