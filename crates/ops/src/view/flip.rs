//! Dims in reverse.

use crate::invoke;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{
    Arg, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Half, Jvp, Kind, OpDef, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::index;
use adjoint_tensor::dims::wrap_dims;
use adjoint_tensor::{Array, Code, Result, by_size};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    wrap_dims(call.attrs.get_ints(0)?, x.rank())?;
    Ok(Spec::one(x.shape(), x.dtype()))
}

/// Elements from which on rows are turned round as a whole.
const LONG_ROW: usize = 8;

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    let mut layout = x.layout().clone();
    let last = x.rank().wrapping_sub(1);
    let mut turned = false;
    for d in wrap_dims(call.attrs.get_ints(0)?, x.rank())? {
        if d == last && layout.shape[d] >= LONG_ROW {
            turned = true;
        } else if let (Some(&n), true) = (x.shape().get(d), x.numel() > 0) {
            layout.offset = layout.offset.wrapping_add_signed((n as isize - 1) * layout.strides[d]);
            layout.strides[d] = -layout.strides[d];
        }
    }
    let x = x.with_layout(layout)?;
    if !turned {
        return outs[0].assign(&x);
    }
    let x = x.contiguous()?;
    by_size!(x.dtype(), T => index::reverse_rows(x.as_bits::<T>(), x.shape()[last], outs[0].as_mut_bits::<T>()));
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "flip",
    doc: "Returns a copy of `input` with the order of elements along each of `dims` reversed. Source: PyTorch, `torch.flip`.",
    args: &[Arg::tensor("input"), Arg::required("dims", Kind::IntsSpread)],
    class: Class::Index,
    node: "FlipBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    half: Half::Native,
    vjp: Vjp::Fn(|b: &Backward| -> Result<Grads> {
        Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g())], b.attrs().clone())?)])
    }),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("rows", &[3, 2], [ints(&[0])]),
            call("both dims", &[2, 3], [ints(&[0, -1])]),
            call("no dims", &[2], [ints(&[])]),
            call("long rows and columns", &[2, 9], [ints(&[0, 1])]),
            call("a 0-dim tensor", &[], [ints(&[0])]),
            call("an empty tensor", &[0, 2], [ints(&[0, 1])]),
        ]
    },
    errors: || {
        vec![
            fails(call("a dim twice", &[2], [ints(&[0, 0])]), Code::Usage, "more than once"),
            fails(call("a dim too large", &[2], [ints(&[1])]), Code::Index, "out of range"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// `x` with the given dims in reverse.
pub fn flip(x: &Tensor, dims: &[usize]) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(dims))
}
