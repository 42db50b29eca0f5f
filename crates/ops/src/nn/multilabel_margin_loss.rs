//! `multilabel_margin_loss`: each right class ahead of each wrong one.

use crate::create::zeros::zeros;
use crate::elementwise::mul::mul;
use crate::elementwise::{
    add::add, clamp_min::clamp_min, eq::eq, ge::ge, gt::gt, logical_and::logical_and, sub::sub, to::to, where_::where_,
};
use crate::index::{gather::gather, scatter_add::scatter_add};
use crate::invoke::number;
use crate::reduce::{cumprod::cumprod, sum::sum_dims};
use crate::shared::checks;
use crate::shared::nn::reduction::{self, Reduction, one};
use crate::shared::view::samples::fails;
use crate::view::{reshape::reshape, unsqueeze::unsqueeze};
use adjoint_autograd::{Arg, Attrs, Body, OpDef, Outputs, Sample, SampleTensor, Tensor};
use adjoint_tensor::{Code, DType, Error, Result, Scalar};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, target) = reduction::operands(inputs)?;
    let classes = x.shape().last().copied().unwrap_or(1);
    if x.rank() > 2 || classes == 0 {
        return Err(Error::shape(format!("expected a non-empty vector or matrix, got shape {:?}", x.shape())));
    }
    if target.shape() != x.shape() {
        return Err(Error::shape(format!(
            "inconsistent target size: {:?} for input of size {:?}",
            target.shape(),
            x.shape()
        )));
    }
    if target.dtype() != DType::Int64 {
        return Err(checks::wrong_integers("a target", "int64", target.dtype()));
    }
    let rows = x.numel() / classes;
    let lanes = reshape(x, &[rows, classes])?;
    let labels = reshape(target, &[rows, classes])?;
    let zero = Tensor::number(Scalar::Int(0))?;
    // The right classes are those before the first −1.
    let counts = cumprod(&to(&ge(&labels, &zero)?, DType::Int64)?, 1)?;
    let labels = clamp_min(&labels, Scalar::Int(0))?;
    let among = scatter_add(&zeros(&[rows, classes], DType::Int64)?, 1, &labels, &counts)?;
    let (right, wrong) = (gt(&counts, &zero)?, eq(&among, &zero)?);
    let ahead = unsqueeze(&gather(&lanes, 1, &labels)?, 2)?;
    let gaps = reduction::hinge(&add(&sub(&number(1.0)?, &ahead)?, &unsqueeze(&lanes, 1)?)?)?;
    let pairs = logical_and(&unsqueeze(&right, 2)?, &unsqueeze(&wrong, 1)?)?;
    let losses = sum_dims(&where_(&pairs, &gaps, &number(0.0)?)?, &[1, 2], false)?;
    let losses = mul(&losses, &number(1.0 / classes as f64)?)?;
    let losses = if x.rank() == 2 { losses } else { reshape(&losses, &[])? };
    one(Reduction::of(attrs, 0).apply(losses)?)
}

fn sample(label: &str, x: &[usize], target: &[usize]) -> Sample {
    Sample::new(label, vec![SampleTensor::new(x).distinct().into(), SampleTensor::ints(target, -1, 2).into()])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "multilabel_margin_loss",
    doc: "Returns the sum over right classes y and wrong ones j of `max(0, 1 − input_y + input_j)`, divided by the number of \
          classes, reduced.\n\n\
          **Shapes**: input and target `[N, C]` or `[C]`; a row of target holds the right classes up to the first −1, int64. Costs \
          `C²` a row. Source: PyTorch, `torch.nn.functional.multilabel_margin_loss`.",
    args: &[Arg::tensor("input"), Arg::tensor("target"), reduction::ARG],
    older: reduction::OlderAt::<2, 3>::ARGS,
    node: "MultilabelMarginLossBackward0",
    body: Body::Composite(body),
    samples: || vec![sample("rows", &[3, 4], &[3, 4]), sample("a vector", &[3], &[3])],
    errors: || vec![fails(sample("another shape", &[2, 3], &[3]), Code::Shape, "inconsistent target size")],
    ..reduction::COMPOSITE_LOSS
}
.shipped();
