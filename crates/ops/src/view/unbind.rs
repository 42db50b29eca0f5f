//! All indices of a dim.

use super::stack;
use crate::create::zeros::zeros;
use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::count;
use crate::shared::view::joined;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Backward, Body, Class, Default, Grads, Jvp, Kind, OpDef, Outputs, Tensor, Vjp};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Layout, Meta, Result};
use smallvec::smallvec;

fn layouts(x: &Meta, attrs: &Attrs) -> Result<Vec<Layout>> {
    if x.rank() == 0 {
        return Err(Error::index("dimension specified as 0 but tensor has no dims"));
    }
    let dim = wrap_dim(attrs.opt_int(0).unwrap_or(0), x.rank())?;
    count::room(x.shape()[dim] as i64, x.rank())?;
    Ok((0..x.shape()[dim]).map(|i| x.layout().select(dim, i)).collect())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let shape = b.shape(0);
    let dim = wrap_dim(b.attrs().opt_int(0).unwrap_or(0), shape.len())?;
    Ok(smallvec![Some(match shape[dim] {
        0 => zeros(shape, b.dtype(0))?,
        n => joined::gradients(b, stack::stack, n, dim)?,
    })])
}

pub(crate) static DEF: OpDef = OpDef {
    name: "unbind",
    doc: "Returns views of `input` at every index of `dim`, which disappears.\n\n\
          The views cannot be written in place while gradients are recorded. Source: PyTorch, `torch.unbind`.",
    args: &[Arg::tensor("input"), Arg::optional("dim", Kind::Int, Default::Int(0))],
    class: Class::View,
    node: "UnbindBackward0",
    body: Body::Views(layouts),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || vec![call("rows", &[3, 2], []), call("columns", &[3, 2], [int(-1)]), call("a vector", &[2], [int(0)])],
    errors: || {
        vec![
            fails(call("a 0-dim tensor", &[], [int(0)]), Code::Index, "no dims"),
            fails(call("a dim too large", &[3], [int(1)]), Code::Index, "out of range"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// The op, and its copying form.
pub static DEFS: &[&OpDef] = &[&DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "unbind_copy",
    "Returns a copy of what `unbind` gives. Source: PyTorch, `torch.unbind_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// `x` at every index of `dim`.
pub fn unbind(x: &Tensor, dim: usize) -> Result<Outputs> {
    invoke::many(&DEF, &[Some(x)], Attrs::new().int(dim as i64))
}
