//! The greatest element, with its index, or of two tensors.

use super::pick::place_in;
use crate::elementwise::maximum;
use crate::invoke;
use crate::shared::dims::{dim_or_none, not_empty, one_of, reduced_shape};
use crate::shared::reduce::samples as dim_samples;
use crate::shared::reduce::split_ties::split_ties_of_all;
use crate::shared::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Kind, OpDef, Outputs, Saves, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_cpu::reduce::extreme_into;
use adjoint_cpu::{floats, integers_into};
use adjoint_kernels::reduce::{self, Axis};
use adjoint_tensor::{Array, DType, Dims, Error, Result, Scalar};
use smallvec::smallvec;

pub(super) const DIM_ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::required("dim", Kind::Int),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
];

pub(super) const OTHER_ARGS: &[Arg] = &[Arg::tensor("input"), Arg::tensor("other")];

/// One element of everything, which must not be nothing.
pub(super) fn rule_all(call: &Facts) -> Result<Specs> {
    not_empty(call.input(0).shape(), &[], false)?;
    Ok(Spec::one([], call.input(0).dtype()))
}

/// Writes the greatest element of all, or the smallest.
pub(super) fn run_all(call: &Call, greatest: bool, outs: &mut [Array]) -> Result<()> {
    let dims: Dims = (0..call.input(0).rank()).collect();
    extreme_into(call.input(0), &dims, greatest, &mut outs[0])
}

/// The gradient, shared evenly by equal elements, and by NaNs where the result is one.
pub(super) fn vjp_all(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(split_ties_of_all(b.g(), &b.input(0)?, &b.output(0)?)?)])
}

/// Values and int64 indices without `dim`.
pub(super) fn rule_dim(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dims = one_of(dim_or_none(call.attrs, 0, x.rank())?.ok_or_else(|| Error::usage("needs dim"))?, x.rank());
    not_empty(x.shape(), &dims, true)?;
    let shape = reduced_shape(x.shape(), &dims, call.attrs.get_bool(1));
    Ok(smallvec![Spec::new(&shape, x.dtype()), Spec::new(&shape, DType::Int64)])
}

/// Writes the greatest elements along `dim`, or the smallest, and where they are.
pub(super) fn run_dim(call: &Call, greatest: bool, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let [values, indices] = outs else { unreachable!("the rule says two outputs") };
    if x.rank() == 0 {
        indices.fill(Scalar::Int(0));
        return values.assign(&x);
    }
    let axis = Axis::of(x.shape(), dim_or_none(call.attrs, 0, x.rank())?.unwrap_or(0));
    let indices = indices.as_mut_slice::<i64>();
    if x.dtype() == DType::Bool {
        let kernel = if greatest { reduce::max_with_index } else { reduce::min_with_index };
        kernel(x.bool_bytes(), axis, values.bool_bytes_mut(), indices);
        return Ok(());
    }
    if x.dtype().is_float() {
        floats!(x.dtype(), T => {
            let kernel = if greatest { reduce::max_with_index } else { reduce::min_with_index };
            kernel(x.as_slice::<T>(), axis, values.as_mut_slice::<T>(), indices);
        });
    } else {
        let kernel = if greatest { reduce::max_with_index } else { reduce::min_with_index };
        integers_into!(&x, values, |x, values| kernel(x, axis, values, indices));
    }
    Ok(())
}

/// The gradient goes to the chosen element.
pub(super) fn vjp_dim(b: &Backward) -> Result<Grads> {
    let shape = b.shape(0);
    let dim = dim_or_none(b.attrs(), 0, shape.len())?.unwrap_or(0);
    Ok(smallvec![Some(place_in(b.g(), &b.output(1)?, shape, dim, b.attrs().get_bool(1))?)])
}

const DOC: &str = "Returns the greatest element of `input`; with `dim` the greatest of each line and its index; with `other` the greater \
     of the two, element by element, as `maximum`.\n\n\
     NaN if there is one. Without `dim` equal elements share the gradient evenly; with `dim` it goes to the element whose index is \
     returned, the first of equals. An empty input is an error, and so is a `dim` without elements. The dim disappears unless \
     `keepdim`. Source: PyTorch, `torch.max`.";

/// The ops: over everything, of two tensors, and along a dim.
pub static DEFS: &[&OpDef] = &[&MAX, &MAX_OTHER, &MAX_DIM];

static MAX: OpDef = OpDef {
    name: "max",
    doc: DOC,
    args: &[Arg::tensor("input")],
    class: Class::Reduce,
    node: "MaxBackward1",
    body: Body::Kernel { rule: rule_all, run: |call, outs| run_all(call, true, outs) },
    vjp: Vjp::Fn(vjp_all),
    saves: Saves::BOTH,
    samples: dim_samples::whole,
    errors: dim_samples::nothing,
    ..OpDef::BASE
}
.shipped();

static MAX_OTHER: OpDef = OpDef {
    name: "max.other",
    doc: DOC,
    args: OTHER_ARGS,
    body: Body::Composite(|inputs, _| two(inputs, maximum::maximum)),
    samples: samples::binary,
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();

static MAX_DIM: OpDef = OpDef {
    name: "max.dim",
    doc: DOC,
    args: DIM_ARGS,
    outputs: &["values", "indices"],
    class: Class::Reduce,
    node: "MaxBackward0",
    body: Body::Kernel { rule: rule_dim, run: |call, outs| run_dim(call, true, outs) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp_dim),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    samples: dim_samples::dim,
    errors: || dim_samples::nothing_to_choose(Attr::Int(1)),
    ..OpDef::BASE
}
.shipped();

/// A function of two tensors as a body.
pub(super) fn two(inputs: &[Option<&Tensor>], f: fn(&Tensor, &Tensor) -> Result<Tensor>) -> Result<Outputs> {
    match *inputs {
        [Some(x), Some(other)] => Ok(smallvec![f(x, other)?]),
        _ => Err(Error::usage("expected two tensors")),
    }
}

/// The greatest element of all.
pub fn max_all(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&MAX, x)
}

/// The greatest elements along `dim` and their indices.
pub fn max_dim(x: &Tensor, dim: usize, keepdim: bool) -> Result<Outputs> {
    invoke::many(&MAX_DIM, &[Some(x)], Attrs::new().int(dim as i64).bool(keepdim))
}
