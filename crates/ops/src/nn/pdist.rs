//! Distances between the rows of a matrix.

use crate::elementwise::sub::sub;
use crate::index::index_select::index_select;
use crate::reduce::vector_norm::vector_norm;
use crate::shared::checks::only;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{Array, Code, Error, Result, scratch};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, p) = (only(inputs)?, attrs.opt_float(0).unwrap_or(2.0));
    if x.rank() != 2 {
        return Err(Error::shape(format!("only supports matrices, got shape {:?}", x.shape())));
    }
    if p < 0.0 {
        return Err(Error::usage(format!("only supports non-negative p values, got {p}")));
    }
    let n = x.shape()[0];
    let count = n * n.saturating_sub(1) / 2;
    let mut pairs = [scratch::filled(0i64, count)?, scratch::filled(0i64, count)?];
    let mut at = 0;
    for i in 0..n {
        for j in i + 1..n {
            (pairs[0][at], pairs[1][at]) = (i as i64, j as i64);
            at += 1;
        }
    }
    let rows = |k: usize| index_select(x, 0, &Tensor::from_array(Array::from_slice(&pairs[k], &[count])?));
    Ok(smallvec![vector_norm(&sub(&rows(0)?, &rows(1)?)?, p, &[1], false, None)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "pdist",
    doc: "Returns the `p`-norm of the difference of each row of `input` and each one below it: the upper triangle of \
          `cdist(input, input)`, a vector.\n\n\
          Costs memory for all differences. Source: PyTorch, `torch.nn.functional.pdist`.",
    args: &[Arg::tensor("input"), Arg::optional("p", Kind::Float, Default::Float(2.0))],
    surface: &[Api::Functional, Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![call("four rows", &[4, 3], []), call("p of 3", &[3, 2], [Attr::Float(3.0)]), call("one row", &[1, 2], [])]
    },
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "only supports matrices")],
    ..OpDef::COMPOSITE
}
.shipped();
