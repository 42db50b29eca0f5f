//! Evenly spaced numbers by their step.

use crate::invoke;
use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Default, Facts, Kind, OpDef, Sample, Spec, Specs, Tensor};
use adjoint_tensor::array::too_many;
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar, scratch};

/// Start, end and step.
struct Range {
    start: Scalar,
    end: Scalar,
    step: Scalar,
}

impl Range {
    fn dtype(&self) -> DType {
        let float = [self.start, self.end, self.step].iter().any(|v| matches!(v, Scalar::Float(_)));
        if float { DType::Float32 } else { DType::Int64 }
    }

    /// The number of elements, or what is wrong.
    fn len(&self, dtype: DType) -> Result<usize> {
        let (start, end, step) = (self.start.to_f64(), self.end.to_f64(), self.step.to_f64());
        if step == 0.0 || step.is_nan() {
            return Err(Error::usage(format!("step must be nonzero, got {step}")));
        }
        if !start.is_finite() || !end.is_finite() {
            return Err(Error::usage(format!("unsupported range: {start} -> {end}")));
        }
        if (step > 0.0) != (end >= start) && end != start {
            return Err(Error::usage(format!(
                "upper bound and lower bound inconsistent with step sign, got {start}, {end} and step {step}"
            )));
        }
        let len = if dtype.is_float() {
            ((end - start) / step).ceil()
        } else {
            // Whole numbers, so that bounds beyond 2^53 count right.
            let (start, end, step) = (self.start.to_i64(), self.end.to_i64(), self.step.to_i64());
            if step == 0 {
                return Err(Error::usage(format!("step must be nonzero, got {} for {}", self.step, dtype.name())));
            }
            let distance = i128::from(end) - i128::from(start);
            let len = distance / i128::from(step) + i128::from(distance % i128::from(step) != 0);
            return usize::try_from(len.max(0)).map_err(|_| too_many(len));
        };
        // What no double counts exactly is no size either.
        let counted = Some(len as usize).filter(|_| len < usize::MAX as f64 && len < 9_007_199_254_740_992.0);
        counted.ok_or_else(|| too_many(len as i128))
    }
}

fn range(call: &Facts) -> Result<(Range, Option<DType>)> {
    let number = |i: usize| call.attrs.opt_scalar(i).ok_or_else(|| Error::usage("expected a number"));
    Ok(if call.op.args.len() == 2 {
        (Range { start: Scalar::Int(0), end: number(0)?, step: Scalar::Int(1) }, call.attrs.opt_dtype(1))
    } else {
        let step = call.attrs.opt_scalar(2).unwrap_or(Scalar::Int(1));
        (Range { start: number(0)?, end: number(1)?, step }, call.attrs.opt_dtype(3))
    })
}

fn rule(call: &Facts) -> Result<Specs> {
    let (range, dtype) = range(call)?;
    let dtype = dtype.unwrap_or_else(|| range.dtype());
    Ok(Spec::one([range.len(dtype)?], dtype))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let Range { start, step, .. } = range(call)?.0;
    let (n, dtype) = (outs[0].numel(), outs[0].dtype());
    let values = if dtype.is_float() {
        let (start, step) = (start.to_f64(), step.to_f64());
        Array::from_slice(&scratch::collected((0..n).map(|i| start + i as f64 * step))?, &[n])?
    } else {
        let (start, step) = (start.to_i64(), step.to_i64());
        Array::from_slice(&scratch::collected((0..n).map(|i| start + i as i64 * step))?, &[n])?
    };
    outs[0].assign(&values)
}

const DOC: &str = "Returns the vector `start, start + step, …` of the `⌈(end − start) / step⌉` numbers before `end`.\n\n\
                   Where no dtype is given it is int64 if all numbers are integers, else float32. Fails for a step of 0 or of the \
                   wrong sign. Source: PyTorch, `torch.arange`.";

static END: OpDef = OpDef {
    name: "arange",
    doc: DOC,
    args: &[Arg::required("end", Kind::Factor), DTYPE],
    body: Body::Kernel { rule, run },
    samples: || {
        vec![
            Sample::new("an integer", vec![int(5).into()]),
            Sample::new("a fraction", vec![Attr::Float(2.5).into()]),
            Sample::new("nothing", vec![int(0).into()]),
            Sample::new("a dtype", vec![int(3).into(), Attr::DType(DType::Float64).into()]),
        ]
    },
    errors: || {
        vec![fails(Sample::new("a negative end", vec![int(-1).into()]), Code::Usage, "inconsistent with step sign")]
    },
    ..factory::factory()
}
.shipped();

static START: OpDef = OpDef {
    name: "arange.start_step",
    args: &[
        Arg::required("start", Kind::Factor),
        Arg::required("end", Kind::Factor),
        Arg::optional("step", Kind::Factor, Default::Int(1)),
        DTYPE,
    ],
    samples: || {
        vec![
            Sample::new("two bounds", vec![int(2).into(), int(6).into()]),
            Sample::new("a negative step", vec![int(5).into(), int(-2).into(), int(-3).into()]),
            Sample::new("a fractional step", vec![int(1).into(), int(2).into(), Attr::Float(0.3).into()]),
        ]
    },
    errors: || {
        vec![fails(
            Sample::new("a step of 0", vec![int(0).into(), int(2).into(), int(0).into()]),
            Code::Usage,
            "nonzero",
        )]
    },
    ..END
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&END, &START];

/// `0, 1, …, end − 1`.
pub fn arange(end: usize, dtype: DType) -> Result<Tensor> {
    invoke::with(&END, &[], Attrs::new().int(end as i64).dtype(dtype))
}
