//! The most frequent element.

use super::sort::sort;
use crate::index::gather::gather;
use crate::invoke;
use crate::shared::dims::{not_empty, one_of};
use crate::shared::reduce::samples;
use crate::view::{squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{
    Arg, Attrs, Body, Call, Class, Default, Facts, Kind, OpDef, Outputs, Spec, Specs, Tensor, Vjp, required,
};
use adjoint_cpu::axis;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::dims::{reduced_shape, wrap_dim};
use adjoint_tensor::{Array, DType, Result, scratch};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let dim = wrap_dim(attrs.opt_int(0).unwrap_or(-1), x.rank())?;
    if x.rank() == 0 {
        return Ok(smallvec![x.clone(), Tensor::from_array(Array::zeros(&[], DType::Int64)?)]);
    }
    not_empty(x.shape(), &one_of(dim, x.rank()), true)?;
    let (values, order) = sort(&x.detach(), dim as i64, false)?;
    let index = invoke::with(&LONGEST, &[Some(&values), Some(&order)], Attrs::new().int(dim as i64))?;
    let lifted = unsqueeze(&index, dim)?;
    let found = gather(x, dim, &lifted)?;
    Ok(if attrs.get_bool(1) { smallvec![found, lifted] } else { smallvec![squeeze(&found, dim)?, index] })
}

fn longest_rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dim = wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    Ok(Spec::one(reduced_shape(x.shape(), &one_of(dim, x.rank()), false), DType::Int64))
}

fn longest_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, order) = (call.input(0), call.input(1).contiguous()?);
    let Axis { outer, n, inner } = axis::of_dim(x.shape(), wrap_dim(call.attrs.get_int(0)?, x.rank())?);
    let order = order.as_slice::<i64>();
    // Whether each element is equal to the one before it in its lane.
    let same: Vec<bool> =
        if x.dtype().is_float() { equals(&x.to_vec_f64()?, inner)? } else { equals(&x.to_vec_i64()?, inner)? };
    for (line, out) in (0..outer * inner).zip(outs[0].as_mut_slice::<i64>()) {
        let start = line / inner * n * inner + line % inner;
        let (mut run, mut best, mut at) = (0, 0, 0);
        for i in 0..n {
            run = if i > 0 && same[start + i * inner] { run + 1 } else { 1 };
            if run > best {
                (best, at) = (run, i);
            }
        }
        *out = order[start + at * inner];
    }
    Ok(())
}

fn equals<T: PartialEq>(x: &[T], inner: usize) -> Result<Vec<bool>> {
    scratch::collected((0..x.len()).map(|i| i >= inner && x[i] == x[i - inner]))
}

/// The ops: with its parts, and the place of the longest run of sorted elements.
pub static DEFS: &[&OpDef] = &[&LONGEST, &DEF];

static DEF: OpDef = OpDef {
    name: "mode",
    doc: "Returns the most frequent element of `input` along `dim`, the least of several, and where its last copy is.\n\n\
          The gradient goes to that copy. Costs a sort. Source: PyTorch, `torch.mode`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("dim", Kind::Int, Default::Int(-1)),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["values", "indices"],
    body: Body::Composite(body),
    samples: || {
        let mut all = samples::dim();
        all.retain(|s| s.label != "no rows");
        all
    },
    errors: samples::wrong_dim,
    ..OpDef::COMPOSITE
}
.shipped();

static LONGEST: OpDef = OpDef {
    name: "_longest_run",
    part_of: "mode",
    doc: "The element of `order` at the end of the longest run of equal elements of `input` along `dim`.",
    args: &[Arg::tensor("input"), Arg::tensor("order"), Arg::required("dim", Kind::Int)],
    class: Class::Index,
    surface: &[],
    body: Body::Kernel { rule: longest_rule, run: longest_run },
    vjp: Vjp::None("returns indices"),
    ..OpDef::BASE
}
.shipped();
