//! What variance and standard deviation share: overloads, kernel, and derivatives.

use crate::elementwise::{add::add, div::div, eq::eq, mul::mul, sub::sub, where_::where_};
use crate::invoke;
use crate::reduce::mean::mean_dims;
use crate::reduce::sum::restore;
use crate::shared::dims::{dims_or_all, reduced_shape};
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, ErrorSample, Facts, Grads, Half, Kind, OpDef, Outputs, Sample, Spec, Tensor,
};
use adjoint_cpu::axis::axis_view;
use adjoint_cpu::floats;
use adjoint_kernels::reduce;
use adjoint_tensor::{Array, Dims, Error, Result};
use smallvec::smallvec;

/// The parameters of the overload without dims.
const UNBIASED: &[Arg] = &[Arg::tensor("input"), Arg::optional("unbiased", Kind::Bool, Default::Bool(true))];

/// The parameters of the overload with dims.
const DIM: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("dim", Kind::Ints, Default::None),
    Arg::optional("unbiased", Kind::Bool, Default::Bool(true)),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
];

/// The parameters of the overload with a correction.
const CORRECTION: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("dim", Kind::Ints, Default::None),
    Arg::optional("correction", Kind::Factor, Default::None),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
];

/// The parameters of the op the overloads become: dims, correction, keepdim.
pub const INNER: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("dim", Kind::Ints, Default::None),
    Arg::optional("correction", Kind::Float, Default::Float(1.0)),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
];

fn input<'a>(inputs: &[Option<&'a Tensor>]) -> Result<&'a Tensor> {
    inputs[0].ok_or_else(|| Error::usage("expected a tensor"))
}

/// An absent `unbiased` is true.
fn correction_of(unbiased: &Attr) -> f64 {
    if matches!(unbiased, Attr::Bool(false)) { 0.0 } else { 1.0 }
}

/// Calls `op` for [`UNBIASED`].
pub fn by_unbiased(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    invoke::many(op, &[Some(input(inputs)?)], Attrs::new().none().float(correction_of(attrs.get(0))).bool(false))
}

/// Calls `op` for [`DIM`].
pub fn by_dim(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let inner = Attrs::new().with(attrs.get(0).clone()).float(correction_of(attrs.get(1))).bool(attrs.get_bool(2));
    invoke::many(op, &[Some(input(inputs)?)], inner)
}

/// Calls `op` for [`CORRECTION`].
pub fn by_correction(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let correction = attrs.opt_float(1).unwrap_or(1.0);
    let inner = Attrs::new().with(attrs.get(0).clone()).float(correction).bool(attrs.get_bool(2));
    invoke::many(op, &[Some(input(inputs)?)], inner)
}

/// Shape and dtype of each result; only floats have moments.
pub fn spec(call: &Facts) -> Result<Spec> {
    let x = call.input(0);
    let dims = dims_or_all(call.attrs, 0, x.rank())?;
    Ok(Spec::new(reduced_shape(x.shape(), &dims, call.attrs.get_bool(2)), call.floating(0)?))
}

/// Writes the variances and means of a call; with `root` standard deviations.
pub fn run(call: &Call, root: bool, spread: &mut Array, mean: &mut Array) -> Result<()> {
    let x = call.input(0);
    let view = axis_view(x, &dims_or_all(call.attrs, 0, x.rank())?)?;
    let correction = call.attrs.opt_float(1).unwrap_or(1.0);
    floats!(x.dtype(), T => {
        let kernel = if root { reduce::std_mean } else { reduce::var_mean };
        let (spread, mean) = (spread.as_mut_slice::<T>(), mean.as_mut_slice::<T>());
        kernel(view.array.as_slice::<T>(), view.axis, correction, spread, mean);
    });
    Ok(())
}

/// [`run`] where the means are not wanted.
pub fn run_alone(call: &Call, root: bool, spread: &mut Array) -> Result<()> {
    let mut mean = Array::empty(spread.shape(), spread.dtype())?;
    run(call, root, spread, &mut mean)
}

/// What a body of an overload is.
type Overload = fn(&[Option<&Tensor>], &Attrs) -> Result<Outputs>;

