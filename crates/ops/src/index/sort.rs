//! Elements in order, along a dim.

use super::gather;
use crate::invoke;
use crate::shared::samples;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Class, Default, ErrorSample, Facts, Grads, Kind, OpDef, Outputs, Sample,
    SampleTensor, Saves, Spec, Specs, Tensor, Vjp, required,
};
use adjoint_cpu::{axis, floats, integers_into};
use adjoint_kernels::index;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, DType, Result};
use smallvec::smallvec;

/// The attributes: dim, descending, and whether equal elements keep their order, which they always
/// do.
const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("dim", Kind::Int, Default::Int(-1)),
    Arg::optional("descending", Kind::Bool, Default::Bool(false)),
    Arg::optional("stable", Kind::Bool, Default::Bool(false)),
];

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    wrap_dim(call.attrs.opt_int(0).unwrap_or(-1), x.rank())?;
    Ok(smallvec![Spec::new(x.shape(), x.dtype()), Spec::new(x.shape(), DType::Int64)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let axis = axis::of_dim(x.shape(), wrap_dim(call.attrs.opt_int(0).unwrap_or(-1), x.rank())?);
    let descending = call.attrs.get_bool(1);
    let [values, indices] = outs else { unreachable!("the rule gives two outputs") };
    if x.dtype() == DType::Bool {
        index::sort(x.bool_bytes(), axis, descending, values.bool_bytes_mut(), indices.as_mut_slice());
    } else if x.dtype().is_float() {
        floats!(x.dtype(), T => {
            index::sort(x.as_slice::<T>(), axis, descending, values.as_mut_slice::<T>(), indices.as_mut_slice());
        });
    } else {
        integers_into!(&x, values, |x, values| index::sort(x, axis, descending, values, indices.as_mut_slice()));
    }
    Ok(())
}

/// The gradient of chosen values: `g` at the indices the op returned, along attribute `dim`.
pub(super) fn chosen(b: &Backward, dim: i64) -> Result<Grads> {
    let Some(g) = b.grad(0) else { return Ok(smallvec![None]) };
    Ok(smallvec![Some(gather::scatter_zeros(g, b.shape(0), dim, &b.output(1)?)?)])
}

fn vjp(b: &Backward) -> Result<Grads> {
    chosen(b, b.attrs().opt_int(0).unwrap_or(-1))
}

fn sort_samples() -> Vec<Sample> {
    let s = |label, shape: &[usize], dim, descending| {
        let x = SampleTensor::new(shape).distinct();
        Sample::new(label, vec![x.into(), int(dim).into(), Attr::Bool(descending).into()])
    };
    vec![
        s("a vector", &[6], 0, false),
        s("rows, descending", &[2, 4], -1, true),
        s("columns", &[3, 2], 0, false),
        s("a 0-dim tensor", &[], 0, false),
        s("an empty tensor", &[0, 2], 0, false),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let args = vec![SampleTensor::new(&[2, 3]).into(), int(-3).into()];
    vec![fails(Sample::new("a dim too small", args), Code::Index, "dim -3 is out of range")]
}

/// The op.
static SORT: OpDef = OpDef {
    name: "sort",
    doc: "Returns the elements of `input` in ascending order along `dim`, or `descending`, and where along it they were.\n\n\
          Equal elements keep their order whether `stable` is asked for or not. NaN is greater than everything. The gradient goes \
          back to where the values were. Costs `n log n` comparisons a lane. Source: PyTorch, `torch.sort`.",
    args: ARGS,
    outputs: &["values", "indices"],
    class: Class::Index,
    node: "SortBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    samples: sort_samples,
    errors,
    ..OpDef::BASE
}
.shipped();

static ARGSORT: OpDef = OpDef {
    name: "argsort",
    doc: "Returns where along `dim` the elements of `input` are in ascending order, or `descending`: the indices of `sort`.\n\n\
          Source: PyTorch, `torch.argsort`.",
    args: ARGS,
    class: Class::Index,
    body: Body::Kernel {
        rule: |call| Ok(smallvec![rule(call)?.swap_remove(1)]),
        run: |call, outs| {
            let mut both = [Array::empty(call.input(0).shape(), call.input(0).dtype())?, outs[0].clone()];
            both[1] = Array::empty(call.input(0).shape(), DType::Int64)?;
            run(call, &mut both)?;
            outs[0].assign(&both[1])
        },
    },
    vjp: Vjp::None("returns indices"),
    samples: sort_samples,
    errors,
    ..OpDef::BASE
}
.shipped();

static MSORT: OpDef = OpDef {
    name: "msort",
    doc: "Returns the elements of `input` in ascending order along the first dim: the values of `sort`. \
          Source: PyTorch, `torch.msort`.",
    args: &[Arg::tensor("input")],
    body: Body::Composite(|inputs, _| {
        let (values, _) = sort(required(inputs, 0), 0, false)?;
        Ok(smallvec![values])
    }),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&ARGSORT, &MSORT, &SORT];

/// `x` in order along `dim`, and where its elements were.
pub fn sort(x: &Tensor, dim: i64, descending: bool) -> Result<(Tensor, Tensor)> {
    pair(invoke::many(&SORT, &[Some(x)], Attrs::new().int(dim).bool(descending))?)
}

/// Values and indices.
pub(super) fn pair(mut outputs: Outputs) -> Result<(Tensor, Tensor)> {
    let indices = outputs.pop().expect("there are two outputs");
    Ok((outputs.swap_remove(0), indices))
}
