//! The zero frequency in the middle.

use super::roll::roll;
use crate::shared::checks::only;
use crate::shared::dims::dims_or_all;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{Api, Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, back: bool) -> Result<Outputs> {
    let mut x = only(inputs)?.clone();
    for d in dims_or_all(attrs, 0, x.rank())? {
        let n = x.shape()[d];
        let shift = if back { n.div_ceil(2) } else { n / 2 };
        x = roll(&x, shift as i64, d)?;
    }
    Ok(smallvec![x])
}

/// The ops.
pub static DEFS: &[&OpDef] = &[&SHIFT, &BACK];

static SHIFT: OpDef = OpDef {
    name: "fft_fftshift",
    doc: "Returns `input` rolled by half its size along all dims, or those of `dim`, which puts the zero frequency in the \
          middle.\n\n\
          Source: PyTorch, `torch.fft.fftshift`.",
    args: &[Arg::tensor("input"), Arg::optional("dim", Kind::Ints, Default::None)],
    surface: &[Api::Fft],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, false)),
    samples: || vec![call("all dims", &[3, 4], []), call("one", &[5, 2], [ints(&[0])])],
    errors: || vec![fails(call("a dim too large", &[2], [ints(&[1])]), Code::Index, "dim 1 is out of range")],
    ..OpDef::COMPOSITE
}
.shipped();

static BACK: OpDef = OpDef {
    name: "fft_ifftshift",
    doc: "Returns what `fftshift` gave rolled back. Source: PyTorch, `torch.fft.ifftshift`.",
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, true)),
    ..SHIFT
}
.shipped();
