//! Evenly spaced exponents.

use super::linspace;
use crate::invoke;
use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Default, Kind, OpDef, Sample, Tensor};
use adjoint_tensor::{Array, Code, DType, Result};

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let n = outs[0].numel();
    let base = call.attrs.opt_float(3).unwrap_or(10.0);
    let mut powers = linspace::points(call, n, DType::Float64)?;
    powers.iter_mut().for_each(|exponent| *exponent = base.powf(*exponent));
    outs[0].assign(&Array::from_slice(&powers, &[n])?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logspace",
    doc: "Returns a vector of `steps` numbers from `base` to the power `start` to `base` to the power `end`, with evenly spaced \
          exponents.\n\nThe dtype is float32 where none is given. Source: PyTorch, `torch.logspace`.",
    args: &[
        Arg::required("start", Kind::Factor),
        Arg::required("end", Kind::Factor),
        Arg::required("steps", Kind::Int),
        Arg::optional("base", Kind::Float, Default::Float(10.0)),
        DTYPE,
    ],
    body: Body::Kernel { rule: linspace::rule, run },
    samples: || {
        let s = |label, args: [Attr; 3]| Sample::new(label, args.map(Into::into).into());
        vec![s("three powers of ten", [int(0), int(2), int(3)]), s("no points", [int(0), int(1), int(0)])]
    },
    errors: || {
        let args = vec![int(0).into(), int(1).into(), int(-1).into()];
        vec![fails(Sample::new("a negative count", args), Code::Usage, "non-negative, got -1")]
    },
    ..factory::factory()
}
.shipped();

/// `steps` numbers from `10^start` to `10^end`.
pub fn logspace(start: f64, end: f64, steps: usize, dtype: DType) -> Result<Tensor> {
    invoke::with(&DEF, &[], Attrs::new().scalar(start).scalar(end).int(steps as i64).float(10.0).dtype(dtype))
}
