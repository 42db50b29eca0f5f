//! Dims moved, the others in their order.

use super::permute;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{Arg, Attrs, Body, ErrorSample, Kind, OpDef, Outputs, Sample, Tensor, required};
use adjoint_tensor::dims::wrap_dims;
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let (from, to) = (attrs.get_ints(0)?, attrs.get_ints(1)?);
    if from.len() != to.len() {
        return Err(Error::usage(format!(
            "invalid source or destination dims: source ({from:?} dims) should contain the same number of dims as \
             destination ({to:?} dims)"
        )));
    }
    let (from, to) = (wrap_dims(from, x.rank())?, wrap_dims(to, x.rank())?);
    if x.rank() == 0 {
        return Ok(smallvec![permute::permute(x, &[])?]);
    }
    let mut rest = (0..x.rank()).filter(|d| !from.contains(d));
    let order: Dims = (0..x.rank())
        .map(|place| match to.iter().position(|&t| t == place) {
            Some(i) => from[i],
            None => rest.next().expect("as many dims are left as places"),
        })
        .collect();
    Ok(smallvec![permute::permute(x, &order)?])
}

const ARGS: &[Arg] =
    &[Arg::tensor("input"), Arg::required("source", Kind::Ints), Arg::required("destination", Kind::Ints)];

fn samples() -> Vec<Sample> {
    vec![
        call("one dim", &[2, 3, 4], [ints(&[0]), ints(&[-1])]),
        call("two dims", &[2, 3, 4], [ints(&[0, 2]), ints(&[1, 0])]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    vec![
        fails(call("counts that differ", &[2, 3], [ints(&[0]), ints(&[0, 1])]), Code::Usage, "same number of dims"),
        fails(call("a dim twice", &[2, 3], [ints(&[0, 0]), ints(&[0, 1])]), Code::Usage, "more than once"),
        fails(call("a dim too large", &[2, 3], [ints(&[2]), ints(&[0])]), Code::Index, "out of range"),
    ]
}

static MOVEDIM: OpDef = OpDef {
    name: "movedim",
    doc: "Returns a view of `input` with dims `source` at the places `destination`, and the other dims in their order.\n\n\
          Source: PyTorch, `torch.movedim`.",
    args: ARGS,
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

static MOVEAXIS: OpDef =
    OpDef { name: "moveaxis", doc: "Another name of `movedim`. Source: PyTorch, `torch.moveaxis`.", ..MOVEDIM }
        .shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&MOVEAXIS, &MOVEDIM];

/// `x` with dim `from` at position `to`.
pub fn movedim(x: &Tensor, from: usize, to: usize) -> Result<Tensor> {
    let attrs = Attrs::new().ints(&[from as i64]).ints(&[to as i64]);
    Ok(body(&[Some(x)], &attrs)?.swap_remove(0))
}
