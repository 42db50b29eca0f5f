//! The frequencies that a discrete Fourier transform has samples of.

use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Api, Arg, Attr, Body, Call, Default, Facts, Kind, OpDef, Sample, Spec, Specs};
use adjoint_tensor::array::checked_size;
use adjoint_tensor::{Array, Code, Error, Result, promotion, scratch};

/// A rule for `n` points, of which `count` are kept.
fn rule(call: &Facts, count: impl FnOnce(usize) -> usize) -> Result<Specs> {
    let n = checked_size(call.attrs.get_int(0)?)?;
    let dtype = call.attrs.opt_dtype(2).unwrap_or(promotion::DEFAULT_FLOAT);
    if !dtype.is_float() {
        return Err(
            Error::dtype(format!("expected a floating-point dtype, got {}", dtype.name())).with("dtype", dtype.name())
        );
    }
    Ok(Spec::one([count(n)], dtype))
}

/// The numbers `k / (n d)`, for the k that `at` gives of each place.
fn run(call: &Call, outs: &mut [Array], at: impl Fn(usize, usize) -> f64) -> Result<()> {
    let (n, len) = (call.attrs.get_int(0)? as usize, outs[0].numel());
    let unit = 1.0 / (n as f64 * call.attrs.opt_float(1).unwrap_or(1.0));
    let values = scratch::collected((0..len).map(|i| at(i, n) * unit))?;
    outs[0].assign(&Array::from_slice(&values, &[len])?)
}

/// From 0 up, then from the lowest negative one.
fn both_signs(i: usize, n: usize) -> f64 {
    if i < n.div_ceil(2) { i as f64 } else { i as f64 - n as f64 }
}

const ARGS: &[Arg] = &[Arg::required("n", Kind::Int), Arg::optional("d", Kind::Float, Default::Float(1.0)), DTYPE];

/// The ops: of both signs, and those from 0 up.
pub static DEFS: &[&OpDef] = &[&BOTH, &HALF];

static BOTH: OpDef = OpDef {
    name: "fft_fftfreq",
    doc: "Returns the frequencies of the `n` samples of a discrete Fourier transform, `k / (n d)`: first those from 0 up, then the \
          negative ones.\n\n\
          `d` is the distance of samples. Floats only, float32 where no dtype is given. Source: PyTorch, `torch.fft.fftfreq`.",
    args: ARGS,
    surface: &[Api::Fft],
    body: Body::Kernel { rule: |call| rule(call, |n| n), run: |call, outs| run(call, outs, both_signs) },
    samples: || {
        vec![
            Sample::new("five", vec![int(5).into()]),
            Sample::new("four, a distance", vec![int(4).into(), Attr::Float(0.5).into()]),
            Sample::new("none", vec![int(0).into()]),
        ]
    },
    errors: || vec![fails(Sample::new("a negative count", vec![int(-1).into()]), Code::Shape, "-1")],
    ..factory::factory()
}
.shipped();

static HALF: OpDef = OpDef {
    name: "fft_rfftfreq",
    doc: "Returns the frequencies from 0 up of the `n` samples of a discrete Fourier transform: `k / (n d)` for k from 0 to ⌊n / 2⌋.\n\n\
          `d` is the distance of samples. Floats only, float32 where no dtype is given. Source: PyTorch, `torch.fft.rfftfreq`.",
    body: Body::Kernel { rule: |call| rule(call, |n| n / 2 + 1), run: |call, outs| run(call, outs, |i, _| i as f64) },
    ..BOTH
}
.shipped();
