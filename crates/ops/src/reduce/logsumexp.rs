//! The logarithm of a sum of exponentials.

use super::amax::amax;
use super::sum::{restore, sum_dims};
use crate::elementwise::{add::add, exp::exp, isinf::isinf, log::log, mul::mul, sub::sub, where_::where_};
use crate::invoke::{self, number};
use crate::shared::dims::{dims_or_all, reduced_shape};
use crate::shared::reduce::samples;
use crate::view::reshape::reshape;
use adjoint_autograd::op::{Default, HalfOps};
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Kind, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::axis::axis_view;
use adjoint_cpu::floats;
use adjoint_kernels::reduce;
use adjoint_tensor::promotion::to_float;
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dims = dims_or_all(call.attrs, 0, x.rank())?;
    Ok(Spec::one(reduced_shape(x.shape(), &dims, call.attrs.get_bool(1)), to_float(x.dtype())))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).cast(outs[0].dtype())?;
    let view = axis_view(&x, &dims_or_all(call.attrs, 0, x.rank())?)?;
    let out = &mut outs[0];
    floats!(x.dtype(), T => reduce::logsumexp(view.array.as_slice::<T>(), view.axis, out.as_mut_slice::<T>()));
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let x = b.input(0)?;
    let dims = dims_or_all(b.attrs(), 0, x.rank())?;
    let up = |t: &Tensor| restore(t, x.shape(), &dims, b.attrs().get_bool(1));
    Ok(smallvec![Some(mul(&up(b.g())?, &exp(&sub(&x, &up(&b.output(0)?)?)?)?)?)])
}

/// The steps of PyTorch, of which each rounds.
fn rounded(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Tensor>> {
    let Some(x) = inputs[0].filter(|x| x.numel() > 0) else { return Ok(None) };
    let dims = dims_or_all(attrs, 0, x.rank())?;
    let greatest = amax(x, &dims, true)?;
    let greatest = where_(&isinf(&greatest)?, &number(0.0)?, &greatest)?;
    let sum = sum_dims(&exp(&sub(x, &greatest)?)?, &dims, attrs.get_bool(1))?;
    let greatest = reshape(&greatest, sum.shape())?;
    add(&log(&sum)?, &greatest).map(Some)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logsumexp",
    doc: "Returns `log Σ exp(input)` over `dim`, a dim or a list of dims.\n\n\
          The greatest element is taken out first, so finite elements do not overflow. −∞ for no elements or only −∞, where \
          the gradient is NaN. `dx = g · exp(x − out)`. Reduced dims disappear unless `keepdim`. Integers are computed in float32. \
          Source: PyTorch, `torch.logsumexp`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Ints),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
    ],
    class: Class::Reduce,
    surface: &[Api::Function, Api::Method, Api::Special],
    node: "LogsumexpBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    half_ops: HalfOps::Value(rounded),
    samples: samples::dims,
    errors: samples::wrong_dims,
    ..OpDef::BASE
}
.shipped();

/// `log Σ exp(x)` over `dims`.
pub fn logsumexp(x: &Tensor, dims: &[usize], keepdim: bool) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(dims).bool(keepdim))
}
