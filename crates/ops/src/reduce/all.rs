//! Whether no element is zero.

use crate::invoke;
use crate::shared::dims::{dims_or_all, reduced_shape};
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Attrs, Batching, Body, Call, Class, Facts, Kind, OpDef, Spec, Specs, Tensor, Vjp};
use adjoint_cpu::axis::axis_view;
use adjoint_cpu::elements;
use adjoint_kernels::reduce;
use adjoint_tensor::{Array, DType, Dims, Result};

/// The parameters of `all` and `any` over dims.
pub(super) const DIM_ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("dim", Kind::Ints, Default::None),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
];

/// The dims: all where absent; none where the list is empty, unlike in other reductions.
fn dims(call: &Facts) -> Result<Dims> {
    match call.attrs.opt_ints(0) {
        Some([]) => Ok(Dims::new()),
        _ => dims_or_all(call.attrs, 0, call.input(0).rank()),
    }
}

/// The shape; bool, but uint8 for uint8.
pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dtype = if x.dtype() == DType::UInt8 { DType::UInt8 } else { DType::Bool };
    Ok(Spec::one(reduced_shape(x.shape(), &dims(call)?, call.attrs.get_bool(1)), dtype))
}

/// Writes whether all elements are not zero, or any.
pub(super) fn run(call: &Call, every: bool, outs: &mut [Array]) -> Result<()> {
    let view = axis_view(call.input(0), &dims(call)?)?;
    let out = match outs[0].dtype() {
        DType::Bool => outs[0].bool_bytes_mut(),
        _ => outs[0].as_mut_slice::<u8>(),
    };
    elements!(view.array, x => {
        let kernel = if every { reduce::all } else { reduce::any };
        kernel(x, view.axis, out);
    });
    Ok(())
}

const DOC: &str = "Returns whether no element of `input` is zero: of all elements, or over `dim`.\n\n\
     `dim` is a dim, a list of dims, or absent for all. NaN is not zero. True for no elements. bool, but uint8 for uint8. \
     Source: PyTorch, `torch.all`.";

/// The ops: over everything, and over dims.
pub static DEFS: &[&OpDef] = &[&ALL, &ALL_DIM];

static ALL: OpDef = OpDef {
    name: "all",
    doc: DOC,
    args: &[Arg::tensor("input")],
    class: Class::Reduce,
    body: Body::Kernel { rule, run: |call, outs| run(call, true, outs) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::None("the result is bool"),
    samples: samples::whole,
    ..OpDef::BASE
}
.shipped();

static ALL_DIM: OpDef = OpDef {
    name: "all.dim",
    doc: DOC,
    args: DIM_ARGS,
    class: Class::Reduce,
    body: Body::Kernel { rule, run: |call, outs| run(call, true, outs) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::None("the result is bool"),
    samples: samples::dims,
    errors: samples::wrong_dims,
    ..OpDef::BASE
}
.shipped();

/// Whether no element is zero.
pub fn all(x: &Tensor) -> Result<Tensor> {
    invoke::with(&ALL, &[Some(x)], Attrs::new())
}
