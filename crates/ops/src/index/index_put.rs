//! Elements written at index tensors.

use super::{index, index_places};
use crate::elementwise::copy;
use crate::invoke;
use crate::reduce::sum_to_size::sum_to_size;
use crate::shared::indices;
use crate::shared::view::samples::fails;
use crate::view::{clone, expand};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Class, Default, ErrorSample, Facts, Grads, Half, Jvp, Kind,
    NodeNaming, OpDef, Outputs, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp, hidden, required,
};
use adjoint_cpu::accumulate_each;
use adjoint_kernels::index as kernel;
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar, by_size, dims};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let (values, list) = match inputs[1..].split_last() {
        Some((Some(values), list)) => (*values, list),
        _ => return Err(Error::usage("expected values")),
    };
    if values.numel() == 1 && !attrs.get_bool(0) {
        refuse_filling(list)?;
    }
    Ok(smallvec![match index_places::read(x, list)? {
        Some(i) => put(x, &i.places, values, &Attrs::new().shape(&i.dims), attrs.get_bool(0))?,
        // Nothing is indexed: all of it is written.
        None if attrs.get_bool(0) => crate::elementwise::add::add(x, values)?,
        None => {
            let out = clone::clone(&hidden::spread_like(x, &[values])?)?;
            copy::copy_(&out, &expand::expand(values, x.shape())?)?;
            out
        }
    }])
}

/// Fails where the only index is a mask of uint8: as in PyTorch, one value is written under masks
/// of bools alone.
fn refuse_filling(list: &[Option<&Tensor>]) -> Result<()> {
    let mut given = list.iter().flatten();
    match (given.next(), given.next()) {
        (Some(mask), None) if mask.dtype() == DType::UInt8 => Err(Error::dtype(
            "one value is written under a mask of bools only, got a mask of uint8; cast the mask with to('bool')",
        )),
        _ => Ok(()),
    }
}

/// `x` with `values` written, or added, at positions; attribute 0 of `dims` is the indexed dims.
pub(super) fn put(x: &Tensor, places: &Tensor, values: &Tensor, dims: &Attrs, accumulate: bool) -> Result<Tensor> {
    let attrs = Attrs::new().with(dims.get(0).clone()).bool(accumulate);
    invoke::with(&KERNEL, &[Some(x), Some(places), Some(values)], attrs)
}

fn rule(call: &Facts) -> Result<Specs> {
    let (x, values) = (call.input(0), call.input(2));
    let g = index::geometry(call.attrs, 0, x.shape(), call.input(1))?;
    if dims::broadcast(values.shape(), &g.result).ok().as_deref() != Some(&g.result[..]) {
        return Err(Error::shape(format!(
            "shape mismatch: value tensor of shape {:?} cannot be broadcast to indexing result of shape {:?}",
            values.shape(),
            g.result.as_slice()
        )));
    }
    if values.rank() > 0 || (values.dtype().is_float() && !x.dtype().is_float()) {
        indices::same_dtype(x.dtype(), values.dtype(), "values")?;
    }
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, places) = (call.input(0), call.input(1).contiguous()?);
    let g = index::geometry(call.attrs, 0, x.shape(), &places)?;
    let offsets = index_places::offsets(&places, &g)?;
    let values = call.input(2).cast(x.dtype())?;
    let values = values.with_layout(values.layout().expand(&g.result)?)?.contiguous()?;
    let in_place = g.order.iter().enumerate().all(|(i, &d)| i == d);
    outs[0]
        .with_layout(if in_place { outs[0].layout().clone() } else { index_places::back(x.shape(), &g.order) })?
        .assign(x)?;
    if call.attrs.get_bool(1) {
        accumulate_each!(&mut outs[0], &values, |to, from, plus| {
            kernel::put_with(to, &offsets, g.run, from, plus);
        });
    } else {
        by_size!(x.dtype(), T => {
            kernel::put(outs[0].as_mut_bits::<T>(), &offsets, g.run, values.as_bits::<T>());
        });
    }
    if !in_place {
        // The output holds the result with its dims in another order.
        let result = outs[0].with_layout(index_places::back(x.shape(), &g.order))?.copy(x.dtype())?;
        outs[0].assign(&result)?;
    }
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let places = b.input(1)?;
    let accumulate = b.attrs().get_bool(1);
    let dx = match (b.wants(0), accumulate) {
        (false, _) => None,
        (true, true) => Some(b.g().clone()),
        (true, false) => {
            let zero = Tensor::from_array(Array::full(&[], b.g().dtype(), Scalar::Int(0))?);
            Some(put(b.g(), &places, &zero, b.attrs(), false)?)
        }
    };
    let dvalues = if b.wants(2) {
        let dims: Vec<usize> = b.attrs().get_ints(0)?.iter().map(|&d| d as usize).collect();
        Some(sum_to_size(&index::at(b.g(), &places, &dims)?, b.shape(2))?)
    } else {
        None
    };
    Ok(smallvec![dx, None, dvalues])
}

