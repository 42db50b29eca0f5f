//! Sums of exponentials of elements that masks hold, in logarithms.

use crate::elementwise::{logaddexp::logaddexp, to::to};
use crate::shared::masked::{DTYPE, Identity, REDUCTION, filled, one};
use crate::shared::samples;
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef, given, required};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_logaddexp",
    doc: "Returns `log(exp(input) + exp(other))`, element by element, where an operand counts as −∞ where its mask does not \
          hold.\n\nSource: PyTorch, `torch.masked.logaddexp`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("other"),
        DTYPE,
        Arg::optional("input_mask", Kind::Tensor, Default::None),
        Arg::optional("other_mask", Kind::Tensor, Default::None),
    ],
    body: Body::Composite(|inputs, attrs| {
        let a = filled(required(inputs, 0), given(inputs, 2), Identity::Least)?;
        let b = filled(required(inputs, 1), given(inputs, 3), Identity::Least)?;
        let sum = logaddexp(&a, &b)?;
        one(attrs.opt_dtype(0).map_or_else(|| Ok(sum.clone()), |dtype| to(&sum, dtype))?)
    }),
    samples: samples::binary,
    ..REDUCTION
}
.shipped();
