//! A tensor cut along dim 1, or 0 of a vector.

use super::tensor_split::{cut, divides};
use crate::shared::checks::only;
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{Arg, Attrs, Body, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{Code, Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = only(inputs)?;
    if x.rank() < 1 {
        return Err(Error::shape(format!("requires a tensor with at least 1 dims, got shape {:?}", x.shape())));
    }
    let dim = usize::from(x.rank() > 1);
    divides(x, attrs.get(0), dim)?;
    cut(x, attrs.get(0), dim as i64)
}

/// The ops: by the number of pieces, and by places.
pub static DEFS: &[&OpDef] = &[&SECTIONS, &INDICES];

static SECTIONS: OpDef = OpDef {
    name: "hsplit",
    doc: "Returns views of `input` cut along dim 1, or 0 of a vector: into `sections` equal pieces, or at the given indices.\n\n\
          Source: PyTorch, `torch.hsplit`.",
    args: &[Arg::tensor("input"), Arg::required("sections", Kind::Int)],
    outputs: &[],
    body: Body::Composite(body),
    samples: || vec![call("two pieces", &[4, 2, 6], [int(2)])],
    errors: || {
        vec![
            fails(call("too few dims", &[], [int(1)]), Code::Shape, "at least 1 dims"),
            fails(call("pieces that differ", &[5, 5, 5], [int(2)]), Code::Shape, "does not divide"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();

static INDICES: OpDef = OpDef {
    name: "hsplit.indices",
    args: &[Arg::tensor("input"), Arg::required("indices", Kind::Ints)],
    samples: || vec![call("places", &[4, 3, 6], [ints(&[1, 2])])],
    errors: Vec::new,
    ..SECTIONS
}
.shipped();
