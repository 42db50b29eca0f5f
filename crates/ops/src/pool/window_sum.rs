//! Weighted sums over windows along one dim, and the transpose: each is the other's derivative.

use crate::invoke;
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Call, Class, Facts, Jvp, Kind, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::windows::{Weighted, Windowed};
use adjoint_tensor::{Array, Dims, Error, Result, memory, scratch};
use smallvec::smallvec;

/// The ops.
pub static DEFS: &[&OpDef] = &[&SUM, &SPREAD];

const WINDOWS: [Arg; 3] =
    [Arg::required("dim", Kind::Int), Arg::required("windows", Kind::Ints), Arg::required("weights", Kind::Floats)];

static SUM: OpDef = OpDef {
    name: "_window_sum",
    part_of: "interpolate",
    doc: "Weighted sums over windows along `dim`; `windows` holds the first place and the size of each, `weights` those of all in a row.",
    args: &[Arg::tensor("input"), WINDOWS[0], WINDOWS[1], WINDOWS[2]],
    class: Class::Opaque,
    node: "UpsampleLinear1DBackward0",
    surface: &[],
    body: Body::Kernel { rule: sum_rule, run: sum_run },
    vjp: Vjp::Fn(|b| {
        let dim = b.attrs().get_int(0)? as usize;
        let attrs = b.attrs().clone().int(b.shape(0)[dim] as i64);
        Ok(smallvec![Some(invoke::with(&SPREAD, &[Some(b.g())], attrs)?)])
    }),
    jvp: Jvp::Linear,
    saves: Saves::NOTHING,
    samples: || vec![sample(&[2, 4, 3], &[])],
    ..OpDef::BASE
}
.shipped();

static SPREAD: OpDef = OpDef {
    name: "_window_sum_spread",
    part_of: "interpolate",
    doc: "The derivative of `_window_sum` by an input whose dim `dim` has `length` elements.",
    args: &[Arg::tensor("grad_output"), WINDOWS[0], WINDOWS[1], WINDOWS[2], Arg::required("length", Kind::Int)],
    class: Class::Opaque,
    node: "UpsampleLinear1DBackwardBackward0",
    surface: &[],
    body: Body::Kernel { rule: spread_rule, run: spread_run },
    vjp: Vjp::Fn(|b| {
        let attrs = Attrs((0..3).map(|i| b.attrs().get(i).clone()).collect());
        Ok(smallvec![Some(invoke::with(&SUM, &[Some(b.g())], attrs)?)])
    }),
    jvp: Jvp::Linear,
    saves: Saves::NOTHING,
    samples: || vec![sample(&[2, 3, 2], &[Attr::Int(4)])],
    ..OpDef::BASE
}
.shipped();

fn sample(shape: &[usize], more: &[Attr]) -> Sample {
    let windows = Attr::Ints([0, 2, 1, 1, 1, 3][..].into());
    let weights = Attr::Floats([0.5, 0.25, 2.0, 0.25, 1.0, -0.5][..].into());
    let mut args = vec![SampleTensor::new(shape).into(), Attr::Int(1).into(), windows.into(), weights.into()];
    args.extend(more.iter().map(|attr| attr.clone().into()));
    Sample::new("overlapping windows", args)
}

fn windows(attrs: &Attrs) -> Result<Vec<Weighted>> {
    let (pairs, rest) = attrs.get_ints(1)?.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Error::usage("expected two integers a window"));
    }
    scratch::collected(pairs.iter().map(|&[start, size]| Weighted { start: start as usize, size: size as usize }))
}

fn weights<T: Windowed>(attrs: &Attrs) -> Result<Vec<T>> {
    scratch::collected(attrs.get_floats(2)?.iter().map(|&w| T::from_f64(w)))
}

/// What is before dim `dim`, the dim, and what is behind it.
fn extents(shape: &[usize], dim: usize) -> [usize; 3] {
    [shape[..dim].iter().product(), shape[dim], shape[dim + 1..].iter().product()]
}

fn with_length(call: &Facts, length: usize) -> Result<Specs> {
    let mut shape = Dims::from_slice(call.input(0).shape());
    shape[call.attrs.get_int(0)? as usize] = length;
    Ok(Spec::one(shape, call.input(0).dtype()))
}

fn sum_rule(call: &Facts) -> Result<Specs> {
    with_length(call, call.attrs.get_ints(1)?.len() / 2)
}

fn sum_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, windows) = (call.input(0).contiguous()?, windows(call.attrs)?);
    let extents = extents(x.shape(), call.attrs.get_int(0)? as usize);
    floats!(x.dtype(), T => {
        let weights: Vec<T> = weights(call.attrs)?;
        T::sums(extents, &windows, &weights, x.as_slice(), outs[0].as_mut_slice());
        Ok(())
    })
}

fn spread_rule(call: &Facts) -> Result<Specs> {
    with_length(call, call.attrs.get_int(3)? as usize)
}

fn spread_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (g, windows) = (call.input(0).contiguous()?, windows(call.attrs)?);
    let extents = extents(outs[0].shape(), call.attrs.get_int(0)? as usize);
    floats!(g.dtype(), T => {
        let weights: Vec<T> = weights(call.attrs)?;
        T::spread(extents, &windows, &weights, g.as_slice(), outs[0].as_mut_slice());
        Ok(())
    })
}

/// Windows along an axis with the weights of their elements.
#[derive(Debug, Default)]
pub struct Weights {
    windows: Vec<i64>,
    weights: Vec<f64>,
}

impl Weights {
    /// For `count` windows of at most `most` elements.
    pub fn with_room(count: usize, most: usize) -> Result<Self> {
        Ok(Self {
            windows: scratch::with_room(count.saturating_mul(2))?,
            weights: scratch::with_room(count.saturating_mul(most))?,
        })
    }

    /// Adds a window that begins at `start`.
    #[allow(clippy::disallowed_methods, reason = "within the room that was asked for")]
    pub fn push(&mut self, start: usize, weights: impl IntoIterator<Item = f64>) {
        let before = self.weights.len();
        self.weights.extend(weights);
        self.windows.extend([start as i64, (self.weights.len() - before) as i64]);
    }
}

/// Weighted sums over windows along `dim`.
pub fn window_sum(x: &Tensor, dim: usize, weights: &Weights) -> Result<Tensor> {
    // They are copied into attributes of the call, where there being no memory could not be an error.
    memory::ensure((weights.windows.len() + weights.weights.len()).saturating_mul(16))?;
    let attrs = Attrs::new().int(dim as i64).ints(&weights.windows);
    invoke::with(&SUM, &[Some(x)], attrs.with(Attr::Floats(weights.weights[..].into())))
}
