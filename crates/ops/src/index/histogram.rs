//! How many elements are in each of a row of bins.

use crate::create::linspace;
use crate::shared::checks;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{
    Api, Arg, Attr, Body, Call, Class, Default, Facts, Kind, OpDef, Sample, SampleTensor, Spec, Specs, Vjp,
};
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use smallvec::smallvec;

fn bins(call: &Facts) -> Result<usize> {
    match call.attrs.opt_int(0).unwrap_or(100) {
        n if n > 0 => adjoint_tensor::array::checked_size(n),
        n => Err(Error::usage(format!("bins must be > 0, got {n}"))),
    }
}

/// The ends of the bins: those that were given, or where they are equal the least and the greatest element, and where
/// those are, so much `beside` it.
fn ends(values: &[f64], low: f64, high: f64, beside: f64) -> Result<(f64, f64)> {
    if !low.is_finite() || !high.is_finite() {
        return Err(Error::usage(format!("range of [{low}, {high}] is not finite")));
    }
    if low > high {
        return Err(Error::usage(format!("max must be larger than min, got min {low} and max {high}")));
    }
    let (mut low, mut high) = (low, high);
    if low == high && !values.is_empty() {
        low = values.iter().copied().fold(f64::INFINITY, f64::min);
        high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !low.is_finite() || !high.is_finite() || values.iter().any(|v| v.is_nan()) {
            return Err(Error::usage(format!("range of [{low}, {high}] is not finite; pass one")));
        }
    }
    Ok(if low == high { (low - beside, high + beside) } else { (low, high) })
}

/// Adds the weight of each value to its bin of equal ones; the last bin has its end.
fn equal(values: &[f64], weights: Option<&[f64]>, (low, high): (f64, f64), sums: &mut [f64]) {
    let n = sums.len();
    for (i, &v) in values.iter().enumerate() {
        if v >= low && v <= high {
            let place = ((v - low) / (high - low) * n as f64) as usize;
            sums[place.min(n - 1)] += weights.map_or(1.0, |w| w[i]);
        }
    }
}

/// The same for bins between ascending edges.
fn between(values: &[f64], weights: Option<&[f64]>, edges: &[f64], sums: &mut [f64]) {
    let (Some(&low), Some(&high)) = (edges.first(), edges.last()) else { return };
    for (i, &v) in values.iter().enumerate() {
        if v >= low && v <= high && !sums.is_empty() {
            let place = edges.partition_point(|&edge| edge <= v).saturating_sub(1);
            sums[place.min(sums.len() - 1)] += weights.map_or(1.0, |w| w[i]);
        }
    }
}

/// Floats, and weights like them.
fn operands(call: &Facts, weight: usize) -> Result<DType> {
    let x = call.input(0);
    checks::floating("input", x.dtype())?;
    if let Some(w) = call.given(weight) {
        checks::same_dtype("a weight", w.dtype(), x.dtype())?;
        if w.shape() != x.shape() {
            return Err(Error::shape(format!(
                "if a weight is given, it needs the shape of input, got {:?} and {:?}",
                w.shape(),
                x.shape()
            )));
        }
    }
    Ok(x.dtype())
}

fn histc_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let values = call.input(0).to_vec_f64()?;
    let (low, high) = (call.attrs.opt_float(1).unwrap_or(0.0), call.attrs.opt_float(2).unwrap_or(0.0));
    let mut sums = scratch::filled(0.0, outs[0].numel())?;
    equal(&values, None, ends(&values, low, high, 1.0)?, &mut sums);
    outs[0].assign(&Array::from_slice(&sums, outs[0].shape())?)
}

/// Makes sums densities: those of bins of width 1 that sum to 1.
fn normalise(sums: &mut [f64], edges: &[f64]) {
    let total: f64 = sums.iter().sum();
    sums.iter_mut().enumerate().for_each(|(i, sum)| *sum /= total * (edges[i + 1] - edges[i]));
}

fn write(outs: &mut [Array], sums: &[f64], edges: &[f64]) -> Result<()> {
    outs[0].assign(&Array::from_slice(sums, &[sums.len()])?)?;
    outs[1].assign(&Array::from_slice(edges, &[edges.len()])?)
}

