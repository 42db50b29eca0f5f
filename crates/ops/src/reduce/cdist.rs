//! Distances between all pairs of rows.

use super::vector_norm::vector_norm;
use crate::elementwise::sub::sub;
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Api, Arg, Attrs, Body, ErrorSample, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (Some(a), Some(b)) = (inputs[0], inputs[1]) else { return Err(Error::usage("expected two tensors")) };
    let p = attrs.opt_float(0).unwrap_or(2.0);
    if p < 0.0 {
        return Err(Error::usage(format!("cdist only supports non-negative p values, got {p}")));
    }
    if a.rank() < 2 || b.rank() < 2 || a.shape().last() != b.shape().last() {
        return Err(Error::shape(format!(
            "x1 [..., P, M] and x2 [..., R, M] need at least 2 dims and the same M, got {:?} and {:?}",
            a.shape(),
            b.shape()
        )));
    }
    let difference = sub(&unsqueeze(a, a.rank() - 1)?, &unsqueeze(b, b.rank() - 2)?)?;
    Ok(smallvec![vector_norm(&difference, p, &[difference.rank() - 1], false, None)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cdist",
    doc: "Returns the `p`-norm of the difference of each row of `x1` and each row of `x2`.\n\n\
          `x1: [*, P, M]`, `x2: [*, R, M]`, result `[*, P, R]`; the leading dims broadcast. The gradient at a distance of 0 is \
          0. Costs memory for all P·R·M differences, whatever \
          `compute_mode` says: differences are always taken, never expanded into a product. Source: PyTorch, `torch.cdist`.",
    args: &[
        Arg::tensor("x1"),
        Arg::tensor("x2"),
        Arg::optional("p", Kind::Float, Default::Float(2.0)),
        Arg::optional(
            "compute_mode",
            Kind::Choice(&[
                "use_mm_for_euclid_dist_if_necessary",
                "use_mm_for_euclid_dist",
                "donot_use_mm_for_euclid_dist",
            ]),
            Default::Word("use_mm_for_euclid_dist_if_necessary"),
        ),
    ],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        let t = SampleTensor::new;
        vec![
            Sample::new("two matrices", vec![t(&[3, 2]).into(), t(&[4, 2]).into()]),
            Sample::new("batches", vec![t(&[2, 1, 3]).into(), t(&[2, 2, 3]).into()]),
        ]
    },
    errors: || {
        let t = SampleTensor::new;
        vec![ErrorSample {
            sample: Sample::new("rows of different lengths", vec![t(&[3, 2]).into(), t(&[4, 3]).into()]),
            code: Code::Shape,
            message: "[4, 3]",
        }]
    },
    ..OpDef::COMPOSITE
}
.shipped();