fn sample(label: &str, shape: &[usize], list: Vec<Option<SampleTensor>>, values: &[usize], accumulate: bool) -> Sample {
    let mut call = index::sample(label, shape, list);
    call.args.push(SampleTensor::new(values).into());
    call.args.push(Attr::Bool(accumulate).into());
    call
}

fn samples() -> Vec<Sample> {
    let i = |shape: &[usize], n: i64| Some(SampleTensor::ints(shape, -n, n - 1));
    let one = |at| Some(SampleTensor::ints(&[1], at, at));
    vec![
        sample("one row", &[4, 3], vec![one(1)], &[1, 3], false),
        sample("one value everywhere", &[4, 3], vec![Some(index::mask(&[4]))], &[], false),
        sample("rows added", &[4, 3], vec![i(&[5], 4)], &[5, 3], true),
        sample("scattered dims added", &[3, 2, 4], vec![i(&[2], 3), None, i(&[2], 4)], &[2, 1], true),
        sample("scattered dims", &[3, 2, 4], vec![one(2), None, one(-1)], &[1, 2], false),
        sample("no indices", &[3, 2], vec![Some(SampleTensor::ints(&[0], 0, 1))], &[0, 2], false),
        sample("rows that come twice", &[2, 3], vec![i(&[5], 2)], &[5, 3], false).kink(),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let two = || vec![Some(SampleTensor::ints(&[2], 0, 1))];
    let too_many = || vec![Some(SampleTensor::ints(&[1], 0, 0)), Some(SampleTensor::ints(&[1], 0, 0))];
    let mut other = sample("another dtype", &[3], two(), &[2], false);
    other.args[2] = SampleTensor::new(&[2]).dtype(DType::Float32).into();
    vec![
        fails(
            sample("values that do not broadcast", &[3], two(), &[3], false),
            Code::Shape,
            "value tensor of shape [3]",
        ),
        fails(sample("too many indices", &[3], too_many(), &[1], false), Code::Index, "too many indices"),
        fails(other, Code::DType, "dtype of input"),
    ]
}

/// The op.
static DEF: OpDef = OpDef {
    name: "index_put",
    doc: "Returns `input` with `values` written at the given `indices`, which mean what they mean to `index`; with `accumulate` they \
          are added.\n\n\
          `values` broadcast to the shape that indexing gives, and have the dtype of `input`. Where a place comes several times \
          the last value wins. Source: PyTorch, `torch.index_put`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("indices", Kind::OptionalTensors),
        Arg::tensor("values"),
        Arg::optional("accumulate", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Function, Api::Method],
    by_hand: true,
    in_place: true,
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// The copy.
static KERNEL: OpDef = OpDef {
    name: "_index_put",
    part_of: "index_put",
    doc: "A copy of `input` with `values` written, or added, at places of its dims `dims`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("places"),
        Arg::tensor("values"),
        Arg::required("dims", Kind::Ints),
        Arg::optional("accumulate", Kind::Bool, Default::Bool(false)),
    ],
    class: Class::Index,
    surface: &[],
    node: "IndexPutBackward0",
    shown: NodeNaming::without(0b10),
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0b10, 0, 0b10], outputs: &[] },
    ..OpDef::BASE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&KERNEL, &DEF];

/// `x` with `values` written, or added, at index tensors.
#[allow(clippy::disallowed_methods, reason = "there is an index a dim")]
pub fn index_put(x: &Tensor, indices: &[Option<&Tensor>], values: &Tensor, accumulate: bool) -> Result<Tensor> {
    let mut inputs: Vec<Option<&Tensor>> = vec![Some(x)];
    inputs.extend_from_slice(indices);
    inputs.push(Some(values));
    invoke::with(&DEF, &inputs, Attrs::new().bool(accumulate))
}
