//! Random integers, in place.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Body, Call, Facts, Kind, OpDef, Spec, Specs, Tensor};
use adjoint_tensor::{Array, Code, DType, Error, Result};

/// The greatest number that is drawn where no bound is given: the greatest integer, or 2 to the
/// bits of a mantissa.
fn greatest(dtype: DType) -> u64 {
    match dtype {
        DType::Bool => 1,
        DType::Int8 => i8::MAX as u64,
        DType::UInt8 => u64::from(u8::MAX),
        DType::Int16 => i16::MAX as u64,
        DType::Int32 => i32::MAX as u64,
        DType::Int64 => i64::MAX as u64,
        DType::Float16 => 1 << 11,
        DType::BFloat16 => 1 << 8,
        DType::Float32 => 1 << 24,
        DType::Float64 => 1 << 53,
    }
}

/// The bounds of a call: the least number, and one more than the greatest.
fn bounds(call: &Facts) -> Result<(i64, Option<i64>)> {
    match call.op.args.len() {
        2 => Ok((0, None)),
        3 => Ok((0, Some(call.attrs.get_int(0)?))),
        _ => Ok((call.attrs.get_int(0)?, Some(call.attrs.get_int(1)?))),
    }
}

fn rule(call: &Facts) -> Result<Specs> {
    if let (from, Some(to)) = bounds(call)?
        && from >= to
    {
        return Err(Error::usage(format!("expects 'from' to be less than 'to', but got from={from} >= to={to}")));
    }
    Ok(Spec::like(call.input(0), call.input(0).dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let dtype = outs[0].dtype();
    match bounds(call)? {
        (from, Some(to)) => {
            let range = to.wrapping_sub(from) as u64;
            draw::each(call, &outs[0], |g| from.wrapping_add(g.below(range) as i64))
        }
        // Two words where one has too few bits.
        (_, None) if matches!(dtype, DType::Int64 | DType::Float64) => {
            let range = greatest(dtype) + 1;
            draw::each(call, &outs[0], |g| (g.u64() % range) as i64)
        }
        (_, None) => {
            let range = greatest(dtype) + 1;
            draw::each(call, &outs[0], |g| (u64::from(g.u32()) % range) as i64)
        }
    }
}

/// Without bounds.
static ALL: OpDef = OpDef {
    name: "random",
    doc: "Fills the tensor with random integers from `from`, 0 where it is left out, to below `to`.\n\n\
          Without bounds they go up to the greatest integer of the dtype, of a floating one up to 2 to the bits of its mantissa. \
          The same seed gives PyTorch's numbers. Fails unless `from < to`. Source: PyTorch, `Tensor.random_`.",
    args: &[Arg::tensor("input"), draw::GENERATOR],
    node: "RandomBackward2",
    body: Body::Kernel { rule, run },
    samples: || vec![call("all", &[5], [])],
    ..draw::overwriting()
}
.shipped();

static TO: OpDef = OpDef {
    name: "random.to",
    args: &[Arg::tensor("input"), Arg::required("to", Kind::Int), draw::GENERATOR],
    node: "RandomBackward1",
    samples: || vec![call("below 10", &[5], [int(10)])],
    errors: || vec![fails(call("an empty range", &[2], [int(0)]), Code::Usage, "from=0 >= to=0")],
    ..ALL
}
.shipped();

static FROM: OpDef = OpDef {
    name: "random.from",
    args: &[Arg::tensor("input"), Arg::required("from", Kind::Int), Arg::required("to", Kind::Int), draw::GENERATOR],
    node: "RandomBackward0",
    samples: || vec![call("a range", &[5], [int(-3), int(3)])],
    errors: || vec![fails(call("bounds reversed", &[2], [int(2), int(1)]), Code::Usage, "from=2 >= to=1")],
    ..ALL
}
.shipped();

/// The ops of this file, the most particular first.
pub static DEFS: &[&OpDef] = &[&FROM, &TO, &ALL];

/// Fills `x` with integers in `from..to`.
pub fn random_(x: &Tensor, from: i64, to: i64) -> Result<()> {
    invoke::in_place(&FROM, &[Some(x)], Attrs::new().int(from).int(to))
}
