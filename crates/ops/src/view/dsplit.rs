//! A tensor cut along dim 2.

use crate::shared::view::samples::{call, fails, int, ints};
use crate::shared::view::splits::along;
use adjoint_autograd::{Arg, Body, Kind, OpDef};
use adjoint_tensor::Code;

/// The ops: by the number of pieces, and by places.
pub static DEFS: &[&OpDef] = &[&SECTIONS, &INDICES];

static SECTIONS: OpDef = OpDef {
    name: "dsplit",
    doc: "Returns views of `input` cut along dim 2: into `sections` equal pieces, or at the given indices.\n\n\
          Source: PyTorch, `torch.dsplit`.",
    args: &[Arg::tensor("input"), Arg::required("sections", Kind::Int)],
    outputs: &[],
    body: Body::Composite(|inputs, attrs| along(inputs, attrs, 3, |_| 2)),
    samples: || vec![call("two pieces", &[4, 2, 6], [int(2)])],
    errors: || {
        vec![
            fails(call("too few dims", &[2, 2], [int(1)]), Code::Shape, "at least 3 dims"),
            fails(call("pieces that differ", &[5, 5, 5], [int(2)]), Code::Shape, "does not divide"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();

static INDICES: OpDef = OpDef {
    name: "dsplit.indices",
    args: &[Arg::tensor("input"), Arg::required("indices", Kind::Ints)],
    samples: || vec![call("places", &[4, 3, 6], [ints(&[1, 2])])],
    errors: Vec::new,
    ..SECTIONS
}
.shipped();
