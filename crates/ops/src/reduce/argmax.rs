//! Where the greatest element is.

use crate::invoke;
use crate::shared::dims::{dim_or_none, not_empty, one_of, reduced_shape};
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Attr, Attrs, Batching, Body, Call, Class, Facts, Kind, OpDef, Spec, Specs, Tensor, Vjp};
use adjoint_cpu::elements;
use adjoint_kernels::reduce::{self, Axis};
use adjoint_tensor::{Array, DType, Dims, Result};

/// The parameters of `argmax` and `argmin`.
pub(super) const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("dim", Kind::Int, Default::None),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
];

/// The shape of the indices.
pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dim = dim_or_none(call.attrs, 0, x.rank())?;
    let dims: Dims = dim.map_or((0..x.rank()).collect(), |d| one_of(d, x.rank()));
    not_empty(x.shape(), &dims, dim.is_some())?;
    Ok(Spec::one(reduced_shape(x.shape(), &dims, call.attrs.get_bool(1)), DType::Int64))
}

/// Writes where the greatest elements are, or the smallest.
pub(super) fn run(call: &Call, greatest: bool, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let axis = match dim_or_none(call.attrs, 0, x.rank())? {
        Some(d) if x.rank() > 0 => Axis::of(x.shape(), d),
        _ => Axis::whole(x.numel()),
    };
    let out = outs[0].as_mut_slice::<i64>();
    elements!(x, x => {
        let kernel = if greatest { reduce::argmax } else { reduce::argmin };
        kernel(x, axis, out);
    });
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "argmax",
    doc: "Returns the index of the greatest element of `input` along `dim`, or in row-major order of all elements if there is none.\n\n\
          The first of equals; the first NaN if there is one. The dim disappears unless `keepdim`. int64; without a derivative. An \
          empty input, or a `dim` without elements, is an error. Source: PyTorch, `torch.argmax`.",
    args: ARGS,
    class: Class::Reduce,
    body: Body::Kernel { rule, run: |call, outs| run(call, true, outs) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::None("returns indices"),
    samples: samples::dim,
    errors: || samples::nothing_to_choose(Attr::Int(1)),
    ..OpDef::BASE
}
.shipped();

/// Where the greatest elements along `dim` are.
pub fn argmax(x: &Tensor, dim: usize, keepdim: bool) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(dim as i64).bool(keepdim))
}
