//! Windows of signals: numbers at evenly spaced points.

use super::factory::{self, DTYPE};
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Api, Arg, Attr, Call, Default, Facts, Kind, OpDef, Sample, Spec, Specs};
use adjoint_tensor::{Array, Code, DType, Error, Result, promotion, scratch};

/// The number of points.
pub const M: Arg = Arg::required("M", Kind::Int);
/// Whether the window is its own mirror image; otherwise it is a period of a longer one.
pub const SYM: Arg = Arg::optional("sym", Kind::Bool, Default::Bool(true));

const ARGS: &[Arg] = &[M, SYM, DTYPE];
const WINDOWS: &[Api] = &[Api::Windows];

/// The rule of a window whose attributes `sym` and dtype are the last two.
pub fn rule(call: &Facts) -> Result<Specs> {
    let n = call.attrs.get_int(0)?;
    if n < 0 {
        return Err(Error::usage(format!("requires non-negative window length, got M={n}")));
    }
    let dtype = call.attrs.opt_dtype(call.op.args.len() - 1).unwrap_or(promotion::DEFAULT_FLOAT);
    if !matches!(dtype, DType::Float32 | DType::Float64) {
        return Err(Error::dtype(format!("expects float32 or float64 dtypes, got {}", dtype.name()))
            .with("dtype", dtype.name()));
    }
    Ok(Spec::one([adjoint_tensor::array::checked_size(n)?], dtype))
}

/// The number of points, and whether the window is symmetric.
pub fn sizes(call: &Call) -> (usize, bool) {
    (call.attrs.opt_int(0).unwrap_or(0) as usize, !matches!(call.attrs.get(call.op.args.len() - 2), Attr::Bool(false)))
}

/// Writes `f` of points from `start`, `step` apart.
pub fn write(out: &Array, start: f64, step: f64, f: impl Fn(f64) -> f64) -> Result<()> {
    let n = out.numel();
    let values = scratch::collected((0..n).map(|i| f(start + step * i as f64)))?;
    out.assign(&Array::from_slice(&values, &[n])?)
}

/// Writes the sum of `(−1)^i a_i cos(i t)` over a turn; 1 for a single point.
pub fn cosines(call: &Call, out: &Array, a: &[f64]) -> Result<()> {
    let (n, sym) = sizes(call);
    if n == 1 {
        return write(out, 0.0, 0.0, |_| 1.0);
    }
    let step = std::f64::consts::TAU / (if sym { n.max(2) - 1 } else { n.max(1) }) as f64;
    write(out, 0.0, step, |t| {
        a.iter().enumerate().map(|(i, a)| (if i % 2 == 0 { *a } else { -a }) * (i as f64 * t).cos()).sum()
    })
}

fn samples() -> Vec<Sample> {
    let s = |label, n, sym| Sample::new(label, vec![int(n).into(), Attr::Bool(sym).into()]);
    vec![s("symmetric", 5, true), s("a period", 4, false), s("one point", 1, true), s("no points", 0, true)]
}

/// What a window has whose only parameters are `M` and `sym`.
pub const fn window() -> OpDef {
    OpDef {
        args: ARGS,
        surface: WINDOWS,
        samples,
        errors: || {
            vec![fails(
                Sample::new("a negative length", vec![int(-1).into()]),
                Code::Usage,
                "non-negative window length",
            )]
        },
        ..factory::factory()
    }
}