/// An overload with these parameters.
const fn overload(name: &'static str, args: &'static [Arg], of: &OpDef, body: Overload) -> OpDef {
    let (doc, outputs) = (of.doc, of.outputs);
    OpDef { name, doc, args, outputs, body: Body::Composite(body), half: Half::Once, ..OpDef::COMPOSITE }
}

/// The overload of `of` without dims.
pub const fn unbiased(name: &'static str, of: &OpDef, body: Overload) -> OpDef {
    overload(name, UNBIASED, of, body)
}

/// The overload of `of` with dims.
pub const fn dim(name: &'static str, of: &OpDef, body: Overload) -> OpDef {
    overload(name, DIM, of, body)
}

/// The overload of `of` with a correction.
pub const fn correction(name: &'static str, of: &OpDef, body: Overload) -> OpDef {
    overload(name, CORRECTION, of, body)
}

/// The dims of a call of the inner op.
pub fn dims_of(attrs: &Attrs, rank: usize) -> Result<Dims> {
    dims_or_all(attrs, 0, rank)
}

/// The gradient of a variance: `2 / (n − correction) · g · (x − mean)`; over all dims, where
/// nothing is left to divide by, NaN at the mean and +∞ elsewhere, as in PyTorch.
pub fn var_gradient(g: &Tensor, x: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    let dims = dims_of(attrs, x.rank())?;
    let n: usize = dims.iter().map(|&d| x.shape()[d]).product();
    let left = n as f64 - attrs.opt_float(1).unwrap_or(1.0);
    let g = restore(g, x.shape(), &dims, attrs.get_bool(2))?;
    let mean = mean_dims(x, &dims, true)?;
    // Over named dims PyTorch divides by what is left, also by 0; over all it says what that comes
    // to, as a constant.
    let named = !matches!(attrs.get(0), Attr::None) && !attrs.opt_ints(0).is_some_and(<[i64]>::is_empty);
    if left <= 0.0 && !named {
        let (nan, infinity) = (invoke::number(f64::NAN)?, invoke::number(f64::INFINITY)?);
        return mul(&g, &where_(&eq(x, &mean)?, &nan, &infinity)?);
    }
    mul(&mul(&g, &invoke::number(2.0 / left)?)?, &sub(x, &mean)?)
}

/// The gradient of a standard deviation `y`, 0 where it is 0.
pub fn std_gradient(g: &Tensor, x: &Tensor, y: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    let zero = invoke::number(0.0)?;
    let is_zero = eq(&y.detach(), &zero)?;
    // The division never sees the 0, so that derivatives of this one, forward mode among them, are
    // 0 there too and not NaN.
    let y = where_(&is_zero, &invoke::number(1.0)?, y)?;
    let g = div(&where_(&is_zero, &zero, g)?, &mul(&y, &invoke::number(2.0)?)?)?;
    var_gradient(&g, x, attrs)
}

/// The gradient of an op with two results, from that of the first and of the second, the mean.
pub fn with_mean(b: &Backward, spread: Option<Tensor>) -> Result<Grads> {
    let shape = b.shape(0);
    let mean = match b.grad(1) {
        Some(g) => {
            let dims = dims_of(b.attrs(), shape.len())?;
            let n: usize = dims.iter().map(|&d| shape[d]).product();
            Some(restore(&div(g, &invoke::number(n as f64)?)?, shape, &dims, b.attrs().get_bool(2))?)
        }
        None => None,
    };
    Ok(smallvec![match (spread, mean) {
        (Some(a), Some(b)) => Some(add(&a, &b)?),
        (a, b) => a.or(b),
    }])
}

/// Calls of the inner op.
pub fn samples() -> Vec<Sample> {
    let s = |label, shape: &[usize], dims: &[i64], correction, keepdim| {
        samples::call(label, shape, [samples::ints(dims), Attr::Float(correction), Attr::Bool(keepdim)])
    };
    vec![
        s("the last dim", &[3, 4], &[-1], 1.0, false),
        s("a fractional correction", &[3, 4], &[0], 1.3, true),
        s("scattered dims", &[2, 3, 4], &[0, -1], 0.0, false),
        s("no dims named", &[2, 3], &[], 1.0, false),
    ]
}

/// Dims that are wrong, and integers.
pub fn errors() -> Vec<ErrorSample> {
    let mut out = samples::wrong_dims();
    out.push(samples::integers([Attr::Int(0)]));
    out
}
