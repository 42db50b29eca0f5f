//! Elements carried from one geometry to another over an imagined storage: the derivative of
//! `as_strided`, and its own.

use crate::invoke;
use crate::shared::view::samples::{int, ints};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Class, Facts, Grads, Kind, OpDef, Sample, SampleTensor, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_tensor::layout::Extent;
use adjoint_tensor::{
    Array, DType, Error, Layout, Result, Strides,
    array::{checked_shape, checked_size},
    scratch,
};
use smallvec::smallvec;

/// Where elements that share a place of the storage are divided by their number.
///
/// A base whose elements overlap (an expanded tensor) has several gradients for one position;
/// PyTorch gives each the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Average {
    /// Nowhere.
    None,
    /// When reading with the output's geometry.
    Out,
    /// When writing with the input's geometry.
    In,
}

const CHOICES: &[&str] = &["none", "out", "in"];

/// Reads a geometry from attributes `at`, `at + 1` and `at + 2`.
pub(super) fn geometry(attrs: &Attrs, at: usize) -> Result<Layout> {
    Ok(Layout {
        shape: checked_shape(attrs.get_ints(at)?)?,
        strides: addressable(attrs.get_ints(at + 1)?)?,
        offset: checked_size(attrs.get_int(at + 2)?)?,
    })
}

/// Strides as the memory counts them.
pub(super) fn addressable(strides: &[i64]) -> Result<Strides> {
    let fits = |&s: &i64| {
        isize::try_from(s)
            .map_err(|_| Error::index(format!("a stride of {s} in {strides:?} is larger than any memory")))
    };
    strides.iter().map(fits).collect()
}

/// Appends a geometry to attributes.
pub(super) fn push(attrs: Attrs, layout: &Layout) -> Attrs {
    let strides: Vec<i64> = layout.strides.iter().map(|&s| s as i64).collect();
    attrs.shape(&layout.shape).ints(&strides).int(layout.offset as i64)
}

fn rule(call: &Facts) -> Result<Specs> {
    let (from, to) = (geometry(call.attrs, 0)?, geometry(call.attrs, 3)?);
    if from.shape.as_slice() != call.input(0).shape() {
        return Err(Error::shape(format!(
            "the gradient has shape {:?} but the view has {:?}",
            call.input(0).shape(),
            from.shape.as_slice()
        )));
    }
    Ok(Spec::one(to.shape, call.input(0).dtype()))
}

/// The position in the storage of every element, row-major.
fn places(layout: &Layout) -> Result<Vec<usize>> {
    let Some(Extent { numel, .. }) = layout.extent() else {
        return Err(Error::shape(format!(
            "a view of shape {:?} has more elements than can be counted",
            layout.shape.as_slice()
        )));
    };
    if numel == 0 {
        return Ok(Vec::new());
    }
    let mut out = scratch::filled(layout.offset, numel)?;
    // Dim by dim from the last: each block of `run` positions is copied `n` times, a stride further
    // each time.
    let mut run = 1;
    for (&n, &stride) in layout.shape.iter().zip(&layout.strides).rev() {
        for i in 1..n {
            for j in 0..run {
                out[i * run + j] = out[j] + i * stride.unsigned_abs();
            }
        }
        run *= n;
    }
    Ok(out)
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (from, to) = (geometry(call.attrs, 0)?, geometry(call.attrs, 3)?);
    let average = call.attrs.get_choice(6);
    let (reads, writes) = (places(&from)?, places(&to)?);
    // Both geometries are in one storage, but only the chunk they use is imagined.
    let start = reads.iter().chain(&writes).copied().min().unwrap_or(0);
    let end = reads.iter().chain(&writes).copied().max().map_or(0, |n| n + 1);
    let mut counts = scratch::filled(0.0, if average == Average::None as u8 { 0 } else { end - start })?;
    if average != Average::None as u8 {
        for &at in if average == Average::In as u8 { &reads } else { &writes } {
            counts[at - start] += 1.0;
        }
    }
    let x = call.input(0).cast(DType::Float64)?.contiguous()?;
    let mut storage = scratch::filled(0.0, end - start)?;
    for (&at, &v) in reads.iter().zip(x.as_slice::<f64>()) {
        storage[at - start] += if average == Average::In as u8 { v / counts[at - start] } else { v };
    }
    let read = |&at: &usize| storage[at - start] / if average == Average::Out as u8 { counts[at - start] } else { 1.0 };
    let values = scratch::collected(writes.iter().map(read))?;
    outs[0].assign(&Array::from_slice(&values, &to.shape)?)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (from, to) = (geometry(b.attrs(), 0)?, geometry(b.attrs(), 3)?);
    let transposed = match b.attrs().get_choice(6) {
        1 => Average::In,
        2 => Average::Out,
        _ => Average::None,
    };
    Ok(smallvec![Some(restride(b.g(), &to, &from, transposed)?)])
}

fn samples() -> Vec<Sample> {
    let s = |label, average| {
        let attrs = [ints(&[2, 2]), ints(&[1, 1]), int(1), ints(&[2, 3]), ints(&[0, 2]), int(0), Attr::Choice(average)];
        let g = SampleTensor::new(&[2, 2]).into();
        Sample::new(label, std::iter::once(g).chain(attrs.map(Into::into)).collect())
    };
    vec![s("no average", 0), s("average on reading", 1)]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_restride",
    part_of: "as_strided",
    doc: "Adds the elements of `input` to zeros at the places of one geometry and reads the result at those of another.",
    args: &[
        Arg::tensor("input"),
        Arg::required("from_size", Kind::Ints),
        Arg::required("from_stride", Kind::Ints),
        Arg::required("from_offset", Kind::Int),
        Arg::required("to_size", Kind::Ints),
        Arg::required("to_stride", Kind::Ints),
        Arg::required("to_offset", Kind::Int),
        Arg::required("average", Kind::Choice(CHOICES)),
    ],
    class: Class::Index,
    surface: &[],
    node: "AsStridedBackwardBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    jvp: adjoint_autograd::Jvp::Linear,
    samples,
    ..OpDef::BASE
}
.shipped();

/// `x`, laid out as `from`, read as `to`.
pub(super) fn restride(x: &Tensor, from: &Layout, to: &Layout, average: Average) -> Result<Tensor> {
    let attrs = push(push(Attrs::new(), from), to).with(Attr::Choice(average as u8));
    invoke::with(&DEF, &[Some(x)], attrs)
}
