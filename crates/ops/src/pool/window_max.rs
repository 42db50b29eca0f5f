//! The greatest element of each window of volumes, whose windows are listed axis by axis.

use super::max_pool2d::place;
use crate::elementwise::to::to;
use crate::invoke;
use crate::view::reshape::reshape;
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Call, Class, Facts, Kind, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::pool::{Pooled, Reach};
use adjoint_tensor::{Array, DType, Dims, Error, Result, scratch};
use smallvec::smallvec;

const WINDOWS: [Arg; 3] =
    [Arg::required("depth", Kind::Ints), Arg::required("rows", Kind::Ints), Arg::required("cols", Kind::Ints)];

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_window_max",
    part_of: "max_pool3d",
    doc: "The greatest element of each window of `[*, D, H, W]`, and its place in its volume as int32; `depth`, `rows` and `cols` hold start, end \
          and step of each window.",
    args: &[Arg::tensor("input"), WINDOWS[0], WINDOWS[1], WINDOWS[2]],
    outputs: &["values", "indices"],
    class: Class::Opaque,
    node: "MaxPool3DWithIndicesBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(|b| {
        let shape = b.shape(0);
        Ok(smallvec![Some(place_in_volumes(b.g(), &b.output(1)?, &shape[shape.len() - 3..])?)])
    }),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    flat: [1, 0],
    samples: || {
        let windows = [&[0, 2, 1, 1, 2, 1][..], &[0, 3, 2], &[0, 2, 1, 1, 4, 1]].map(|w| Attr::Ints(w.into()).into());
        let x = SampleTensor::new(&[2, 2, 3, 4]).distinct().into();
        vec![Sample::new("overlapping windows", std::iter::once(x).chain(windows).collect())]
    },
    ..OpDef::BASE
}
.shipped();

fn windows(attrs: &Attrs, axis: usize) -> Result<Vec<Reach>> {
    let (all, rest) = attrs.get_ints(axis)?.as_chunks::<3>();
    if !rest.is_empty() {
        return Err(Error::usage("expected three integers a window"));
    }
    scratch::collected(all.iter().map(|&[start, end, step]| Reach {
        start: start as usize,
        end: end as usize,
        step: step as usize,
    }))
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let mut shape = Dims::from_slice(&x.shape()[..x.rank() - 3]);
    for axis in 0..3 {
        shape.push(call.attrs.get_ints(axis)?.len() / 3);
    }
    Ok(smallvec![Spec::new(&shape, x.dtype()), Spec::new(&shape, DType::Int32)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let (front, size) = x.shape().split_at(x.rank() - 3);
    let size = [size[0], size[1], size[2]];
    let (depth, rows, cols) = (windows(call.attrs, 0)?, windows(call.attrs, 1)?, windows(call.attrs, 2)?);
    let [values, indices] = outs else { unreachable!("the rule says two outputs") };
    let (volumes, at) = (front.iter().product(), indices.as_mut_slice::<i32>());
    floats!(x.dtype(), T => {
        T::greatest_in_volumes(volumes, size, [&depth, &rows, &cols], x.as_slice(), values.as_mut_slice(), at);
    });
    Ok(())
}

/// Volumes of zeros of this size with each element of `g` added at its place, an int32, in its
/// volume.
pub(super) fn place_in_volumes(g: &Tensor, at: &Tensor, size: &[usize]) -> Result<Tensor> {
    let front = &g.shape()[..g.rank() - 3];
    let line = |t: &Tensor| -> Result<Tensor> {
        let mut shape = Dims::from_slice(front);
        shape.extend([1, t.shape()[front.len()..].iter().product()]);
        reshape(t, &shape)
    };
    let placed = place(&line(g)?, &line(at)?, [1, size.iter().product()])?;
    let mut shape = Dims::from_slice(front);
    shape.extend(size.iter().copied());
    reshape(&placed, &shape)
}

/// The greatest element of each window of `[*, D, H, W]` and, as int64, its place in its volume.
pub fn window_max(x: &Tensor, windows: [&[Reach]; 3]) -> Result<[Tensor; 2]> {
    let volume: usize = x.shape()[x.rank() - 3..].iter().product();
    if volume > i32::MAX as usize {
        return Err(Error::shape(format!("expected volumes of fewer than 2³¹ elements, got {:?}", x.shape())));
    }
    let mut attrs = Attrs::new();
    for axis in windows {
        let mut flat: Vec<i64> = scratch::with_room(3 * axis.len())?;
        for w in axis {
            #[allow(clippy::disallowed_methods, reason = "within the room that was asked for")]
            flat.extend([w.start as i64, w.end as i64, w.step as i64]);
        }
        attrs = attrs.ints(&flat);
    }
    let mut out = invoke::many(&DEF, &[Some(x)], attrs)?;
    let indices = to(&out.swap_remove(1), DType::Int64)?;
    Ok([out.swap_remove(0), indices])
}
