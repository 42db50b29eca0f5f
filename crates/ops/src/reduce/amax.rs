//! The greatest element.

use crate::invoke;
use crate::shared::dims::{dims_or_all, not_empty, reduced_shape};
use crate::shared::reduce::samples;
use crate::shared::reduce::split_ties::split_ties;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Kind, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::reduce::extreme_into;
use adjoint_tensor::{Array, Dims, Result};
use smallvec::smallvec;

/// The parameters of `amax` and `amin`.
pub(super) const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("dim", Kind::Ints, Default::Ints(&[])),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
];

/// The shape of the result.
pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dims = dims_or_all(call.attrs, 0, x.rank())?;
    let named = matches!(call.attrs.get(0), Attr::Int(_)) || call.attrs.opt_ints(0).is_some_and(|d| !d.is_empty());
    not_empty(x.shape(), &dims, named)?;
    Ok(Spec::one(reduced_shape(x.shape(), &dims, call.attrs.get_bool(1)), x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    extreme_into(x, &dims_or_all(call.attrs, 0, x.rank())?, true, &mut outs[0])
}

/// The gradient, shared evenly by equal elements.
pub(super) fn vjp(b: &Backward) -> Result<Grads> {
    let x = b.input(0)?;
    let dims: Dims = dims_or_all(b.attrs(), 0, x.rank())?;
    Ok(smallvec![Some(split_ties(b.g(), &x, &b.output(0)?, &dims, b.attrs().get_bool(1), false)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "amax",
    doc: "Returns the greatest element of `input` over `dim`, which is all dims if it is empty.\n\n\
          Reduced dims disappear unless `keepdim`. NaN if there is one. Equal greatest elements share the gradient evenly, unlike \
          in `max(dim)`. An empty reduced dim is an error. Source: PyTorch, `torch.amax`.",
    args: ARGS,
    class: Class::Reduce,
    node: "AmaxBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: samples::dims,
    errors: || samples::nothing_to_choose(samples::ints(&[1])),
    ..OpDef::BASE
}
.shipped();

/// The greatest element over `dims`, all where there are none.
pub fn amax(x: &Tensor, dims: &[usize], keepdim: bool) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(dims).bool(keepdim))
}
