//! `other − alpha · input`.

use super::sub;
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef};
use adjoint_tensor::{Error, Scalar};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rsub",
    doc: "Returns `other − alpha · input`. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.rsub`.",
    args: &[Arg::tensor("input"), Arg::number("other"), Arg::optional("alpha", Kind::Factor, Default::Int(1))],
    body: Body::Composite(|inputs, attrs: &Attrs| match *inputs {
        [Some(x), Some(other)] => {
            let alpha = attrs.opt_scalar(0).unwrap_or(Scalar::Int(1));
            Ok(smallvec![invoke::with(&sub::DEF, &[Some(other), Some(x)], Attrs::new().scalar(alpha))?])
        }
        _ => Err(Error::usage("expected two tensors")),
    }),
    samples: samples::binary,
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();
