//! Evenly spaced numbers by their step, the end included.

use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Arg, Attr, Body, Call, Default, Facts, Kind, OpDef, Sample, Spec, Specs};
use adjoint_tensor::array::too_many;
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar, promotion, scratch};

fn numbers(call: &Facts) -> Result<[Scalar; 3]> {
    let number = |i: usize| call.attrs.opt_scalar(i).ok_or_else(|| Error::usage("expected a number"));
    Ok([number(0)?, number(1)?, call.attrs.opt_scalar(2).unwrap_or(Scalar::Int(1))])
}

fn rule(call: &Facts) -> Result<Specs> {
    let dtype = call.attrs.opt_dtype(3).unwrap_or(promotion::DEFAULT_FLOAT);
    let given = numbers(call)?;
    // An integer dtype computes with whole numbers.
    let whole = |v: Scalar| if dtype.is_float() { v.to_f64() } else { v.to_f64().trunc() };
    let [start, end, step] = given.map(whole);
    if dtype == DType::Bool {
        return Err(Error::dtype("not implemented for bool; cast with to('bool')").with("dtype", "bool"));
    }
    if step == 0.0 || step.is_nan() {
        return Err(Error::usage(format!("step must be nonzero, got {} for {}", given[2], dtype.name())));
    }
    if !start.is_finite() || !end.is_finite() {
        return Err(Error::usage(format!("unsupported range: {start} -> {end}")));
    }
    if (step > 0.0 && start > end) || (step < 0.0 && start < end) {
        return Err(Error::usage(format!(
            "upper bound and lower bound inconsistent with step sign, got {start}, {end} and step {step}"
        )));
    }
    let len = ((end - start) / step).floor() + 1.0;
    // What no double counts exactly is no size either.
    let counted = Some(len as usize).filter(|_| len < usize::MAX as f64 && len < 9_007_199_254_740_992.0);
    Ok(Spec::one([counted.ok_or_else(|| too_many(len as i128))?], dtype))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let [start, _, step] = numbers(call)?;
    let n = outs[0].numel();
    let values = if outs[0].dtype().is_float() {
        let (start, step) = (start.to_f64(), step.to_f64());
        Array::from_slice(&scratch::collected((0..n).map(|i| start + i as f64 * step))?, &[n])?
    } else {
        let (start, step) = (start.to_i64(), step.to_i64());
        Array::from_slice(
            &scratch::collected((0..n).map(|i| start.wrapping_add((i as i64).wrapping_mul(step))))?,
            &[n],
        )?
    };
    outs[0].assign(&values)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "range",
    doc: "Returns the vector `start, start + step, …` of the `⌊(end − start) / step⌋ + 1` numbers up to `end`, which is included.\n\n\
          The dtype is float32 where none is given, also for integers. Fails for a step of 0 or of the wrong sign. PyTorch's older form \
          of `arange`. Source: PyTorch, `torch.range`.",
    args: &[
        Arg::required("start", Kind::Factor),
        Arg::required("end", Kind::Factor),
        Arg::optional("step", Kind::Factor, Default::Int(1)),
        DTYPE,
    ],
    body: Body::Kernel { rule, run },
    samples: || {
        vec![
            Sample::new("two bounds", vec![int(2).into(), int(6).into()]),
            Sample::new("a negative step", vec![int(5).into(), int(-2).into(), int(-3).into()]),
            Sample::new("a fractional step", vec![int(1).into(), int(2).into(), Attr::Float(0.3).into()]),
            Sample::new("integers", vec![int(1).into(), int(4).into(), int(1).into(), Attr::DType(DType::Int64).into()]),
        ]
    },
    errors: || {
        let call = |label, numbers: [i64; 3]| Sample::new(label, numbers.map(|v| int(v).into()).into());
        vec![
            fails(call("a step of 0", [0, 2, 0]), Code::Usage, "nonzero"),
            fails(call("a step of the wrong sign", [0, 2, -1]), Code::Usage, "inconsistent with step sign"),
        ]
    },
    ..factory::factory()
}
.shipped();