fn rule(call: &Facts) -> Result<Specs> {
    let (n, dtype) = (bins(call)?, operands(call, 1)?);
    if !matches!(call.attrs.get(1), Attr::None) && call.attrs.get_floats(1)?.len() != 2 {
        return Err(Error::usage(format!("range should be two numbers, got {:?}", call.attrs.get_floats(1)?)));
    }
    Ok(smallvec![Spec::new([n], dtype), Spec::new([n + 1], dtype)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let values = call.input(0).to_vec_f64()?;
    let weights = call.given(1).map(Array::to_vec_f64).transpose()?;
    let (low, high) = match call.attrs.get(1) {
        Attr::None => (0.0, 0.0),
        _ => (call.attrs.get_floats(1)?[0], call.attrs.get_floats(1)?[1]),
    };
    // Nothing is spread over [0, 1].
    let (low, high) = if values.is_empty() && low == high { (0.0, 1.0) } else { ends(&values, low, high, 0.5)? };
    let n = outs[0].numel();
    let mut sums = scratch::filled(0.0, n)?;
    let edges = linspace::linspace(low, high, n + 1, outs[0].dtype())?.array().to_vec_f64()?;
    between(&values, weights.as_deref(), &edges, &mut sums);
    if call.attrs.get_bool(2) {
        normalise(&mut sums, &edges);
    }
    write(outs, &sums, &edges)
}

fn edges_rule(call: &Facts) -> Result<Specs> {
    let (edges, dtype) = (call.input(1), operands(call, 2)?);
    checks::same_dtype("bins", edges.dtype(), dtype)?;
    if edges.rank() != 1 || edges.numel() < 2 {
        return Err(Error::shape(format!(
            "bins must be a vector of at least two edges, got shape {:?}",
            edges.shape()
        )));
    }
    let n = edges.numel();
    Ok(smallvec![Spec::new([n - 1], dtype), Spec::new([n], dtype)])
}

fn edges_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (values, edges) = (call.input(0).to_vec_f64()?, call.input(1).to_vec_f64()?);
    let weights = call.given(2).map(Array::to_vec_f64).transpose()?;
    let mut sums = scratch::filled(0.0, edges.len() - 1)?;
    between(&values, weights.as_deref(), &edges, &mut sums);
    if call.attrs.get_bool(0) {
        normalise(&mut sums, &edges);
    }
    write(outs, &sums, &edges)
}

const WEIGHT: Arg = Arg::optional("weight", Kind::Tensor, Default::None);
const DENSITY: Arg = Arg::optional("density", Kind::Bool, Default::Bool(false));

/// The ops.
pub static DEFS: &[&OpDef] = &[&HISTC, &HISTOGRAM, &EDGES];

static HISTC: OpDef = OpDef {
    name: "histc",
    doc: "Returns how many elements of `input` are in each of `bins` equal bins from `min` to `max`.\n\n\
          Where both are equal they are the least and the greatest element. The last bin has its end. Elements outside \
          and NaN do not count. Floats only. Without a derivative. Source: PyTorch, `torch.histc`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("bins", Kind::Int, Default::Int(100)),
        Arg::optional("min", Kind::Factor, Default::Int(0)),
        Arg::optional("max", Kind::Factor, Default::Int(0)),
    ],
    class: Class::Index,
    body: Body::Kernel { rule: |call| Ok(Spec::one([bins(call)?], operands(call, 1)?)), run: histc_run },
    vjp: Vjp::None("returns counts"),
    samples: || {
        let x = || SampleTensor::new(&[2, 5]).constant().into();
        vec![
            Sample::new("all", vec![x(), int(4).into()]),
            Sample::new("a range", vec![x(), int(3).into(), int(-1).into(), int(2).into()]),
        ]
    },
    errors: || {
        vec![fails(
            Sample::new("no bins", vec![SampleTensor::new(&[3]).into(), int(0).into()]),
            Code::Usage,
            "bins must be > 0",
        )]
    },
    ..OpDef::BASE
}
.shipped();

static HISTOGRAM: OpDef = OpDef {
    name: "histogram",
    doc: "Returns the sum of the weights of the elements of `input` in each bin, and the edges of the bins.\n\n\
          `bins` is how many equal ones there are over `range`, or over all elements; or their ascending edges. Without \
          `weight` each counts 1. `density` divides by the sum and the width of a bin. The last bin has its end. Floats \
          only. Without a derivative. Source: PyTorch, `torch.histogram`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("bins", Kind::Int, Default::Int(100)),
        Arg::optional("range", Kind::Floats, Default::None),
        WEIGHT,
        DENSITY,
    ],
    outputs: &["hist", "bin_edges"],
    class: Class::Index,
    surface: &[Api::Function, Api::Method],
    body: Body::Kernel { rule, run },
    vjp: Vjp::None("returns counts"),
    samples: || vec![Sample::new("all", vec![SampleTensor::new(&[2, 5]).constant().into(), int(4).into()])],
    errors: || vec![fails(Sample::new("no bins", vec![SampleTensor::new(&[3]).into(), int(0).into()]), Code::Usage, "bins must be > 0")],
    ..OpDef::BASE
}
.shipped();

static EDGES: OpDef = OpDef {
    name: "histogram.edges",
    args: &[Arg::tensor("input"), Arg::tensor("bins"), WEIGHT, DENSITY],
    body: Body::Kernel { rule: edges_rule, run: edges_run },
    samples: || {
        let edges = SampleTensor::new(&[2]).range(-1.0, -1.0).constant();
        vec![Sample::new("edges", vec![SampleTensor::new(&[5]).constant().into(), edges.into()])]
    },
    errors: || {
        let t = |shape: &[usize]| SampleTensor::new(shape).into();
        vec![fails(Sample::new("one edge", vec![t(&[3]), t(&[1])]), Code::Shape, "at least two edges")]
    },
    ..HISTOGRAM
}
.shipped();
