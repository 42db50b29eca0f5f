//! All choices of elements of a vector.

use super::reshape::reshape;
use crate::index::index_select::index_select;
use crate::shared::checks::only;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::array::too_many;
use adjoint_tensor::{Array, Code, Error, Result, scratch};
use smallvec::smallvec;

/// How many choices of `r` of `n` there are.
fn count(n: i128, r: i128) -> Result<usize> {
    let mut count = 1i128;
    for k in 0..r {
        count = count.checked_mul(n - k).ok_or_else(|| too_many(i128::MAX))? / (k + 1);
        if count == 0 {
            return Ok(0);
        }
    }
    usize::try_from(count).map_err(|_| too_many(count))
}

/// The places of all choices of `r` of `n` elements, in order, row after row.
fn places(n: usize, r: usize, again: bool) -> Result<Vec<i64>> {
    let rows = if n == 0 { 0 } else { count((if again { n + r - 1 } else { n }) as i128, r as i128)? };
    let mut out = scratch::filled(0i64, rows.saturating_mul(r))?;
    let first = |k: usize| if again { 0 } else { k as i64 };
    for row in 0..rows {
        let (before, now) = out.split_at_mut(row * r);
        let now = &mut now[..r];
        if row == 0 {
            (0..r).for_each(|k| now[k] = first(k));
            continue;
        }
        now.copy_from_slice(&before[(row - 1) * r..]);
        // The last place that can still move up does, and those behind it follow it.
        let last = |k: usize| if again { n - 1 } else { n - r + k } as i64;
        let Some(k) = (0..r).rev().find(|&k| now[k] < last(k)) else { break };
        let start = now[k] + 1;
        for (i, place) in now[k..].iter_mut().enumerate() {
            *place = start + if again { 0 } else { i as i64 };
        }
    }
    Ok(out)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, r) = (only(inputs)?, attrs.opt_int(0).unwrap_or(2));
    if x.rank() != 1 {
        return Err(Error::shape(format!("expects a vector, got shape {:?}", x.shape())));
    }
    let r = usize::try_from(r).map_err(|_| Error::usage(format!("expects a non-negative r, got {r}")))?;
    if r == 0 {
        return Ok(smallvec![super::narrow::narrow(x, 0, 0, 0)?]);
    }
    let places = places(x.numel(), r, attrs.get_bool(1))?;
    let index = Tensor::from_array(Array::from_slice(&places, &[places.len()])?);
    Ok(smallvec![reshape(&index_select(x, 0, &index)?, &[places.len() / r, r])?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "combinations",
    doc: "Returns all choices of `r` elements of the vector `input`, a row each, in the order of their places; \
          `withReplacement` takes an element several times.\n\n\
          As Python's `itertools.combinations`. Source: PyTorch, `torch.combinations`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("r", Kind::Int, Default::Int(2)),
        Arg::optional("with_replacement", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("pairs", &[4], []),
            call("threes, again", &[3], [int(3), Attr::Bool(true)]),
            call("more than there are", &[2], [int(3)]),
        ]
    },
    errors: || vec![fails(call("a matrix", &[2, 2], [int(2)]), Code::Shape, "expects a vector")],
    ..OpDef::COMPOSITE
}
.shipped();
