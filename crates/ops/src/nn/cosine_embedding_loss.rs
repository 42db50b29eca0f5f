//! `cosine_embedding_loss`: pairs alike or apart by their angle.

use crate::elementwise::add::add;
use crate::elementwise::div::div;
use crate::elementwise::eq::eq;
use crate::elementwise::mul::mul;
use crate::elementwise::sqrt::sqrt;
use crate::elementwise::sub::sub;
use crate::elementwise::where_::where_;
use crate::invoke::number;
use crate::reduce::sum::sum_dims;
use crate::shared::nn::reduction::{self, Reduction, one};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, SampleTensor, Tensor};
use adjoint_tensor::{Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [a, b, y] = reduction::three(inputs)?;
    if y.rank() > 1 || (y.rank() == 1) != (a.rank() == 2) || a.rank() != b.rank() || a.rank() == 0 || a.rank() > 2 {
        return Err(Error::shape(format!(
            "expected two matrices and a vector of targets, or two vectors and a 0-dim target, got {:?}, {:?} and {:?}",
            a.shape(),
            b.shape(),
            y.shape()
        )));
    }
    let dim = a.rank() - 1;
    let dot = |p: &Tensor, q: &Tensor| sum_dims(&mul(p, q)?, &[dim], false);
    let eps = number(1e-12)?;
    let (aa, bb) = (add(&dot(a, a)?, &eps)?, add(&dot(b, b)?, &eps)?);
    let cosine = div(&dot(a, b)?, &sqrt(&mul(&aa, &bb)?)?)?;
    let zero = number(0.0)?;
    let near = where_(&eq(y, &number(1.0)?)?, &sub(&number(1.0)?, &cosine)?, &zero)?;
    let far = reduction::hinge(&sub(&cosine, &number(attrs.opt_float(0).unwrap_or(0.0))?)?)?;
    let far = where_(&eq(y, &number(-1.0)?)?, &far, &zero)?;
    one(Reduction::of(attrs, 1).apply(add(&near, &far)?)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cosine_embedding_loss",
    doc: "Returns `1 − cos(input1, input2)` where `target` is 1 and `max(0, cos(input1, input2) − margin)` where it is −1, reduced.\n\n\
          **Shapes**: `input1`, `input2`: `[n, d]` and `target: [n]`, or `[d]` and a 0-dim target. Source: PyTorch, \
          `torch.nn.functional.cosine_embedding_loss`.",
    args: &[Arg::tensor("input1"), Arg::tensor("input2"), Arg::tensor("target"), Arg::optional("margin", Kind::Float, Default::Float(0.0)), reduction::ARG],
    older: reduction::OlderAt::<4, 5>::ARGS,
    body: Body::Composite(body),
    samples: || {
        let pair = |shape: &[usize]| SampleTensor::new(shape).avoid(&[0.0]).distinct();
        vec![reduction::sample("two pairs", vec![pair(&[2, 3]), pair(&[2, 3]), SampleTensor::new(&[2]).range(1.0, 1.0).constant()], vec![])]
    },
    ..reduction::COMPOSITE_LOSS
}
.shipped();
