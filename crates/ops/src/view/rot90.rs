//! Quarter turns.

use super::{clone::clone, flip::flip, transpose::transpose};
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rot90",
    doc: "Returns `input` turned `k` quarters in the plane of two `dims`, from the first towards the second.\n\n\
          Negative `k` turns the other way. Source: PyTorch, `torch.rot90`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("k", Kind::Int, Default::Int(1)),
        Arg::optional("dims", Kind::Ints, Default::Ints(&[0, 1])),
    ],
    body: Body::Composite(|inputs, attrs| {
        let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
        let dims = attrs.get_ints(1)?;
        let [a, b] = *dims else {
            return Err(Error::usage(format!("expected total rotation dims == 2, got dims {dims:?}")));
        };
        if x.rank() < 2 {
            return Err(Error::shape(format!("expected total dims >= 2, got shape {:?}", x.shape())));
        }
        let (a, b) = (wrap_dim(a, x.rank())?, wrap_dim(b, x.rank())?);
        if a == b {
            return Err(Error::usage(format!("expected rotation dims to be different, got {dims:?}")));
        }
        Ok(smallvec![match attrs.opt_int(0).unwrap_or(1).rem_euclid(4) {
            1 => transpose(&flip(x, &[b])?, a, b)?,
            2 => flip(x, &[a, b])?,
            3 => transpose(&flip(x, &[a])?, a, b)?,
            _ => clone(x)?,
        }])
    }),
    samples: || (-1..3).map(|k| call(&format!("{k} quarters"), &[2, 3], [int(k), ints(&[0, 1])])).collect(),
    errors: || vec![fails(call("one dim twice", &[2, 3], [int(1), ints(&[0, -2])]), Code::Usage, "to be different")],
    ..OpDef::COMPOSITE
}
.shipped();
