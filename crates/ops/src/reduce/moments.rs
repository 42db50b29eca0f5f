//! What variance and standard deviation share: parameters, kernel, and the derivative of the variance.

use super::cases;
use super::mean::mean_dims;
use super::sum::restore;
use crate::elementwise::{div::div, eq::eq, mul::mul, sub::sub, where_::where_};
use crate::invoke;
use crate::shared::dims::{dims_or_all, reduced_shape};
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Attr, Attrs, Call, ErrorSample, Facts, Kind, OpDef, Outputs, Sample, Spec, Tensor};
use adjoint_cpu::axis::axis_view;
use adjoint_cpu::floats;
use adjoint_kernels::reduce;
use adjoint_tensor::{Array, Dims, Error, Result};

/// The parameters of the overload without dims.
pub const UNBIASED: &[Arg] = &[Arg::tensor("input"), Arg::optional("unbiased", Kind::Bool, Default::Bool(true))];

/// The parameters of the overload with dims.
pub const DIM: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("dim", Kind::Ints, Default::None),
    Arg::optional("unbiased", Kind::Bool, Default::Bool(true)),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
];

/// The parameters of the overload with a correction.
pub const CORRECTION: &[Arg] = &[
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

/// Writes variance and mean.
pub fn var_mean_into(call: &Call, var: &mut Array, mean: &mut Array) -> Result<()> {
    let x = call.input(0);
    let view = axis_view(x, &dims_or_all(call.attrs, 0, x.rank())?)?;
    let correction = call.attrs.opt_float(1).unwrap_or(1.0);
    floats!(x.dtype(), T => {
        let (var, mean) = (var.as_mut_slice::<T>(), mean.as_mut_slice::<T>());
        reduce::var_mean(view.array.as_slice::<T>(), view.axis, correction, var, mean);
    });
    Ok(())
}

/// Writes standard deviation and mean.
pub fn std_mean_into(call: &Call, std: &mut Array, mean: &mut Array) -> Result<()> {
    let x = call.input(0);
    let view = axis_view(x, &dims_or_all(call.attrs, 0, x.rank())?)?;
    let correction = call.attrs.opt_float(1).unwrap_or(1.0);
    floats!(x.dtype(), T => {
        let (std, mean) = (std.as_mut_slice::<T>(), mean.as_mut_slice::<T>());
        reduce::std_mean(view.array.as_slice::<T>(), view.axis, correction, std, mean);
    });
    Ok(())
}

/// The dims of a call of the inner op.
pub fn dims_of(attrs: &Attrs, rank: usize) -> Result<Dims> {
    dims_or_all(attrs, 0, rank)
}

/// The gradient of a variance: `2 / (n − correction) · g · (x − mean)`; over all dims, where nothing is left to divide by, NaN at the
/// mean and +∞ elsewhere, as in PyTorch.
pub fn var_gradient(g: &Tensor, x: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    let dims = dims_of(attrs, x.rank())?;
    let n: usize = dims.iter().map(|&d| x.shape()[d]).product();
    let left = n as f64 - attrs.opt_float(1).unwrap_or(1.0);
    let g = restore(g, x.shape(), &dims, attrs.get_bool(2))?;
    let mean = mean_dims(x, &dims, true)?;
    // Over named dims PyTorch divides by what is left, also by 0; over all it says what that comes to, as a constant.
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
    // The division never sees the 0, so that derivatives of this one, forward mode among them, are 0 there too and not NaN.
    let y = where_(&is_zero, &invoke::number(1.0)?, y)?;
    let g = div(&where_(&is_zero, &zero, g)?, &mul(&y, &invoke::number(2.0)?)?)?;
    var_gradient(&g, x, attrs)
}

/// Calls of the inner op.
pub fn samples() -> Vec<Sample> {
    let s = |label, shape: &[usize], dims: &[i64], correction, keepdim| {
        cases::call(label, shape, [cases::ints(dims), Attr::Float(correction), Attr::Bool(keepdim)])
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
    let mut out = cases::wrong_dims();
    out.push(cases::integers([Attr::Int(0)]));
    out
}
