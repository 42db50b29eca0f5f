//! Slices written at indices of a dim.

use super::{index_add, index_fill, index_select};
use crate::invoke;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Check, Class, Grads, Half, Jvp, Kind, NodeNaming, OpDef, Saves, Tensor, Vjp,
};
use adjoint_cpu::axis;
use adjoint_kernels::index;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Result, by_size};
use smallvec::smallvec;

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))?;
    let dim = wrap_dim(call.attrs.get_int(0)?, outs[0].rank())?;
    let index = &call.checked[0];
    let axis = axis::of_dim(outs[0].shape(), dim);
    let source = call.input(2).contiguous()?;
    by_size!(source.dtype(), T => {
        index::index_copy(outs[0].as_mut_bits::<T>(), axis, index.as_slice(), source.as_bits::<T>());
    });
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dim = wrap_dim(b.attrs().get_int(0)?, b.g().rank())?;
    let index = b.input(1)?;
    let dx = if b.wants(0) { Some(index_fill::index_fill(b.g(), dim, &index, 0.0)?) } else { None };
    let dsource = if b.wants(2) { Some(index_add::at_source(b, dim)?) } else { None };
    Ok(smallvec![dx, None, dsource])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "index_copy",
    doc: "Returns `input` with the slices of `source` written at the given indices of `dim`.\n\n\
          Where an index comes several times the last slice wins. `index` is a vector of int32 or int64 in `0..n`. \
          Source: PyTorch, `torch.index_copy`.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::tensor("index"), Arg::tensor("source")],
    class: Class::Index,
    node: "IndexCopyBackward0",
    shown: NodeNaming::without(0b10),
    in_place: true,
    check: Check::Values(index_select::check),
    body: Body::Kernel { rule: index_add::rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0b10, 0, 0b10], outputs: &[] },
    samples: || {
        vec![
            index_add::sample("one row", &[3, 2], 0, &[1, 2], true),
            index_add::sample("one column", &[2, 3], -1, &[2, 1], true),
            index_add::sample("no indices", &[3, 2], 0, &[0, 2], true),
            index_add::sample("an index that comes twice", &[3, 2], 0, &[2, 2], true).kink(),
        ]
    },
    errors: index_add::errors,
    ..OpDef::BASE
}
.shipped();

/// `x` with the slices of `source` written at the given indices of `dim`.
pub fn index_copy(x: &Tensor, dim: usize, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(index), Some(source)], Attrs::new().int(dim as i64))
}
