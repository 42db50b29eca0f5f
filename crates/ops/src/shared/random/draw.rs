//! What random ops share: filling an array from a generator.

use crate::shared::view::memory_format;
use adjoint_autograd::{
    Api, Arg, Arrays, Backward, Call, Class, Default, Facts, Grads, Half, Kind, OpDef, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::dtype::Element;
use adjoint_tensor::rng::{self, Generator};
use adjoint_tensor::{Array, DType, Error, Layout, Result, promotion, scratch};

/// The parameter that says which generator is drawn from.
pub const GENERATOR: Arg = Arg::optional("generator", Kind::Generator, Default::None);

/// Runs `f` with the generator of a call, the default one where none was given.
pub fn with<R>(call: &Call, f: impl FnOnce(&mut Generator) -> R) -> Result<R> {
    rng::with(call.attrs.generator(), f)
}

/// A free function that draws a new tensor.
pub const fn drawn() -> OpDef {
    OpDef {
        class: Class::Random,
        surface: &[Api::Function],
        half: Half::Native,
        vjp: Vjp::None("random numbers do not depend on anything"),
        ..OpDef::BASE
    }
}

/// A method that overwrites its tensor; what was there gets a gradient of 0.
pub const fn overwriting() -> OpDef {
    OpDef { surface: &[Api::InPlaceMethod], in_place: true, vjp: Vjp::Fn(no_gradient), ..drawn() }
}

/// The derivative of a result that does not depend on the input's values: zeros.
pub fn no_gradient(b: &Backward) -> Result<Grads> {
    let zeros = |i| Ok(Tensor::from_array(Array::zeros(b.shape(i), b.dtype(i))?));
    (0..b.inputs()).map(|i| if b.wants(i) { zeros(i).map(Some) } else { Ok(None) }).collect()
}

/// Refuses dtypes without fractions.
pub fn floating(dtype: DType) -> Result<DType> {
    match dtype {
        dtype if dtype.is_float() => Ok(dtype),
        other => Err(Error::dtype(format!(
            "random numbers are drawn in floating-point dtypes, not {}; cast the result with to()",
            other.name()
        ))
        .with("dtype", other.name())),
    }
}

/// The rule of `rand(size, dtype)`.
pub fn sized(call: &Facts) -> Result<Specs> {
    let dtype = floating(call.attrs.opt_dtype(1).unwrap_or(promotion::DEFAULT_FLOAT))?;
    Ok(Spec::one(call.attrs.get_shape(0)?, dtype))
}

/// The rule of `rand_like(input, dtype)`.
pub fn shaped_like(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dtype = floating(call.attrs.opt_dtype(0).unwrap_or(x.dtype()))?;
    Ok(memory_format::like(call, 1, dtype))
}

/// The rule of `input.uniform_()`.
pub fn same(call: &Facts) -> Result<Specs> {
    Ok(Spec::like(call.input(0), floating(call.input(0).dtype())?))
}

/// The elements of a fresh output as a vector, in the order of memory.
fn memory_order(out: &Array) -> Result<Array> {
    out.with_layout(Layout { offset: out.layout().offset, ..Layout::contiguous(&[out.numel()]) })
}

// Numbers are drawn in the order of memory, as PyTorch's iterator goes through a tensor.

/// Fills with uniform numbers in [low, high). Halves are drawn in float32 and rounded.
pub fn uniform(call: &Call, out: &mut Array, low: f64, high: f64) -> Result<()> {
    match out.dtype() {
        DType::Float32 => with(call, |g| g.fill_uniform(out.in_memory_order::<f32>(), low, high)),
        DType::Float64 => with(call, |g| g.fill_uniform(out.in_memory_order::<f64>(), low, high)),
        _ => uniform_half(call, out, low, high),
    }
}

/// Apart, as the loops of rare dtypes are.
#[inline(never)]
fn uniform_half(call: &Call, out: &mut Array, low: f64, high: f64) -> Result<()> {
    let mut wide = Array::empty(&[out.numel()], DType::Float32)?;
    uniform(call, &mut wide, low, high)?;
    // What would be rounded to the bound that is left out becomes the other, as in PyTorch.
    let bound = out.dtype().nearest(high);
    for v in wide.as_mut_slice::<f32>() {
        if out.dtype().nearest(f64::from(*v)) >= bound {
            *v = low as f32;
        }
    }
    memory_order(out)?.assign(&wide)
}

/// Fills with normal numbers: in blocks where the output is contiguous, else one by one. Halves are
/// drawn in float32 and rounded.
pub fn normal(call: &Call, out: &mut Array, mean: f64, std: f64) -> Result<()> {
    if !out.is_contiguous() {
        return each(call, out, |g| g.normal() * std + mean);
    }
    match out.dtype() {
        DType::Float32 => with(call, |g| g.fill_normal(out.as_mut_slice::<f32>(), mean, std)),
        DType::Float64 => with(call, |g| g.fill_normal(out.as_mut_slice::<f64>(), mean, std)),
        _ => normal_half(call, out, mean, std),
    }
}

#[inline(never)]
fn normal_half(call: &Call, out: &mut Array, mean: f64, std: f64) -> Result<()> {
    let mut wide = Array::empty(out.shape(), DType::Float32)?;
    with(call, |g| g.fill_normal_for_half(wide.as_mut_slice::<f32>(), mean, std))?;
    out.assign(&wide)
}

/// Fills with one number a call of `f`, drawn as an integer or in double precision and cast.
#[inline(never)]
pub fn each<T: Element>(call: &Call, out: &Array, mut f: impl FnMut(&mut Generator) -> T) -> Result<()> {
    let values = with(call, |g| scratch::collected((0..out.numel()).map(|_| f(g))))??;
    memory_order(out)?.assign(&Array::from_slice(&values, &[out.numel()])?)
}

/// Fails unless all values are probabilities.
pub fn probabilities(x: &Array) -> Result<Arrays> {
    match x.find(|p| !(0.0..=1.0).contains(&p))? {
        Some(p) => probability(p).map(|_| Arrays::new()),
        None => Ok(Arrays::new()),
    }
}

/// The values of `x`, broadcast to `shape` and row-major, as doubles.
pub fn expanded(x: &Array, shape: &[usize]) -> Result<Vec<f64>> {
    x.with_layout(x.layout().expand(shape)?)?.to_vec_f64()
}

/// Fills a row-major output with one number for each element of the first input, read in row-major
/// order.
#[inline(never)]
pub fn each_of(call: &Call, out: &mut Array, mut f: impl FnMut(&mut Generator, f64) -> f64) -> Result<()> {
    let given = call.input(0).to_vec_f64()?;
    let values = with(call, |g| scratch::collected(given.iter().map(|&v| f(g, v))))??;
    out.assign(&Array::from_slice(&values, out.shape())?)
}

/// Fails unless `p` is a probability.
pub fn probability(p: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&p) {
        Ok(p)
    } else {
        Err(Error::usage(format!("expects p to be in [0, 1], but got p={p}")))
    }
}
