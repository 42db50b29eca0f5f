//! Elements at index tensors.

use super::{index_places, index_put};
use crate::invoke;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Call, Class, ErrorSample, Facts, Grads, Half, Jvp, Kind, NodeNaming, OpDef,
    Outputs, Sample, SampleArg, SampleTensor, Saves, Spec, Specs, Tensor, Vjp, required,
};
use adjoint_kernels::index;
use adjoint_tensor::{Array, Code, DType, Dims, Meta, Result, by_size};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    Ok(smallvec![match index_places::read(x, &inputs[1..])? {
        None => x.clone(),
        Some(i) => at(x, &i.places, &i.dims)?,
    }])
}

/// `x` at positions of dims `dims`.
pub(super) fn at(x: &Tensor, places: &Tensor, dims: &[usize]) -> Result<Tensor> {
    invoke::with(&KERNEL, &[Some(x), Some(places)], Attrs::new().shape(dims))
}

/// The geometry of a call whose attribute `i` is the indexed dims.
pub(super) fn geometry(attrs: &Attrs, i: usize, shape: &[usize], places: &Meta) -> Result<index_places::Geometry> {
    let dims: Dims = attrs.get_ints(i)?.iter().map(|&d| d as usize).collect();
    Ok(index_places::geometry(shape, &dims, places.shape()))
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    Ok(Spec::one(geometry(call.attrs, 0, x.shape(), call.input(1))?.result, x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, places) = (call.input(0), call.input(1).contiguous()?);
    let g = geometry(call.attrs, 0, x.shape(), &places)?;
    let offsets = index_places::offsets(&places, &g)?;
    let x = index_places::permuted(x, &g.order)?;
    by_size!(x.dtype(), T => index::take(x.as_bits::<T>(), &offsets, g.run, outs[0].as_mut_bits::<T>()));
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let zeros = crate::create::zeros::zeros(b.shape(0), b.g().dtype())?;
    Ok(smallvec![Some(index_put::put(&zeros, &b.input(1)?, b.g(), b.attrs(), true)?), None])
}

/// A call with a list of index tensors.
pub(super) fn sample(label: &str, shape: &[usize], list: Vec<Option<SampleTensor>>) -> Sample {
    Sample::new(label, vec![SampleTensor::new(shape).into(), SampleArg::Tensors(list)])
}

/// A bool tensor with some elements set.
pub(super) fn mask(shape: &[usize]) -> SampleTensor {
    SampleTensor::new(shape).range(-1.0, 1.0).dtype(DType::Bool)
}

fn samples() -> Vec<Sample> {
    let i = |shape: &[usize], n: i64| Some(SampleTensor::ints(shape, -n, n - 1));
    vec![
        sample("rows", &[4, 3], vec![i(&[5], 4)]),
        sample("two dims", &[4, 3, 2], vec![i(&[2, 1], 4), i(&[3], 3)]),
        sample("the last dim", &[2, 5], vec![None, i(&[3], 5)]),
        sample("scattered dims", &[3, 2, 4], vec![i(&[2], 3), None, i(&[2], 4)]),
        sample("a mask", &[3, 4], vec![Some(mask(&[3, 4]))]),
        sample("a mask of rows", &[4, 2], vec![Some(mask(&[4]))]),
        sample("a 0-dim index", &[3, 2], vec![i(&[], 3)]),
        sample("no indices", &[3, 2], vec![Some(SampleTensor::ints(&[0], 0, 1))]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let i = |shape: &[usize], at| Some(SampleTensor::ints(shape, at, at));
    vec![
        fails(sample("too many", &[2], vec![i(&[1], 0), i(&[1], 0)]), Code::Index, "too many indices"),
        fails(
            sample("an index outside", &[2, 3], vec![i(&[1], 2)]),
            Code::Index,
            "index 2 is out of bounds for dimension 0",
        ),
        fails(
            sample("shapes that differ", &[2, 3], vec![i(&[2], 0), i(&[3], 0)]),
            Code::Index,
            "could not be broadcast",
        ),
        fails(sample("a mask of another shape", &[2, 3], vec![Some(mask(&[3]))]), Code::Index, "shape of the mask [3]"),
        fails(
            sample("fractional indices", &[2], vec![Some(SampleTensor::new(&[1]))]),
            Code::DType,
            "cast with to('int64')",
        ),
        fails(
            sample("narrow integers", &[2], vec![Some(SampleTensor::ints(&[1], 0, 1).dtype(DType::Int16))]),
            Code::DType,
            "int64, int32, uint8 or bool",
        ),
    ]
}

/// The op.
static DEF: OpDef = OpDef {
    name: "index",
    doc: "Returns the elements of `input` at the given `indices`, one tensor or null for each dim from the first on.\n\n\
          Index tensors are int32 or int64, negative ones count from the end, and broadcast together; their shape takes the place \
          of the indexed dims, or comes in front where those are not neighbours. A bool tensor stands for the coordinates of its \
          true elements. Null takes a whole dim. The gradient of an element is summed over its copies. \
          Source: PyTorch, indexing with tensors.",
    args: &[Arg::tensor("input"), Arg::required("indices", Kind::OptionalTensors)],
    surface: &[Api::Method],
    by_hand: true,
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// The copy.
static KERNEL: OpDef = OpDef {
    name: "_index",
    part_of: "index",
    doc: "The elements of `input` at places of its dims `dims`.",
    args: &[Arg::tensor("input"), Arg::tensor("places"), Arg::required("dims", Kind::Ints)],
    class: Class::Index,
    surface: &[],
    node: "IndexBackward0",
    shown: NodeNaming::without(0b10),
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    ..OpDef::BASE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&KERNEL, &DEF];

/// `x` at index tensors, one or `None` for each dim from the first on.
#[allow(clippy::disallowed_methods, reason = "there is an index a dim")]
pub fn index(x: &Tensor, indices: &[Option<&Tensor>]) -> Result<Tensor> {
    let mut inputs: Vec<Option<&Tensor>> = vec![Some(x)];
    inputs.extend_from_slice(indices);
    invoke::with(&DEF, &inputs, Attrs::new())
}
