//! Windows along one dim with their elements side by side, and the transpose: each is the other's
//! derivative.

use crate::invoke;
use crate::shared::view::samples::{call, int, ints};
use adjoint_autograd::{
    Arg, Attrs, Body, Call, Class, Facts, Jvp, Kind, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::windows::{Windowed, Windows};
use adjoint_tensor::{Array, Dims, Error, Result};
use smallvec::smallvec;

/// The ops.
pub static DEFS: &[&OpDef] = &[&UNFOLD, &FOLD];

const WINDOWS: Arg = Arg::required("windows", Kind::Ints);

static UNFOLD: OpDef = OpDef {
    name: "_unfold_axis",
    part_of: "unfold",
    doc: "The elements of windows along `dim`, which becomes two dims: windows and elements. `windows` is count, size, step, dilation and padding; \
          beyond the ends there are zeros.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), WINDOWS],
    class: Class::Opaque,
    node: "UnfoldBackward0",
    surface: &[],
    body: Body::Kernel { rule: unfold_rule, run: unfold_run },
    vjp: Vjp::Fn(|b| {
        let (dim, windows) = (b.attrs().get_int(0)? as usize, windows(b.attrs())?);
        Ok(smallvec![Some(fold_axis(b.g(), dim, &windows, b.shape(0)[dim])?)])
    }),
    jvp: Jvp::Linear,
    saves: Saves::NOTHING,
    samples: || vec![call("overlapping and padded", &[2, 4, 2], [int(1), ints(&[3, 2, 2, 2, 1])])],
    ..OpDef::BASE
}
.shipped();

static FOLD: OpDef = OpDef {
    name: "_fold_axis",
    part_of: "unfold",
    doc: "The derivative of `_unfold_axis` by an input whose dim `dim` has `length` elements.",
    args: &[Arg::tensor("grad_output"), Arg::required("dim", Kind::Int), WINDOWS, Arg::required("length", Kind::Int)],
    class: Class::Opaque,
    node: "UnfoldBackwardBackward0",
    surface: &[],
    body: Body::Kernel { rule: fold_rule, run: fold_run },
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(unfold_axis(b.g(), b.attrs().get_int(0)? as usize, &windows(b.attrs())?)?)])),
    jvp: Jvp::Linear,
    saves: Saves::NOTHING,
    samples: || {
        let g = SampleTensor::new(&[2, 3, 2, 2]).into();
        let attrs = [int(1), ints(&[3, 2, 2, 2, 1]), int(4)];
        vec![Sample::new("overlapping and padded", std::iter::once(g).chain(attrs.map(Into::into)).collect())]
    },
    ..OpDef::BASE
}
.shipped();

fn windows(attrs: &Attrs) -> Result<Windows> {
    match *attrs.get_ints(1)? {
        [count, size, step, dilation, padding] => {
            let [count, size, step, dilation, padding] = [count, size, step, dilation, padding].map(|n| n as usize);
            Ok(Windows { count, size, step, dilation, padding })
        }
        ref other => Err(Error::usage(format!("expected five integers, got {other:?}"))),
    }
}

/// What is before dim `dim`, the dim, and what is behind it.
fn extents(shape: &[usize], dim: usize) -> [usize; 3] {
    [shape[..dim].iter().product(), shape[dim], shape[dim + 1..].iter().product()]
}

fn unfold_rule(call: &Facts) -> Result<Specs> {
    let (x, dim, windows) = (call.input(0), call.attrs.get_int(0)? as usize, windows(call.attrs)?);
    let mut shape = Dims::from_slice(x.shape());
    shape[dim] = windows.count;
    shape.insert(dim + 1, windows.size);
    Ok(Spec::one(shape, x.dtype()))
}

fn unfold_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, windows) = (call.input(0).contiguous()?, windows(call.attrs)?);
    let extents = extents(x.shape(), call.attrs.get_int(0)? as usize);
    floats!(x.dtype(), T => T::unfold(extents, &windows, x.as_slice(), outs[0].as_mut_slice()));
    Ok(())
}

fn fold_rule(call: &Facts) -> Result<Specs> {
    let (g, dim) = (call.input(0), call.attrs.get_int(0)? as usize);
    let mut shape = Dims::from_slice(g.shape());
    shape.remove(dim + 1);
    shape[dim] = call.attrs.get_int(2)? as usize;
    Ok(Spec::one(shape, g.dtype()))
}

fn fold_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (g, windows) = (call.input(0).contiguous()?, windows(call.attrs)?);
    let extents = extents(outs[0].shape(), call.attrs.get_int(0)? as usize);
    floats!(g.dtype(), T => T::fold(extents, &windows, g.as_slice(), outs[0].as_mut_slice()));
    Ok(())
}

fn attrs(dim: usize, w: &Windows) -> Attrs {
    Attrs::new().int(dim as i64).shape(&[w.count, w.size, w.step, w.dilation, w.padding])
}

/// The elements of windows along `dim`, which becomes the two dims of windows and of their elements.
pub fn unfold_axis(x: &Tensor, dim: usize, windows: &Windows) -> Result<Tensor> {
    invoke::with(&UNFOLD, &[Some(x)], attrs(dim, windows))
}

/// The sums of elements of windows, dims `dim` and `dim + 1` of `g`, at their places among `length`.
pub fn fold_axis(g: &Tensor, dim: usize, windows: &Windows, length: usize) -> Result<Tensor> {
    invoke::with(&FOLD, &[Some(g)], attrs(dim, windows).int(length as i64))
}
