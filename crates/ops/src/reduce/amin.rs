//! The smallest element.

use super::amax::{ARGS, rule, vjp};
use crate::invoke;
use crate::shared::dims::dims_or_all;
use crate::shared::reduce::samples;
use adjoint_autograd::{Attrs, Batching, Body, Call, Class, OpDef, Saves, Tensor, Vjp};
use adjoint_cpu::reduce::extreme_into;
use adjoint_tensor::{Array, Result};

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    extreme_into(x, &dims_or_all(call.attrs, 0, x.rank())?, false, &mut outs[0])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "amin",
    doc: "Returns the smallest element of `input` over `dim`, which is all dims if it is empty.\n\n\
          Reduced dims disappear unless `keepdim`. NaN if there is one. Equal smallest elements share the gradient evenly, unlike \
          in `min(dim)`. An empty reduced dim is an error. Source: PyTorch, `torch.amin`.",
    args: ARGS,
    class: Class::Reduce,
    node: "AminBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: samples::dims,
    errors: || samples::nothing_to_choose(samples::ints(&[1])),
    ..OpDef::BASE
}
.shipped();

/// The smallest element over `dims`, all where there are none.
pub fn amin(x: &Tensor, dims: &[usize], keepdim: bool) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(dims).bool(keepdim))
}
