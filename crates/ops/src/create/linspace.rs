//! Evenly spaced numbers by their count.

use crate::invoke;
use crate::shared::checks;
use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Facts, Kind, OpDef, Sample, Spec, Specs, Tensor};
use adjoint_tensor::array::held;
use adjoint_tensor::{Array, Code, DType, Error, Result, promotion, scratch};

pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let steps = call.attrs.get_int(2)?;
    let negative = || Error::usage(format!("number of steps must be non-negative, got {steps}"));
    let n = held(steps, "number of steps", negative)?;
    let dtype = call.attrs.opt_dtype(call.op.args.len() - 1).unwrap_or(promotion::DEFAULT_FLOAT);
    if dtype == DType::Bool {
        return Err(Error::dtype("not implemented for bool; cast with to('bool')").with("dtype", "bool"));
    }
    for (i, name) in ["start", "end"].into_iter().enumerate() {
        if let Some(number) = call.attrs.opt_scalar(i) {
            checks::holds(name, number, dtype)?;
        }
    }
    Ok(Spec::one([n], dtype))
}

/// `steps` numbers from `start` to `end`. The second half is counted from the end, so that the end
/// is exact.
pub(super) fn points(call: &Call, n: usize, dtype: DType) -> Result<Vec<f64>> {
    let whole = |v: f64| if dtype.is_float() { v } else { dtype.nearest(v.trunc()) };
    let (start, end) = (whole(call.attrs.get_float(0)?), whole(call.attrs.get_float(1)?));
    if n < 2 {
        return scratch::filled(start, n);
    }
    if dtype == DType::Float32 {
        // In the dtype's own precision, so that points are those PyTorch gives.
        let (start, end) = (start as f32, end as f32);
        let step = (end - start) / (n - 1) as f32;
        let at = |i: usize| if i < n / 2 { start + step * i as f32 } else { end - step * (n - 1 - i) as f32 };
        return scratch::collected((0..n).map(|i| f64::from(at(i))));
    }
    let step = (end - start) / (n as f64 - 1.0);
    let at = |i: usize| if i < n / 2 { start + step * i as f64 } else { end - step * (n - 1 - i) as f64 };
    scratch::collected((0..n).map(at))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let n = outs[0].numel();
    outs[0].assign(&Array::from_slice(&points(call, n, outs[0].dtype())?, &[n])?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linspace",
    doc: "Returns a vector of `steps` evenly spaced numbers from `start` to `end`, both included.\n\n\
          The dtype is float32 where none is given. Source: PyTorch, `torch.linspace`.",
    args: &[
        Arg::required("start", Kind::Factor),
        Arg::required("end", Kind::Factor),
        Arg::required("steps", Kind::Int),
        DTYPE,
    ],
    body: Body::Kernel { rule, run },
    samples: || {
        let s = |label, args: [Attr; 3]| Sample::new(label, args.map(Into::into).into());
        vec![
            s("five points", [int(0), int(1), int(5)]),
            s("one point", [Attr::Float(0.5), int(9), int(1)]),
            s("no points", [int(0), int(1), int(0)]),
            s("downwards", [int(3), int(-3), int(4)]),
        ]
    },
    errors: || {
        let args = vec![int(0).into(), int(1).into(), int(-1).into()];
        vec![fails(Sample::new("a negative count", args), Code::Usage, "non-negative, got -1")]
    },
    ..factory::factory()
}
.shipped();

/// `steps` evenly spaced numbers from `start` to `end`.
pub fn linspace(start: f64, end: f64, steps: usize, dtype: DType) -> Result<Tensor> {
    invoke::with(&DEF, &[], Attrs::new().scalar(start).scalar(end).int(steps as i64).dtype(dtype))
}
