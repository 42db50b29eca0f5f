//! The places of a triangle of a matrix.

use crate::shared::create::factory;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Default, Facts, Kind, OpDef, Sample, Spec, Specs};
use adjoint_tensor::array::checked_size;
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use std::ops::Range;

fn sizes(attrs: &Attrs) -> Result<[usize; 2]> {
    let size = |i: usize, name: &str| {
        let n = attrs.get_int(i)?;
        if n < 0 {
            return Err(Error::usage(format!("{name} must be non-negative, got {n}")));
        }
        checked_size(n)
    };
    Ok([size(0, "row")?, size(1, "col")?])
}

/// The columns of a row that are in the triangle.
fn columns(attrs: &Attrs, row: usize, cols: usize, lower: bool) -> Range<usize> {
    let edge = (row as i64).saturating_add(attrs.opt_int(2).unwrap_or(0));
    if lower {
        0..edge.saturating_add(1).clamp(0, cols as i64) as usize
    } else {
        edge.clamp(0, cols as i64) as usize..cols
    }
}

fn rule(call: &Facts, lower: bool) -> Result<Specs> {
    let [rows, cols] = sizes(call.attrs)?;
    let count: usize = (0..rows).map(|row| columns(call.attrs, row, cols, lower).len()).sum();
    Ok(Spec::one([2, count], call.attrs.opt_dtype(3).unwrap_or(DType::Int64)))
}

fn run(call: &Call, out: &Array, lower: bool) -> Result<()> {
    let [rows, cols] = sizes(call.attrs)?;
    let n = out.shape()[1];
    let mut places = scratch::filled(0i64, 2 * n)?;
    let mut at = 0;
    for row in 0..rows {
        for col in columns(call.attrs, row, cols, lower) {
            places[at] = row as i64;
            places[n + at] = col as i64;
            at += 1;
        }
    }
    out.assign(&Array::from_slice(&places, &[2, n])?)
}

const COMMON: OpDef = OpDef {
    args: &[
        Arg::required("row", Kind::Int),
        Arg::required("col", Kind::Int),
        Arg::optional("offset", Kind::Int, Default::Int(0)),
        factory::DTYPE,
    ],
    samples: || {
        let s = |label, args: [Attr; 3]| Sample::new(label, args.map(Into::into).into());
        vec![
            s("a square", [int(3), int(3), int(0)]),
            s("above", [int(2), int(4), int(1)]),
            s("below", [int(4), int(2), int(-1)]),
        ]
    },
    errors: || {
        let args = vec![int(-1).into(), int(2).into()];
        vec![fails(Sample::new("a negative size", args), Code::Usage, "non-negative")]
    },
    ..factory::factory()
};

/// The ops.
pub static DEFS: &[&OpDef] = &[&TRIL, &TRIU];

static TRIL: OpDef = OpDef {
    name: "tril_indices",
    doc: "Returns the rows and columns of the lower triangle of a matrix of `row` by `col`, two rows of a matrix, in \
          row-major order.\n\n\
          `offset` counts diagonals above the main one, or below it where negative. int64, or `dtype`. \
          Source: PyTorch, `torch.tril_indices`.",
    body: Body::Kernel { rule: |call| rule(call, true), run: |call, outs| run(call, &outs[0], true) },
    ..COMMON
}
.shipped();

static TRIU: OpDef = OpDef {
    name: "triu_indices",
    doc: "Returns the rows and columns of the upper triangle of a matrix of `row` by `col`, two rows of a matrix, in \
          row-major order.\n\n\
          `offset` counts diagonals above the main one, or below it where negative. int64, or `dtype`. \
          Source: PyTorch, `torch.triu_indices`.",
    body: Body::Kernel { rule: |call| rule(call, false), run: |call, outs| run(call, &outs[0], false) },
    ..COMMON
}
.shipped();
