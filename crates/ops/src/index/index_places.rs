//! Indexing by several index tensors at once: `x[i, :, j]`.
//!
//! Index tensors are broadcast together and made into one tensor of positions in the indexed dims,
//! which an op of its own does, so that a recorded call can be repeated with other indices. What is
//! left is to move whole runs.

use super::nonzero;
use crate::invoke;
use crate::shared::indices;
use crate::view::select;
use adjoint_autograd::{
    Arg, Arrays, Attrs, Body, Call, Check, Class, Facts, Kind, OpDef, Sample, SampleArg, SampleTensor, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_kernels::index;
use adjoint_tensor::{Array, DType, Dims, Error, Layout, Meta, Result, dims, scratch};
use smallvec::SmallVec;

/// What a list of indices means for a tensor.
pub struct Indexed {
    /// Places in the indexed dims taken together, row-major, of the shape the index tensors
    /// broadcast to.
    pub places: Tensor,
    /// The indexed dims, ascending.
    pub dims: Dims,
}

/// Reads a list of index tensors and nulls, one for each dim of `x` from the first on; a mask
/// stands for as many dims as it has. `None` where nothing is indexed.
pub fn read(x: &Tensor, list: &[Option<&Tensor>]) -> Result<Option<Indexed>> {
    let mut dims = Dims::new();
    let mut tensors: SmallVec<[Tensor; 4]> = SmallVec::new();
    let mut at = 0;
    for index in list {
        match index {
            None => at += 1,
            Some(mask) if matches!(mask.dtype(), DType::Bool | DType::UInt8) => {
                for (d, &n) in mask.shape().iter().enumerate() {
                    let have = x.shape().get(at + d).copied();
                    if have != Some(n) {
                        return Err(Error::index(match have {
                            None => too_many(x, list),
                            Some(_) => format!(
                                "the shape of the mask {:?} at index {d} does not match the shape of the indexed tensor \
                                 {:?} at index {}",
                                mask.shape(),
                                x.shape(),
                                at + d
                            ),
                        }));
                    }
                }
                let coordinates = nonzero::nonzero(mask)?;
                for d in 0..mask.rank() {
                    tensors.push(select::select(&coordinates, 1, d)?);
                    dims.push(at + d);
                }
                at += mask.rank();
            }
            Some(index) => {
                if !matches!(index.dtype(), DType::Int64 | DType::Int32) {
                    return Err(Error::dtype(format!(
                        "tensors used as indices must be int64, int32, uint8 or bool, got {}; make it with {{ dtype: 'int64' }} or cast with to('int64')",
                        index.dtype().name()
                    ))
                    .with("dtype", index.dtype().name()));
                }
                tensors.push((*index).clone());
                dims.push(at);
                at += 1;
            }
        }
    }
    if at > x.rank() {
        return Err(Error::index(too_many(x, list)));
    }
    if dims.is_empty() {
        return Ok(None);
    }
    let sizes: SmallVec<[i64; 6]> = dims.iter().map(|&d| x.shape()[d] as i64).collect();
    let first: SmallVec<[i64; 6]> = dims.iter().map(|&d| d as i64).collect();
    let inputs: SmallVec<[Option<&Tensor>; 4]> = tensors.iter().map(Some).collect();
    let places = invoke::with(&DEF, &inputs, Attrs::new().ints(&sizes).ints(&first))?;
    Ok(Some(Indexed { places, dims }))
}

fn too_many(x: &Tensor, list: &[Option<&Tensor>]) -> String {
    format!("too many indices for a tensor of dimension {}, got {}", x.rank(), list.len())
}

/// Where the indexed dims of a tensor go: a permutation that brings them together, and the position
/// of the first.
///
/// Neighbouring dims stay where they are, scattered ones go in front, as in NumPy.
pub fn together(rank: usize, dims: &[usize]) -> (Dims, usize) {
    let neighbours = dims.windows(2).all(|w| w[1] == w[0] + 1);
    let front = if neighbours { dims[0] } else { 0 };
    let mut order: Dims = (0..rank).filter(|d| !dims.contains(d)).collect();
    order.insert_many(front, dims.iter().copied());
    (order, front)
}

/// The shape of the result of indexing, and that of the runs it is made of: `[before, positions,
/// run]`.
pub struct Geometry {
    /// Brings the indexed dims together.
    pub order: Dims,
    /// `shape[before] + positions + shape[after]`.
    pub result: Dims,
    /// Elements before the indexed dims.
    pub before: usize,
    /// Elements of the indexed dims.
    pub indexed: usize,
    /// Elements behind the indexed dims.
    pub run: usize,
}

/// The geometry of indexing dims `dims` of a tensor of this shape with positions of that shape.
pub fn geometry(shape: &[usize], dims: &[usize], places: &[usize]) -> Geometry {
    let (order, front) = together(shape.len(), dims);
    let sizes: Dims = order.iter().map(|&d| shape[d]).collect();
    let (before, rest) = sizes.split_at(front);
    let (indexed, after) = rest.split_at(dims.len());
    let mut result = Dims::from_slice(before);
    result.extend_from_slice(places);
    result.extend_from_slice(after);
    Geometry {
        result,
        before: before.iter().product(),
        indexed: indexed.iter().product(),
        run: after.iter().product(),
        order,
    }
}

/// The offset of every run in a contiguous tensor whose indexed dims were brought together.
pub fn offsets(places: &Array, g: &Geometry) -> Result<Vec<usize>> {
    let places = places.as_slice::<i64>();
    let block = g.indexed * g.run;
    let mut out = scratch::with_room(g.before.saturating_mul(places.len()))?;
    for o in 0..g.before {
        out.extend(places.iter().map(|&p| o * block + p as usize * g.run));
    }
    Ok(out)
}

fn rule(call: &Facts) -> Result<Specs> {
    let given = call.inputs.iter().flatten().copied();
    let shape = given.clone().try_fold(Dims::new(), |shape, x| dims::broadcast(&shape, x.shape())).map_err(|_| {
        let shapes: Vec<&[usize]> = given.clone().map(Meta::shape).collect();
        Error::index(format!("shape mismatch: indexing tensors could not be broadcast together with shapes {shapes:?}"))
    })?;
    given.clone().try_for_each(indices::integers_or_empty)?;
    Ok(Spec::one(shape, DType::Int64))
}

/// Fails unless every index is one of its dim; returns the indices.
fn check(call: &Call) -> Result<Arrays> {
    let dims = call.attrs.get_ints(0)?.iter().zip(call.attrs.get_ints(1)?);
    let read = |(x, (&n, &dim)): (&Array, (&i64, &i64))| {
        let index = indices::read_or_empty(x)?;
        indices::in_wrapped_range(index.as_slice(), n as usize, dim as usize)?;
        Ok(index)
    };
    call.inputs.iter().flatten().copied().zip(dims).map(read).collect()
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let sizes = call.attrs.get_ints(0)?;
    let mut places = scratch::filled(0usize, outs[0].numel())?;
    let mut stride = 1;
    for (i, &n) in sizes.iter().enumerate().rev() {
        let x = &call.checked[i];
        let x = x.with_layout(x.layout().expand(outs[0].shape())?)?.contiguous()?;
        index::add_index_offsets(&mut places, x.as_slice(), n as usize, stride)
            .map_err(|at| Error::index(format!("index at position {at} is out of bounds")))?;
        stride *= n as usize;
    }
    for (y, place) in outs[0].as_mut_slice::<i64>().iter_mut().zip(places) {
        *y = place as i64;
    }
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_index_places",
    part_of: "index",
    doc: "Makes index tensors for dims of the given `sizes` into one tensor of places in those dims taken together.",
    args: &[
        Arg::required("indices", Kind::Tensors),
        Arg::required("sizes", Kind::Ints),
        Arg::required("dims", Kind::Ints),
    ],
    class: Class::Index,
    surface: &[],
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    vjp: Vjp::None("returns indices"),
    samples: || {
        let list = vec![Some(SampleTensor::ints(&[2, 1], 0, 2)), Some(SampleTensor::ints(&[3], -4, 3))];
        let ints = crate::shared::view::samples::ints;
        vec![Sample::new("two", vec![SampleArg::Tensors(list), ints(&[3, 4]).into(), ints(&[0, 1]).into()])]
    },
    ..OpDef::BASE
}
.shipped();

/// `x` broadcast and permuted so that it lies as the runs do.
pub fn permuted(x: &Array, order: &[usize]) -> Result<Array> {
    x.with_layout(x.layout().permute(order))?.contiguous()
}

/// The layout in which a contiguous tensor of `shape`, written with its dims in `order`, shows them
/// in their own order.
pub fn back(shape: &[usize], order: &[usize]) -> Layout {
    let sizes: Dims = order.iter().map(|&d| shape[d]).collect();
    let mut inverse = Dims::from_elem(0, order.len());
    for (place, &d) in order.iter().enumerate() {
        inverse[d] = place;
    }
    Layout::contiguous(&sizes).permute(&inverse)
}
