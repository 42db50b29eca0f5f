//! Operators with their operands exchanged: Python's `other + x`.

use super::{add::add, mul::mul, pow::pow, reciprocal::reciprocal};
use crate::contract::matmul::matmul;
use crate::invoke;
use crate::samples;
use crate::view::cases::tensors;
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Sample, Surface, Tensor};
use adjoint_tensor::{Error, Result, Scalar};
use smallvec::smallvec;

fn exchanged(
    inputs: &[Option<&Tensor>],
    op: fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Result<adjoint_autograd::Outputs> {
    match *inputs {
        [Some(x), Some(other)] => Ok(smallvec![op(other, x)?]),
        _ => Err(Error::usage("expected two tensors")),
    }
}

macro_rules! reversed {
    ($name:literal, $sign:literal, $op:path, $samples:expr) => {
        &OpDef {
            name: $name,
            doc: concat!("Returns `other ", $sign, " input`. Source: PyTorch, `Tensor.__", $name, "__`."),
            args: &[Arg::tensor("input"), Arg::number("other")],
            surface: &[Surface::Method],
            body: Body::Composite(|inputs, _| exchanged(inputs, $op)),
            samples: $samples,
            ..OpDef::COMPOSITE
        }
        .shipped()
    };
}

/// PyTorch's `__rdiv__`, which rounds twice.
fn divided_by(other: &Tensor, x: &Tensor) -> Result<Tensor> {
    mul(&reciprocal(x)?, other)
}

fn positive() -> Vec<Sample> {
    samples::binary_in((0.4, 2.0), (0.4, 2.0), &[])
}

static RSUB: OpDef = OpDef {
    name: "rsub",
    doc: "Returns `other − alpha · input`. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.rsub`.",
    args: &[Arg::tensor("input"), Arg::number("other"), Arg::optional("alpha", Kind::Factor, Default::Int(1))],
    body: Body::Composite(|inputs, attrs: &Attrs| match *inputs {
        [Some(x), Some(other)] => {
            let alpha = attrs.opt_scalar(0).unwrap_or(Scalar::Int(1));
            Ok(smallvec![invoke::with(&super::sub::DEF, &[Some(other), Some(x)], Attrs::new().scalar(alpha))?])
        }
        _ => Err(Error::usage("expected two tensors")),
    }),
    samples: samples::binary,
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[
    reversed!("radd", "+", add, samples::binary),
    reversed!("rdiv", "/", divided_by, positive),
    reversed!("rmatmul", "@", matmul, || vec![tensors("matrices", &[&[3, 4], &[2, 3]])]),
    reversed!("rmul", "·", mul, samples::binary),
    reversed!("rpow", "to the power", pow, positive),
    &RSUB,
];
