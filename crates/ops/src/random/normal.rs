//! Normal numbers with a given mean and standard deviation.

use super::randn;
use crate::elementwise::{add, mul};
use crate::invoke;
use crate::shared::create::factory::DTYPE;
use crate::shared::random::draw;
use crate::shared::view::samples::{call, fails, tensors};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Check, Default, Facts, Kind, OpDef, Outputs, Specs, Tensor, given, required,
};
use adjoint_tensor::meta::broadcast_shape;
use adjoint_tensor::{Array, Code, DType, Dims, Error, Result, promotion};
use smallvec::smallvec;

fn check_std(std: f64) -> Result<f64> {
    if std >= 0.0 { Ok(std) } else { Err(Error::usage(format!("expects std >= 0.0, but found std {std}"))) }
}

/// The shape: `size`, or what the tensors broadcast to.
fn shape(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Dims> {
    match attrs.opt_ints(0) {
        Some(size) => adjoint_tensor::array::checked_shape(size),
        None => broadcast_shape(inputs.iter().flatten().map(|t| t.array())),
    }
}

fn check(inputs: &[Option<&Tensor>], attrs: &Attrs, _: DType) -> Result<()> {
    shape(inputs, attrs)?;
    let Some(std) = given(inputs, 1) else { return Ok(()) };
    match std.array().find(|v| v.is_nan() || v < 0.0)? {
        Some(v) => check_std(v).map(|_| ()),
        None => Ok(()),
    }
}

/// `mean + std · randn`.
fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let mean = required(inputs, 0);
    let one = invoke::number(1.0)?;
    let std = given(inputs, 1).unwrap_or(&one);
    let shape = shape(inputs, attrs)?;
    let dtype = [mean, std].into_iter().find(|t| !t.is_wrapped_number() && t.dtype().is_float());
    let asked = attrs.opt_dtype(1);
    if asked.is_some() && attrs.opt_ints(0).is_none() {
        return Err(Error::usage("dtype may only be given with size; the result has the dtype of mean and std"));
    }
    let dtype = asked.unwrap_or_else(|| dtype.map_or(promotion::DEFAULT_FLOAT, Tensor::dtype));
    let drawn = Attrs::new().shape(&shape).dtype(draw::floating(dtype)?).with(attrs.get(2).clone());
    let z = invoke::with(&randn::DEF, &[], drawn)?;
    Ok(smallvec![add::add(&mul::mul(&z, &std.detach())?, &mean.detach())?])
}

fn rule(call: &Facts) -> Result<Specs> {
    check_std(call.attrs.opt_float(1).unwrap_or(1.0))?;
    draw::same(call)
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (mean, std) = (call.attrs.opt_float(0).unwrap_or(0.0), call.attrs.opt_float(1).unwrap_or(1.0));
    if call.input(0).is_contiguous() {
        return draw::normal(call, &mut outs[0], mean, std);
    }
    draw::each(call, &outs[0], |g| g.normal() * std + mean)
}

/// The free function.
static FUNCTION: OpDef = OpDef {
    name: "normal",
    doc: "Returns normal numbers with the given `mean` and standard deviation `std`, each a number or a tensor.\n\n\
          The shape is what the two broadcast to, or `size`, with which also `dtype` may be given. The same seed gives PyTorch's numbers. No gradient flows to `mean` \
          and `std`. Source: PyTorch, `torch.normal`.",
    args: &[
        Arg::number("mean"),
        Arg::optional("std", Kind::TensorOrNumber, Default::Float(1.0)),
        Arg::optional("size", Kind::Ints, Default::None),
        DTYPE,
        draw::GENERATOR,
    ],
    surface: &[Api::Function],
    check: Check::Calls(check),
    body: Body::Composite(body),
    samples: || vec![],
    errors: || vec![fails(tensors("shapes that do not broadcast", &[&[2], &[3]]), Code::Shape, "cannot be broadcast")],
    ..OpDef::COMPOSITE
}
.shipped();

/// The method.
static METHOD: OpDef = OpDef {
    name: "normal.in_place",
    doc: "Fills the tensor with normal numbers.\n\n\
          The same seed gives PyTorch's numbers. Source: PyTorch, `Tensor.normal_`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("mean", Kind::Float, Default::Float(0.0)),
        Arg::optional("std", Kind::Float, Default::Float(1.0)),
        draw::GENERATOR,
    ],
    node: "NormalBackward0",
    body: Body::Kernel { rule, run },
    samples: || vec![call("few", &[5], []), call("many", &[4, 5], [Attr::Float(1.0), Attr::Float(0.5)])],
    errors: || {
        vec![fails(call("a negative std", &[2], [Attr::Float(0.0), Attr::Float(-1.0)]), Code::Usage, "std >= 0.0")]
    },
    ..draw::overwriting()
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&FUNCTION, &METHOD];

/// Fills `x` with normal numbers.
pub fn normal_(x: &Tensor, mean: f64, std: f64) -> Result<()> {
    invoke::in_place(&METHOD, &[Some(x)], Attrs::new().float(mean).float(std))
}
