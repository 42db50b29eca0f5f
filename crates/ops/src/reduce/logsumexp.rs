//! The logarithm of a sum of exponentials.

use super::sum::restore;
use crate::elementwise::{exp::exp, mul::mul, sub::sub};
use crate::invoke;
use crate::shared::dims::{dims_or_all, reduced_shape};
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Kind, OpDef, Saves, Spec, Specs, Tensor, Vjp,
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
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: samples::dims,
    errors: samples::wrong_dims,
    ..OpDef::BASE
}
.shipped();

/// `log Σ exp(x)` over `dims`.
pub fn logsumexp(x: &Tensor, dims: &[usize], keepdim: bool) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(dims).bool(keepdim))
}
