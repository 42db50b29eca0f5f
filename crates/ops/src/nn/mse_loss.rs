//! The squared error.

use crate::elementwise::{mul::mul, neg::neg, square::square, sub::sub};
use crate::formula::{Algebra, Loops, Ring, RingBinary, ring_binary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::nn::reduction::{self, Reduction, one, operands};
use crate::shared::samples;
use adjoint_autograd::op::{Default, HalfOps};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Class, Grads, Kind, OpDef, Sample, SampleTensor, Saves, Spec, Tensor,
    Vjp, given,
};
use adjoint_cpu::elementwise;
use adjoint_cpu::reduce::{mean_into, sum_into};
use adjoint_tensor::{Array, Dims, Error, Result, Scalar};
use smallvec::smallvec;

struct SquaredError;

impl RingBinary<0> for SquaredError {
    const LOOPS: Loops = Loops::Both;
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

/// The ops: the loss, the errors it reduces, and both in one where nothing has to be broadcast,
/// cast or weighted.
pub static DEFS: &[&OpDef] = &[&MSE_LOSS, &SQUARED_ERROR, &REDUCED];

static MSE_LOSS: OpDef = OpDef {
    name: "mse_loss",
    doc: "Returns the squared error `(input − target)²`, reduced.\n\n\
          `reduction` is `\"mean\"`, `\"sum\"` or `\"none\"`. `weight`, of the same shape, multiplies the errors; the mean is then divided by the sum of \
          the weights. Shapes broadcast. Source: PyTorch, `torch.nn.functional.mse_loss`.",
    args: ARGS,
    older: reduction::OlderAt::<2, 3>::ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        let (x, target) = operands(inputs)?;
        floats(&[Some(x), Some(target)])?;
        let reduction = Reduction::of(attrs, 0);
        let weight = given(inputs, 2);
        // Halves round before they are reduced.
        let is_computed = x.dtype().is_float() && !x.dtype().is_half();
        let alike = x.shape() == target.shape() && x.dtype() == target.dtype() && is_computed;
        if alike && weight.is_none() && reduction != Reduction::None {
            let attrs = Attrs::new().bool(reduction == Reduction::Mean);
            return one(invoke::with(&REDUCED, &[Some(x), Some(target)], attrs)?);
        }
        let losses = invoke::binary(&SQUARED_ERROR, x, target)?;
        one(match weight {
            Some(w) => reduction.apply_weighted(&losses, w)?,
            None => reduction.apply(losses)?,
        })
    }),
    samples: || reduction::samples(SampleTensor::new(&[2, 3]), SampleTensor::new(&[2, 3]), &[]),
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();

static SQUARED_ERROR: OpDef = OpDef {
    name: "_squared_error",
    part_of: "mse_loss",
    doc: "`(input − target)²`, element by element.",
    node: "MseLossBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    half_ops: HalfOps::Value(|inputs, _| {
        let (x, target) = operands(inputs)?;
        square(&sub(x, target)?).map(Some)
    }),
    ..ring_binary::<SquaredError, 0>()
}
.shipped();

/// Half of what the gradient of the reduced error is in units of `input − target`.
fn share(b: &Backward) -> f64 {
    if b.attrs().get_bool(0) { 1.0 / b.shape(0).iter().product::<usize>() as f64 } else { 1.0 }
}

/// The sum of all squared errors, or their mean.
fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, target) = (call.input(0), call.input(1));
    let Body::Elementwise { blocks, .. } = &SQUARED_ERROR.body else { unreachable!("a formula is elementwise") };
    let errors = elementwise::compute(blocks, x.dtype(), &[x, target], &[])?;
    let dims: Dims = (0..errors.rank()).collect();
    let into = if call.attrs.get_bool(0) { mean_into } else { sum_into };
    into(&errors, &dims, &mut outs[0])
}

/// The gradients by the kernel of the errors' own, where only values are asked for.
fn values(b: &Backward, x: &Tensor, target: &Tensor) -> Result<Grads> {
    let each = Array::full(&[], x.dtype(), Scalar::Float(b.g().array().item()?.to_f64() * share(b)))?;
    let gradient = |i: usize| {
        let blocks = &SQUARED_ERROR.gradients[i];
        elementwise::compute(blocks, x.dtype(), &[&each, x.array(), target.array(), x.array()], &[])
            .map(Tensor::from_array)
    };
    (0..2).map(|i| b.wants(i).then(|| gradient(i)).transpose()).collect()
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (x, target) = (b.input(0)?, b.input(1)?);
    if b.is_value_only() && x.tangents().is_none() && target.tangents().is_none() {
        return values(b, &x, &target);
    }
    differentiable(b, &x, &target)
}

/// The gradients made of ops.
#[inline(never)]
fn differentiable(b: &Backward, x: &Tensor, target: &Tensor) -> Result<Grads> {
    let dx = mul(&sub(x, target)?, &mul(b.g(), &invoke::number(2.0 * share(b))?)?)?;
    let dtarget = if b.wants(1) { Some(neg(&dx)?) } else { None };
    Ok(smallvec![b.wants(0).then_some(dx), dtarget])
}

static REDUCED: OpDef = OpDef {
    name: "_mse_loss",
    part_of: "mse_loss",
    doc: "The sum of `(input − target)²`, or their mean.",
    node: "MseLossBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target"), Arg::optional("mean", Kind::Bool, Default::Bool(true))],
    surface: &[],
    class: Class::Reduce,
    body: Body::Kernel {
        rule: |call| {
            let (x, target) = (call.input(0), call.input(1));
            if x.shape() != target.shape() {
                return Err(Error::shape(format!("shapes {:?} and {:?} differ", x.shape(), target.shape())));
            }
            Ok(Spec::one([], call.same_dtype()?))
        },
        run,
    },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    samples: || {
        let t = SampleTensor::new;
        vec![
            Sample::new("the mean", vec![t(&[2, 3]).into(), t(&[2, 3]).into(), Attr::Bool(true).into()]),
            Sample::new("the sum", vec![t(&[2, 3]).into(), t(&[2, 3]).into(), Attr::Bool(false).into()]),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// The mean squared error.
pub fn mse_loss(x: &Tensor, target: &Tensor) -> Result<Tensor> {
    invoke::with(&MSE_LOSS, &[Some(x), Some(target), None], Attrs::new())
}
