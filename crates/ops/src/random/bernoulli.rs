//! Ones with a given probability, else zeros.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Check, Default, Facts, Half, Kind, OpDef, Sample, SampleTensor, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_tensor::rng::Float;
use adjoint_tensor::{Array, Code, DType, Error, Result, dims, scratch};

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    draw::floating(x.dtype())?;
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let p = call.input(0).contiguous()?;
    draw::with(call, |g| match p.dtype() {
        // The uniform numbers are of the dtype of the probabilities.
        DType::Float32 => {
            for (y, &p) in outs[0].as_mut_slice::<f32>().iter_mut().zip(p.as_slice::<f32>()) {
                *y = f32::from(u8::from(f32::uniform(g) < p));
            }
        }
        _ => {
            for (y, &p) in outs[0].as_mut_slice::<f64>().iter_mut().zip(p.as_slice::<f64>()) {
                *y = f64::from(u8::from(f64::uniform(g) < p));
            }
        }
    })
}

fn constant_rule(call: &Facts) -> Result<Specs> {
    draw::probability(call.attrs.opt_float(0).unwrap_or(0.5))?;
    Ok(Spec::like(call.input(0), call.input(0).dtype()))
}

fn constant_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let p = call.attrs.opt_float(0).unwrap_or(0.5);
    draw::each(call, &outs[0], |g| f64::from(u8::from(g.uniform() < p)))
}

/// Fills with the probabilities of the second input, broadcast.
fn tensor_rule(call: &Facts) -> Result<Specs> {
    let (x, p) = (call.input(0), call.input(1));
    draw::floating(p.dtype())?;
    if !dims::broadcast(x.shape(), p.shape()).is_ok_and(|shape| shape.as_slice() == x.shape()) {
        return Err(Error::shape(format!("p of shape {:?} does not broadcast to shape {:?}", p.shape(), x.shape())));
    }
    Ok(Spec::like(x, x.dtype()))
}

fn tensor_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let p = call.input(1);
    let values = draw::expanded(p, outs[0].shape())?;
    let is_double = p.dtype() == DType::Float64;
    let drawn = draw::with(call, |g| {
        // The uniform numbers are of the dtype of the probabilities.
        let mut below = |p: f64| if is_double { f64::uniform(g) < p } else { f32::uniform(g) < p as f32 };
        scratch::collected(values.iter().map(|&p| f64::from(u8::from(below(p)))))
    })??;
    outs[0].assign(&Array::from_slice(&drawn, outs[0].shape())?)
}

/// The free function.
static TENSOR: OpDef = OpDef {
    name: "bernoulli",
    doc: "Returns 1 with the probability that `input` says, element by element, and 0 otherwise.\n\n\
          The same seed gives PyTorch's numbers. The gradient is 0. Source: PyTorch, `torch.bernoulli`.",
    args: &[Arg::tensor("input"), draw::GENERATOR],
    surface: &[Api::Function, Api::Method],
    node: "BernoulliBackward0",
    check: Check::Values(|call| draw::probabilities(call.input(0))),
    body: Body::Kernel { rule, run },
    half: Half::Rounded,
    vjp: Vjp::Fn(draw::no_gradient),
    samples: || {
        let p = SampleTensor::new(&[2, 3]).range(0.0, 1.0).constant();
        vec![Sample::new("probabilities", vec![p.into()])]
    },
    errors: || {
        let p = SampleTensor::new(&[4]).range(2.0, 3.0);
        vec![fails(Sample::new("not probabilities", vec![p.into()]), Code::Usage, "in [0, 1]")]
    },
    ..draw::drawn()
}
.shipped();

/// The free function with one probability for all.
static SHAPED: OpDef = OpDef {
    check: Check::Nothing,
    name: "bernoulli.value",
    doc: "With a number `p`, that is the probability of every element, and of `input` only shape and dtype matter.",
    args: &[Arg::tensor("input"), Arg::required("p", Kind::Float), draw::GENERATOR],
    node: "BernoulliBackward0",
    body: Body::Kernel { rule: constant_rule, run: constant_run },
    half: Half::Native,
    samples: || vec![call("a probability", &[5], [Attr::Float(0.3)])],
    errors: || vec![fails(call("not a probability", &[2], [Attr::Float(1.5)]), Code::Usage, "p=1.5")],
    ..TENSOR
}
.shipped();

/// The method.
static CONSTANT: OpDef = OpDef {
    name: "bernoulli.p",
    doc: "Fills the tensor with ones with probability `p`, and zeros otherwise.\n\n\
          The same seed gives PyTorch's numbers on machines where it does not use MKL's generator. \
          Source: PyTorch, `Tensor.bernoulli_`.",
    args: &[Arg::tensor("input"), Arg::optional("p", Kind::Float, Default::Float(0.5)), draw::GENERATOR],
    node: "BernoulliBackward2",
    body: Body::Kernel { rule: constant_rule, run: constant_run },
    samples: || vec![call("a probability", &[5], [Attr::Float(0.3)])],
    errors: || vec![fails(call("not a probability", &[2], [Attr::Float(1.5)]), Code::Usage, "p=1.5")],
    ..draw::overwriting()
}
.shipped();

/// The method with a probability for each element.
static EACH: OpDef = OpDef {
    name: "bernoulli.tensor",
    doc: "A tensor `p`, which is broadcast, has the probability of each element.",
    args: &[Arg::tensor("input"), Arg::tensor("p"), draw::GENERATOR],
    node: "BernoulliBackward1",
    check: Check::Values(|call| draw::probabilities(call.input(1))),
    body: Body::Kernel { rule: tensor_rule, run: tensor_run },
    samples: || {
        let p = SampleTensor::new(&[3]).range(0.0, 1.0).constant();
        vec![Sample::new("probabilities", vec![SampleTensor::new(&[2, 3]).into(), p.into()])]
    },
    errors: || {
        let p = SampleTensor::new(&[2]).range(0.0, 1.0).constant();
        let call = Sample::new("shapes that do not fit", vec![SampleTensor::new(&[3]).into(), p.into()]);
        vec![fails(call, Code::Shape, "does not broadcast to shape [3]")]
    },
    ..CONSTANT
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&TENSOR, &SHAPED, &CONSTANT, &EACH];

/// 1 with probability `x`, else 0.
pub fn bernoulli(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&TENSOR, x)
}

/// Fills `x` with ones with probability `p`, else zeros.
pub fn bernoulli_(x: &Tensor, p: f64) -> Result<()> {
    invoke::in_place(&CONSTANT, &[Some(x)], Attrs::new().float(p))
}
