//! Copies side by side.

use super::reshape;
use crate::invoke;
use crate::reduce::sum;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Half, Jvp, Kind, OpDef, Spec, Specs, Tensor, Vjp,
};
use adjoint_tensor::{Array, Code, Dims, Error, Layout, Result, array::checked_shape};
use smallvec::smallvec;

/// The shape of `x` with leading dims of size 1, so that each repeat has a dim.
fn padded(shape: &[usize], repeats: &[usize]) -> Dims {
    let mut out = Dims::from_elem(1, repeats.len() - shape.len());
    out.extend_from_slice(shape);
    out
}

/// `[repeat, size]` of every dim, or `[1, size]` with the repeats left out.
fn pairs(shape: &[usize], repeats: impl Fn(usize) -> usize) -> Dims {
    shape.iter().enumerate().flat_map(|(d, &n)| [repeats(d), n]).collect()
}

fn rule(call: &Facts) -> Result<Specs> {
    let (x, sizes) = (call.input(0), call.attrs.get_ints(0)?);
    if sizes.len() < x.rank() {
        return Err(Error::shape(format!(
            "number of dimensions of repeat dims can not be smaller than number of dimensions of tensor, got {sizes:?} for \
             shape {:?}",
            x.shape()
        )));
    }
    let repeats = checked_shape(sizes)?;
    let shape: Dims = padded(x.shape(), &repeats).iter().zip(&repeats).map(|(n, r)| n.saturating_mul(*r)).collect();
    Ok(Spec::one(shape, x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let repeats = checked_shape(call.attrs.get_ints(0)?)?;
    let x = call.input(0).contiguous()?;
    let shape = padded(x.shape(), &repeats);
    let one = Layout { offset: x.layout().offset, ..Layout::contiguous(&pairs(&shape, |_| 1)) };
    // A copy is broadcast over the dims that count repeats.
    outs[0].with_layout(Layout::contiguous(&pairs(&shape, |d| repeats[d])))?.assign(&x.with_layout(one)?)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let repeats = checked_shape(b.attrs().get_ints(0)?)?;
    let shape = padded(b.shape(0), &repeats);
    let g = reshape::reshape(b.g(), &pairs(&shape, |d| repeats[d]))?;
    let counts: Dims = (0..shape.len()).map(|d| 2 * d).collect();
    Ok(smallvec![Some(reshape::reshape(&sum::sum_dims(&g, &counts, false)?, b.shape(0))?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "repeat",
    doc: "Returns copies of `input` side by side, `repeats[d]` along dim d; further repeats in front add dims.\n\n\
          The gradient is summed over the copies. Source: PyTorch, `Tensor.repeat`.",
    args: &[Arg::tensor("input"), Arg::required("repeats", Kind::IntsSpread)],
    class: Class::Index,
    surface: &[Api::Method],
    node: "RepeatBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("a matrix", &[2, 3], [ints(&[2, 2])]),
            call("new dims", &[2], [ints(&[3, 1, 2])]),
            call("a 0-dim tensor", &[], [ints(&[3])]),
            call("no repeats of a 0-dim tensor", &[], [ints(&[])]),
            call("not once", &[2, 3], [ints(&[0, 1])]),
        ]
    },
    errors: || {
        vec![
            fails(call("too few", &[2, 3], [ints(&[2])]), Code::Shape, "can not be smaller"),
            fails(call("a negative one", &[2], [ints(&[-1])]), Code::Shape, "got -1"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// Copies of `x` side by side, `repeats[d]` along dim d.
pub fn repeat(x: &Tensor, repeats: &[usize]) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(repeats))
}
