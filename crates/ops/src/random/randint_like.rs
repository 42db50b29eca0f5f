//! `randint` with the shape and dtype of another tensor.

use crate::invoke;
use crate::shared::create::factory::DTYPE;
use crate::shared::random::draw;
use crate::shared::view::memory_format;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Body, Call, Facts, Kind, OpDef, Specs, Tensor};
use adjoint_tensor::{Array, Code, Error, Result};

/// The bounds, and at which attribute the dtype is.
fn bounds(call: &Facts) -> Result<(i64, i64, usize)> {
    if call.op.args[1].name == "low" {
        Ok((call.attrs.get_int(0)?, call.attrs.get_int(1)?, 2))
    } else {
        Ok((0, call.attrs.get_int(0)?, 1))
    }
}

fn rule(call: &Facts) -> Result<Specs> {
    let (low, high, at) = bounds(call)?;
    if low >= high {
        return Err(Error::usage(format!("expects 'from' to be less than 'to', but got from={low} >= to={high}")));
    }
    let dtype = call.attrs.opt_dtype(at).unwrap_or(call.input(0).dtype());
    Ok(memory_format::like(call, at + 1, dtype))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (low, high, _) = bounds(call)?;
    let range = high.wrapping_sub(low) as u64;
    draw::each(call, &outs[0], |g| low.wrapping_add(g.below(range) as i64))
}

static HIGH: OpDef = OpDef {
    name: "randint_like",
    doc: "Returns random integers from `low`, 0 where it is left out, to below `high`, with the shape of `input`, and its dtype \
          where none is given.\n\n\
          The same seed gives PyTorch's numbers. Fails unless `low < high`. Source: PyTorch, `torch.randint_like`.",
    args: &[Arg::tensor("input"), Arg::required("high", Kind::Int), DTYPE, memory_format::ARG, draw::GENERATOR],
    body: Body::Kernel { rule, run },
    samples: || vec![call("below 10", &[2, 3], [int(10)])],
    errors: || vec![fails(call("an empty range", &[2], [int(0)]), Code::Usage, "from=0 >= to=0")],
    ..draw::drawn()
}
.shipped();

static LOW: OpDef = OpDef {
    name: "randint_like.low",
    args: &[
        Arg::tensor("input"),
        Arg::required("low", Kind::Int),
        Arg::required("high", Kind::Int),
        DTYPE,
        memory_format::ARG,
        draw::GENERATOR,
    ],
    samples: || vec![call("a range", &[5], [int(-5), int(5)])],
    errors: || vec![fails(call("bounds reversed", &[2], [int(2), int(1)]), Code::Usage, "from=2 >= to=1")],
    ..HIGH
}
.shipped();

/// The ops of this file. The one with a lower bound comes first, as more arguments are given to it.
pub static DEFS: &[&OpDef] = &[&LOW, &HIGH];

/// Integers in `low..high` like `x`.
pub fn randint_like(x: &Tensor, low: i64, high: i64) -> Result<Tensor> {
    invoke::with(&LOW, &[Some(x)], Attrs::new().int(low).int(high))
}
