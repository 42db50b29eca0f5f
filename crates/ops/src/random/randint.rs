//! Random integers.

use crate::invoke;
use crate::shared::create::factory::DTYPE;
use crate::shared::random::draw;
use crate::shared::view::samples::{fails, int, ints};
use adjoint_autograd::{Arg, Attrs, Body, Call, Facts, Kind, OpDef, Sample, Spec, Specs, Tensor};
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};

/// The attribute that is the upper bound: the first, or the second where there is a lower one.
fn bounds(call: &Facts) -> Result<(i64, i64)> {
    if call.op.args[0].name == "low" {
        Ok((call.attrs.get_int(0)?, call.attrs.get_int(1)?))
    } else {
        Ok((0, call.attrs.get_int(0)?))
    }
}

fn rule(call: &Facts) -> Result<Specs> {
    let (low, high) = bounds(call)?;
    if low >= high {
        return Err(Error::usage(format!("expects 'from' to be less than 'to', but got from={low} >= to={high}")));
    }
    let at = call.op.args.len() - 3;
    Ok(Spec::one(call.attrs.get_shape(at)?, call.attrs.opt_dtype(at + 1).unwrap_or(DType::Int64)))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (low, high) = bounds(call)?;
    let range = high.wrapping_sub(low) as u64;
    let n = outs[0].numel();
    let values = draw::with(call, |g| scratch::collected((0..n).map(|_| low.wrapping_add(g.below(range) as i64))))??;
    outs[0].assign(&Array::from_slice(&values, outs[0].shape())?)
}

const DOC: &str = "Returns a tensor of shape `size` of random integers from `low`, 0 where it is left out, to below `high`.\n\n\
                   The same seed gives PyTorch's numbers. The dtype is int64 where none is given. Fails unless `low < high`. \
                   Source: PyTorch, `torch.randint`.";

static HIGH: OpDef = OpDef {
    name: "randint",
    doc: DOC,
    args: &[Arg::required("high", Kind::Int), Arg::required("size", Kind::Ints), DTYPE, draw::GENERATOR],
    body: Body::Kernel { rule, run },
    samples: || vec![Sample::new("below 10", vec![int(10).into(), ints(&[2, 3]).into()])],
    errors: || {
        let args = vec![int(0).into(), ints(&[2]).into()];
        vec![fails(Sample::new("an empty range", args), Code::Usage, "from=0 >= to=0")]
    },
    ..draw::drawn()
}
.shipped();

static LOW: OpDef = OpDef {
    name: "randint.low",
    args: &[
        Arg::required("low", Kind::Int),
        Arg::required("high", Kind::Int),
        Arg::required("size", Kind::Ints),
        DTYPE,
        draw::GENERATOR,
    ],
    samples: || {
        let s = |label, low, high| Sample::new(label, vec![int(low).into(), int(high).into(), ints(&[5]).into()]);
        vec![s("a range", -5, 5), s("a range of more than 32 bits", 0, 1 << 40)]
    },
    errors: || {
        let args = vec![int(2).into(), int(1).into(), ints(&[2]).into()];
        vec![fails(Sample::new("bounds reversed", args), Code::Usage, "from=2 >= to=1")]
    },
    ..HIGH
}
.shipped();

/// The ops of this file. The one with a lower bound comes first: `randint(1, 3)` lacks a size
/// either way.
pub static DEFS: &[&OpDef] = &[&LOW, &HIGH];

/// Integers in `low..high`.
pub fn randint(low: i64, high: i64, shape: &[usize], dtype: DType) -> Result<Tensor> {
    invoke::with(&LOW, &[], Attrs::new().int(low).int(high).shape(shape).dtype(dtype))
}
