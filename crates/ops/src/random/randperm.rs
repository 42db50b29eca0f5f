//! A random order.

use crate::invoke;
use crate::shared::create::factory::DTYPE;
use crate::shared::random::draw;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Arg, Attrs, Body, Call, Facts, Kind, OpDef, Sample, Spec, Specs, Tensor};
use adjoint_tensor::array::held;
use adjoint_tensor::{Array, Code, DType, Error, Result};

fn rule(call: &Facts) -> Result<Specs> {
    let n = call.attrs.get_int(0)?;
    let len = held(n, "n", || Error::usage(format!("n must be non-negative, got {n}")))?;
    Ok(Spec::one([len], call.attrs.opt_dtype(1).unwrap_or(DType::Int64)))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let n = outs[0].numel();
    outs[0].assign(&Array::from_slice(&draw::with(call, |g| g.permutation(n))??, &[n])?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "randperm",
    doc: "Returns the integers `0, …, n − 1` in random order.\n\n\
          The same seed gives PyTorch's order. The dtype is int64 where none is given. Source: PyTorch, `torch.randperm`.",
    args: &[Arg::required("n", Kind::Int), DTYPE, draw::GENERATOR],
    body: Body::Kernel { rule, run },
    samples: || vec![Sample::new("ten", vec![int(10).into()]), Sample::new("none", vec![int(0).into()])],
    errors: || vec![fails(Sample::new("a negative n", vec![int(-1).into()]), Code::Usage, "non-negative, got -1")],
    ..draw::drawn()
}
.shipped();

/// `0..n` in random order, int64.
pub fn randperm(n: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[], Attrs::new().int(n as i64))
}
