//! A dim cut into a number of pieces.

use super::split;
use crate::shared::view::count;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Result};
use smallvec::SmallVec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let chunks = attrs.get_int(0)?;
    if x.rank() == 0 {
        return Err(Error::index("expects at least a 1-dimensional tensor"));
    }
    let dim = wrap_dim(attrs.opt_int(1).unwrap_or(0), x.rank())?;
    if chunks <= 0 {
        return Err(Error::usage(format!("expects chunks to be greater than 0, got {chunks}")));
    }
    let n = x.shape()[dim];
    if n == 0 {
        // Nothing can be cut as often as is asked.
        let zeros: SmallVec<[usize; 6]> = SmallVec::from_elem(0, count::room(chunks, x.rank())?);
        return split::split_sizes(x, &zeros, dim);
    }
    // No dim can be cut into more pieces than it has elements.
    split::split(x, n.div_ceil(chunks.min(n as i64) as usize), dim)
}

/// The op, under both its names.
pub static DEFS: &[&OpDef] = &[&DEF, &UNSAFE];

static UNSAFE: OpDef = OpDef {
    name: "unsafe_chunk",
    doc: "Another name of `chunk`: here the views of one tensor may be written safely. Source: PyTorch, `torch.unsafe_chunk`.",
    ..DEF
}
.shipped();

pub(crate) static DEF: OpDef = OpDef {
    name: "chunk",
    doc: "Returns views of `input` cut along `dim` into at most `chunks` pieces of equal size, the last of which may be smaller.\n\n\
          The views cannot be written in place while gradients are recorded. Source: PyTorch, `torch.chunk`.",
    args: &[Arg::tensor("input"), Arg::required("chunks", Kind::Int), Arg::optional("dim", Kind::Int, Default::Int(0))],
    outputs: &[],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("equal pieces", &[4, 2], [int(2)]),
            call("fewer pieces than asked", &[2, 5], [int(4), int(-1)]),
            call("nothing", &[0, 2], [int(3)]),
        ]
    },
    errors: || {
        vec![
            fails(call("no pieces", &[3], [int(0)]), Code::Usage, "greater than 0"),
            fails(call("a 0-dim tensor", &[], [int(1)]), Code::Index, "at least a 1-dimensional"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();

/// `x` cut along `dim` into at most `chunks` pieces.
pub fn chunk(x: &Tensor, chunks: usize, dim: usize) -> Result<Outputs> {
    body(&[Some(x)], &Attrs::new().int(chunks as i64).int(dim as i64))
}
