//! What ops that move elements along one dim share: the axis, the indices, and adding.

use crate::checks;
use adjoint_kernels::dtype::Element;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::{Array, DType, Dims, Error, Layout, Meta, Result};

/// Dim `dim` of an array of this shape as an axis; a 0-dim array is one element along it.
pub fn axis(shape: &[usize], dim: usize) -> Axis {
    if shape.is_empty() { Axis::whole(1) } else { Axis::of(shape, dim) }
}

/// The size of a dim; 1 for a 0-dim array.
pub fn size(shape: &[usize], dim: usize) -> usize {
    shape.get(dim).copied().unwrap_or(1)
}

/// Fails unless a tensor is of integers that indices may be.
pub fn integers(x: &Meta) -> Result<()> {
    match x.dtype() {
        DType::Int64 | DType::Int32 => Ok(()),
        other => Err(checks::wrong_integers("an index", "int64 or int32", other)),
    }
}

/// The same; no indices may have any dtype.
pub fn integers_or_empty(x: &Meta) -> Result<()> {
    if x.numel() == 0 { Ok(()) } else { integers(x) }
}

/// A tensor of indices as contiguous 64-bit integers.
pub fn indices(x: &Array) -> Result<Array> {
    integers(x)?;
    x.cast(DType::Int64)?.contiguous()
}

/// The same; no indices may have any dtype.
pub fn indices_or_empty(x: &Array) -> Result<Array> {
    if x.numel() == 0 { Array::zeros(x.shape(), DType::Int64) } else { indices(x) }
}

/// Fails unless every index is in `0..n`.
pub fn in_range(indices: &[i64], n: usize, dim: usize) -> Result<()> {
    match indices.iter().find(|&&i| i < 0 || i >= n as i64) {
        None => Ok(()),
        Some(&i) => Err(out_of_bounds(i, n, dim)),
    }
}

/// Fails unless every index is in `-n..n`.
pub fn in_wrapped_range(indices: &[i64], n: usize, dim: usize) -> Result<()> {
    match adjoint_kernels::index::first_bad_index(indices, n) {
        None => Ok(()),
        Some(at) => Err(out_of_bounds(indices[at], n, dim)),
    }
}

#[cold]
fn out_of_bounds(index: i64, n: usize, dim: usize) -> Error {
    Error::index(format!("index {index} is out of bounds for dimension {dim} with size {n}"))
        .with("index", index)
        .with("dim", dim)
        .with("size", n)
}

/// Fails unless two tensors that must have one dtype do.
pub fn same_dtype(input: DType, other: DType, name: &str) -> Result<()> {
    if input == other {
        return Ok(());
    }
    Err(Error::dtype(format!(
        "expected {name} to have the dtype of input, got {} and {}; cast it with to()",
        other.name(),
        input.name()
    ))
    .with("dtype", other.name()))
}

/// A 0-dim shape as one of one element; others as they are.
pub fn at_least_1d(shape: &[usize]) -> Dims {
    if shape.is_empty() { Dims::from_slice(&[1]) } else { Dims::from_slice(shape) }
}

/// The part of `x` where `index` has an element in every dim but `dim`. `x` has at least one dim, as `index` has.
pub fn beside(x: &Layout, index: &[usize], dim: usize) -> Layout {
    let mut out = x.clone();
    for (d, &n) in index.iter().enumerate().filter(|&(d, _)| d != dim) {
        out = out.slice(d, 0, n, 1);
    }
    out
}

/// A layout with at least one dim.
pub fn layout_1d(x: &Layout) -> Layout {
    if x.rank() == 0 { x.unsqueeze(0) } else { x.clone() }
}

/// Elements that can be added; integers wrap.
pub trait Accumulate: Element {
    /// The sum.
    fn plus(self, other: Self) -> Self;
}

impl Accumulate for f32 {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Accumulate for f64 {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Accumulate for i64 {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

/// Runs `$body` with the elements of a fresh array, and those of one of its dtype to add to them.
///
/// Narrow integers and bools add in int64 and half floats in float32, in copies that are cast back: wrapped, *or*ed and rounded once. Loops for
/// each dtype would be three times the code.
macro_rules! accumulate {
    ($out:expr, $source:expr, |$to:ident, $from:ident| $body:expr) => {{
        let (out, source): (&mut adjoint_tensor::Array, &adjoint_tensor::Array) = ($out, $source);
        let dtype = source.dtype();
        let wide = crate::index::along::sum_dtype(dtype);
        let source = source.cast(wide)?;
        let mut copy = None;
        let to = if wide == dtype { &mut *out } else { copy.insert(out.cast(wide)?) };
        match wide {
            adjoint_tensor::DType::Float32 => {
                let ($to, $from) = (to.as_mut_slice::<f32>(), source.as_slice::<f32>());
                $body
            }
            adjoint_tensor::DType::Float64 => {
                let ($to, $from) = (to.as_mut_slice::<f64>(), source.as_slice::<f64>());
                $body
            }
            _ => {
                let ($to, $from) = (to.as_mut_slice::<i64>(), source.as_slice::<i64>());
                $body
            }
        }
        if let Some(copy) = copy {
            out.assign(&copy)?;
        }
    }};
}

pub(crate) use accumulate;

/// The same for additions that PyTorch makes one by one, each in the dtype: half floats round at every one.
macro_rules! accumulate_each {
    ($out:expr, $source:expr, |$to:ident, $from:ident, $plus:ident| $body:expr) => {{
        let (out, source): (&mut adjoint_tensor::Array, &adjoint_tensor::Array) = ($out, $source);
        let dtype = source.dtype();
        if dtype.is_half() {
            let (source, mut copy) =
                (source.cast(adjoint_tensor::DType::Float32)?, out.cast(adjoint_tensor::DType::Float32)?);
            let $plus = |a: f32, b: f32| dtype.nearest(f64::from(a + b)) as f32;
            let ($to, $from) = (copy.as_mut_slice::<f32>(), source.as_slice::<f32>());
            $body;
            out.assign(&copy)?;
        } else {
            crate::index::along::accumulate!(out, source, |$to, $from| {
                let $plus = crate::index::along::Accumulate::plus;
                $body
            });
        }
    }};
}

pub(crate) use accumulate_each;

/// The dtype in which elements of `dtype` are added.
pub fn sum_dtype(dtype: DType) -> DType {
    match dtype {
        DType::Float64 => dtype,
        _ if dtype.is_float() => DType::Float32,
        _ => DType::Int64,
    }
}
