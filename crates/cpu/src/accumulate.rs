//! Adding elements into an array at indices, in the dtype that such sums have.

use adjoint_kernels::dtype::Element;
use adjoint_tensor::DType;

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
/// Narrow integers and bools add in int64 and half floats in float32, in copies that are cast back:
/// wrapped, *or*ed and rounded once. Loops for each dtype would be three times the code.
#[macro_export]
macro_rules! accumulate {
    ($out:expr, $source:expr, |$to:ident, $from:ident| $body:expr) => {{
        let (out, source): (&mut $crate::adjoint_tensor::Array, &$crate::adjoint_tensor::Array) = ($out, $source);
        let dtype = source.dtype();
        let wide = $crate::accumulate::sum_dtype(dtype);
        let source = source.cast(wide)?;
        let mut copy = None;
        let to = if wide == dtype { &mut *out } else { copy.insert(out.cast(wide)?) };
        match wide {
            $crate::adjoint_tensor::DType::Float32 => {
                let ($to, $from) = (to.as_mut_slice::<f32>(), source.as_slice::<f32>());
                $body
            }
            $crate::adjoint_tensor::DType::Float64 => {
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

/// The same for additions that PyTorch makes one by one, each in the dtype: half floats round at
/// every one.
#[macro_export]
macro_rules! accumulate_each {
    ($out:expr, $source:expr, |$to:ident, $from:ident, $plus:ident| $body:expr) => {{
        let (out, source): (&mut $crate::adjoint_tensor::Array, &$crate::adjoint_tensor::Array) = ($out, $source);
        let dtype = source.dtype();
        if dtype.is_half() {
            let (source, mut copy) = (
                source.cast($crate::adjoint_tensor::DType::Float32)?,
                out.cast($crate::adjoint_tensor::DType::Float32)?,
            );
            let $plus = |a: f32, b: f32| dtype.nearest(f64::from(a + b)) as f32;
            let ($to, $from) = (copy.as_mut_slice::<f32>(), source.as_slice::<f32>());
            $body;
            out.assign(&copy)?;
        } else {
            $crate::accumulate!(out, source, |$to, $from| {
                let $plus = $crate::accumulate::Accumulate::plus;
                $body
            });
        }
    }};
}

/// The dtype in which elements of `dtype` are added.
pub fn sum_dtype(dtype: DType) -> DType {
    match dtype {
        DType::Float64 => dtype,
        _ if dtype.is_float() => DType::Float32,
        _ => DType::Int64,
    }
}
