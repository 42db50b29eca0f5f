//! The squared error.

use super::reduction::{self, Reduction, one, operands};
use crate::formula::{Algebra, Ring, RingBinary, ring_binary};
use crate::{invoke, samples};
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Attrs, Body, Class, Kind, OpDef, SampleTensor, Saves, Surface, Tensor, Vjp};
use adjoint_tensor::Result;

struct SquaredError;

impl RingBinary<0> for SquaredError {
    fn f<R: Ring>(x: R, target: R, []: [R; 0]) -> R {
        (x - target) * (x - target)
    }
    fn vjp<A: Algebra>(g: A, x: A, target: A, _y: A, []: [A; 0]) -> [A; 2] {
        let dx = A::c(2.0) * g * (x - target);
        [dx, -dx]
    }
}

/// The parameters of losses of two tensors that take a weight last.
pub(super) const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::tensor("target"),
    reduction::ARG,
    Arg::optional("weight", Kind::Tensor, Default::None),
];

/// The ops: the loss, and the errors it reduces.
pub static DEFS: &[&OpDef] = &[&MSE_LOSS, &SQUARED_ERROR];

static MSE_LOSS: OpDef = OpDef {
    name: "mse_loss",
    doc: "Returns the squared error `(input − target)²`, reduced.\n\n\
          `reduction` is `\"mean\"`, `\"sum\"` or `\"none\"`. `weight`, of the same shape, multiplies the errors; the mean is then divided by the sum of \
          the weights. Shapes broadcast. Source: PyTorch, `torch.nn.functional.mse_loss`, without its deprecated parameters.",
    args: ARGS,
    class: Class::Composite,
    surface: &[Surface::Functional],
    body: Body::Composite(|inputs, attrs| {
        let (x, target) = operands(inputs)?;
        let losses = invoke::binary(&SQUARED_ERROR, x, target)?;
        let reduction = Reduction::of(attrs, 0);
        one(match inputs.get(2).copied().flatten() {
            Some(w) => reduction.apply_weighted(&losses, w)?,
            None => reduction.apply(losses)?,
        })
    }),
    vjp: Vjp::Composite,
    samples: || reduction::samples(SampleTensor::new(&[2, 3]), SampleTensor::new(&[2, 3]), &[]),
    errors: samples::binary_errors,
    ..OpDef::BASE
}
.shipped();

static SQUARED_ERROR: OpDef = OpDef {
    name: "_squared_error",
    doc: "`(input − target)²`, element by element.",
    node: "MseLossBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    ..ring_binary::<SquaredError, 0>()
}
.shipped();

/// The mean squared error.
pub fn mse_loss(x: &Tensor, target: &Tensor) -> Result<Tensor> {
    invoke::with(&MSE_LOSS, &[Some(x), Some(target), None], Attrs::new())
}
