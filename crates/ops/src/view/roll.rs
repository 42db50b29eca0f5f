//! Elements shifted along dims, those pushed out coming in at the other end.

use crate::invoke;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Default, Facts, Grads, Half, Jvp, Kind, OpDef, Spec, Specs, Tensor, Vjp,
};
use adjoint_tensor::{Array, Code, Error, Layout, Result, dims};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let (x, shifts, over) = (call.input(0), call.attrs.get_ints(0)?, call.attrs.opt_ints(1).unwrap_or(&[]));
    if shifts.is_empty() {
        return Err(Error::usage("`shifts` required"));
    }
    if (!over.is_empty() || shifts.len() != 1) && over.len() != shifts.len() {
        return Err(Error::usage(format!("shifts and dims must align, got shifts {shifts:?} and dims {over:?}")));
    }
    if x.rank() == 0 && !over.is_empty() {
        return Err(Error::index(format!("dims {over:?} specified, but the tensor has no dimensions")));
    }
    for &d in over {
        dims::wrap_dim(d, x.rank())?;
    }
    Ok(Spec::one(x.shape(), x.dtype()))
}

/// `x` shifted along dim `d`.
fn along(x: &Array, d: usize, shift: i64, out: &Array) -> Result<()> {
    let Some(&n) = x.shape().get(d).filter(|&&n| n > 0) else { return out.assign(x) };
    let shift = shift.rem_euclid(n as i64) as usize;
    for (from, to, len) in [(0, shift, n - shift), (n - shift, 0, shift)] {
        let source = x.with_layout(x.layout().slice(d, from, len, 1))?;
        out.with_layout(out.layout().slice(d, to, len, 1))?.assign(&source)?;
    }
    Ok(())
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, shifts, over) = (call.input(0), call.attrs.get_ints(0)?, call.attrs.opt_ints(1).unwrap_or(&[]));
    if over.is_empty() {
        let flat = x.contiguous()?;
        let out = outs[0].with_layout(flatten(outs[0].layout()))?;
        return along(&flat.with_layout(flatten(flat.layout()))?, 0, shifts[0], &out);
    }
    let mut rolled = x.clone();
    for (i, (&shift, &d)) in shifts.iter().zip(over).enumerate() {
        let is_last = i + 1 == over.len();
        let out = if is_last { outs[0].clone() } else { Array::empty(x.shape(), x.dtype())? };
        along(&rolled, dims::wrap_dim(d, x.rank())?, shift, &out)?;
        rolled = out;
    }
    Ok(())
}

/// A contiguous layout as a vector.
fn flatten(l: &Layout) -> Layout {
    Layout { offset: l.offset, ..Layout::contiguous(&[l.numel()]) }
}

fn vjp(b: &Backward) -> Result<Grads> {
    let back: Vec<i64> = b.attrs().get_ints(0)?.iter().map(|s| s.wrapping_neg()).collect();
    let attrs = Attrs::new().ints(&back).ints(b.attrs().opt_ints(1).unwrap_or(&[]));
    Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g())], attrs)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "roll",
    doc: "Returns a copy of `input` with its elements shifted by `shifts` along `dims`; those pushed out come in at the other end.\n\n\
          Without `dims` the tensor is seen as a vector. Source: PyTorch, `torch.roll`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("shifts", Kind::Ints),
        Arg::optional("dims", Kind::Ints, Default::Ints(&[])),
    ],
    class: Class::Index,
    node: "RollBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("rows", &[3, 2], [ints(&[1]), ints(&[0])]),
            call("two dims, back", &[3, 4], [ints(&[-1, 6]), ints(&[0, -1])]),
            call("as a vector", &[2, 3], [ints(&[2]), ints(&[])]),
            call("an empty tensor", &[0, 2], [ints(&[1]), ints(&[0])]),
        ]
    },
    errors: || {
        vec![
            fails(call("counts that differ", &[2, 2], [ints(&[1, 2]), ints(&[0])]), Code::Usage, "must align"),
            fails(call("a dim too large", &[2], [ints(&[1]), ints(&[1])]), Code::Index, "out of range"),
            fails(call("a dim of a 0-dim tensor", &[], [ints(&[1]), ints(&[0])]), Code::Index, "no dimensions"),
            fails(call("no shifts", &[2], [ints(&[]), ints(&[])]), Code::Usage, "required"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// `x` shifted by `shift` along `dim`.
pub fn roll(x: &Tensor, shift: i64, dim: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().ints(&[shift]).ints(&[dim as i64]))
}
