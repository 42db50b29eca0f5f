//! Dims in another order.

use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{Arg, Attrs, Backward, Body, Class, Grads, Jvp, Kind, OpDef, Tensor, Vjp};
use adjoint_tensor::dims::wrap_dims;
use adjoint_tensor::{Code, Dims, Error, Layout, Meta, Result};
use smallvec::smallvec;

fn order(attrs: &Attrs, rank: usize) -> Result<Dims> {
    let dims = attrs.get_ints(0)?;
    if dims.len() != rank {
        return Err(Error::shape(format!(
            "the number of dims of the tensor, {rank}, does not match the length of the desired ordering {dims:?}"
        )));
    }
    wrap_dims(dims, rank)
}

fn layout(x: &Meta, attrs: &Attrs) -> Result<Layout> {
    Ok(x.layout().permute(&order(attrs, x.rank())?))
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dims = order(b.attrs(), b.shape(0).len())?;
    let mut inverse = Dims::from_elem(0, dims.len());
    for (place, &d) in dims.iter().enumerate() {
        inverse[d] = place;
    }
    Ok(smallvec![Some(permute(b.g(), &inverse)?)])
}

pub(crate) static DEF: OpDef = OpDef {
    name: "permute",
    doc: "Returns a view of `input` whose dim `i` is dim `dims[i]` of `input`.\n\n\
          Every dim must be named once. Costs nothing; the result is in general not contiguous. Source: PyTorch, `torch.permute`.",
    args: &[Arg::tensor("input"), Arg::required("dims", Kind::IntsSpread)],
    class: Class::View,
    node: "PermuteBackward0",
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("three dims", &[2, 3, 4], [ints(&[2, 0, 1])]),
            call("negative dims", &[2, 3, 4], [ints(&[-1, 0, -2])]),
            call("a 0-dim tensor", &[], [ints(&[])]),
            call("an empty tensor", &[2, 0, 3], [ints(&[1, 0, 2])]),
        ]
    },
    errors: || {
        vec![
            fails(call("too few dims", &[2, 3], [ints(&[0])]), Code::Shape, "does not match the length"),
            fails(call("a dim twice", &[2, 3], [ints(&[0, 0])]), Code::Usage, "more than once"),
            fails(call("a dim too large", &[2, 3], [ints(&[0, 2])]), Code::Index, "out of range"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// The op, and its copying form.
pub static DEFS: &[&OpDef] = &[&DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "permute_copy",
    "Returns a copy of what `permute` gives. Source: PyTorch, `torch.permute_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// `x` with dim `dims[i]` at position `i`.
pub fn permute(x: &Tensor, dims: &[usize]) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(dims))
}
