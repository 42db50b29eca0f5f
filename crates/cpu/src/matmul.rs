//! Batches of matrix products over strided arrays: the safe way from tensors to
//! [`adjoint_kernels::gemm`].

use crate::dtype::unsupported;
use adjoint_kernels::gemm::{Integer, Matrix, gemm_batched_f32, gemm_batched_f64, gemm_int};
use adjoint_tensor::{Array, DType, Result};

/// `out ← alpha · a · b + beta · out` for each matrix of a batch.
///
/// **Shapes**: a is `[batch, m, k]`, b `[batch, k, n]`, or both without the batch, of out's dtype;
/// out is contiguous and has the elements of `[batch, m, n]`, whatever its shape. Operands may have
/// any strides and are read where they are stored: a transposed or broadcast one costs no copy.
/// With `beta == 0` out is not read, so it may be fresh. Integers wrap and take no `alpha` or
/// `beta`.
///
/// **Errors**: a dtype that does not multiply, or integers with `alpha` or `beta`.
///
/// # Panics
/// If the shapes do not fit, or `out` is not contiguous or shares its storage.
pub fn matmul(alpha: f64, a: &Array, b: &Array, beta: f64, out: &mut Array) -> Result<()> {
    if out.dtype().is_float() {
        return multiply(alpha, Factor::of(a), Factor::of(b), beta, out);
    }
    let ([batch, m, k], [batch_b, k_b, n]) = (extents(a), extents(b));
    check(a, b, out, batch == batch_b && k == k_b && out.numel() == batch * m * n);
    if out.numel() == 0 {
        return Ok(());
    }
    match out.dtype() {
        dtype if alpha != 1.0 || beta != 0.0 => Err(unsupported(dtype)),
        DType::Int64 => integers::<i64>(a, b, out),
        DType::Int32 => integers::<i32>(a, b, out),
        DType::Int16 => integers::<i16>(a, b, out),
        DType::Int8 => integers::<i8>(a, b, out),
        DType::UInt8 => integers::<u8>(a, b, out),
        t => Err(unsupported(t)),
    }
}

fn check(a: &Array, b: &Array, out: &Array, fits: bool) {
    assert!(fits, "matmul: {a:?} · {b:?} into {out:?}");
    assert!(a.dtype() == out.dtype() && b.dtype() == out.dtype(), "matmul: dtypes of {a:?}, {b:?}, {out:?}");
    assert!(out.is_contiguous() && out.is_unshared(), "matmul: output {out:?}");
}

/// A matrix, or a batch of matrices, as a factor of a product: an array with extents and strides
/// that need not be those of its layout.
#[derive(Clone, Copy)]
pub struct Factor<'a> {
    array: &'a Array,
    extents: [usize; 3],
    steps: [isize; 3],
}

impl<'a> Factor<'a> {
    /// The array as it is.
    pub fn of(array: &'a Array) -> Self {
        Factor { array, extents: extents(array), steps: steps(array) }
    }

    /// A contiguous array as a matrix of rows of `n` elements, whatever its shape; `None` where
    /// that does not fit, or rows have none.
    pub fn rows(array: &'a Array, n: usize) -> Option<Self> {
        let rows = array.numel().checked_div(n)?;
        let fits = array.is_contiguous() && rows * n == array.numel();
        fits.then_some(Factor { array, extents: [1, rows, n], steps: [0, n as isize, 1] })
    }

    /// Each matrix with its rows and columns exchanged.
    #[must_use]
    pub fn transposed(self) -> Self {
        let ([batch, m, n], [step, row, column]) = (self.extents, self.steps);
        Factor { extents: [batch, n, m], steps: [step, column, row], ..self }
    }
}

/// [`matmul`] of floats.
pub fn multiply(alpha: f64, a: Factor, b: Factor, beta: f64, out: &mut Array) -> Result<()> {
    let ([batch, m, k], [batch_b, k_b, n]) = (a.extents, b.extents);
    check(a.array, b.array, out, batch == batch_b && k == k_b && out.numel() == batch * m * n);
    if out.numel() == 0 {
        return Ok(());
    }
    let sc = [(m * n) as isize, n as isize, 1];
    macro_rules! float {
        ($t:ty, $gemm:ident) => {{
            let (pa, pb, pc) = (a.array.as_ptr().cast(), b.array.as_ptr().cast(), out.as_mut_ptr().cast());
            // SAFETY: the extents and steps of a and b reach what their layouts do, which are
            // inside their storages (an invariant of `Array`); out is contiguous, of the right
            // size, and shares its storage with neither. With k = 0 nothing is read.
            unsafe { $gemm(batch, m, n, k, alpha as $t, pa, a.steps, pb, b.steps, beta as $t, pc, sc) };
            Ok(())
        }};
    }
    match out.dtype() {
        DType::Float32 => float!(f32, gemm_batched_f32),
        DType::Float64 => float!(f64, gemm_batched_f64),
        t => Err(unsupported(t)),
    }
}

/// `out ← alpha · a · b + beta · out` for batches with any number of leading dims, of floats, read
/// where they are stored: leading dims of any strides, 0 included, cost no copy.
///
/// **Shapes**: a is `[lead…, m, k]`, b `[lead…, k, n]`, out `[lead…, m, n]`, contiguous, and not
/// read where `beta` is 0; with one leading dim or more.
///
/// **Errors**: a dtype that is not float32 or float64.
///
/// # Panics
/// If the shapes or dtypes do not fit, or `out` is not contiguous or shares its storage.
pub fn batches(alpha: f64, a: &Array, b: &Array, beta: f64, out: &mut Array) -> Result<()> {
    let ([lead @ .., m, k], [lead_b @ .., k_b, n]) = (a.shape(), b.shape()) else {
        panic!("matmul: fewer than 2 dims")
    };
    assert!(!lead.is_empty() && lead == lead_b && k == k_b, "matmul: {a:?} · {b:?}");
    assert!(
        out.numel() == lead.iter().product::<usize>() * m * n && a.dtype() == out.dtype() && b.dtype() == out.dtype()
    );
    assert!(out.is_contiguous() && out.is_unshared(), "matmul: output {out:?}");
    if out.numel() == 0 {
        return Ok(());
    }
    let (outer, batch) = (&lead[..lead.len() - 1], lead[lead.len() - 1]);
    let r = a.rank();
    let last = |x: &Array| [x.strides()[r - 3], x.strides()[r - 2], x.strides()[r - 1]];
    let start = |x: &Array, mut i: usize| {
        let mut at = 0;
        for (&size, &stride) in outer.iter().zip(x.strides()).rev() {
            at += (i % size) as isize * stride;
            i /= size;
        }
        at
    };
    let (sa, sb, sc) = (last(a), last(b), [(m * n) as isize, *n as isize, 1]);
    macro_rules! float {
        ($t:ty, $gemm:ident) => {{
            let (pa, pb, pc) = (a.as_ptr().cast::<$t>(), b.as_ptr().cast::<$t>(), out.as_mut_ptr().cast::<$t>());
            for i in 0..outer.iter().product() {
                let (pa, pb) = (pa.wrapping_offset(start(a, i)), pb.wrapping_offset(start(b, i)));
                let pc = pc.wrapping_add(i * batch * m * n);
                // SAFETY: as in `matmul`; `start` is where the batch with this leading index
                // starts, inside the storages.
                unsafe { $gemm(batch, *m, *n, *k, alpha as $t, pa, sa, pb, sb, beta as $t, pc, sc) };
            }
            Ok(())
        }};
    }
    match out.dtype() {
        DType::Float32 => float!(f32, gemm_batched_f32),
        DType::Float64 => float!(f64, gemm_batched_f64),
        t => Err(unsupported(t)),
    }
}

/// Whether products of this dtype are computed.
pub fn supports(dtype: DType) -> bool {
    dtype != DType::Bool
}

/// Sizes with a leading batch of 1 where there is none.
fn extents(x: &Array) -> [usize; 3] {
    match *x.shape() {
        [m, n] => [1, m, n],
        [batch, m, n] => [batch, m, n],
        _ => panic!("matmul: {x:?} is not a matrix or a batch of matrices"),
    }
}

/// Batch, row and column stride.
fn steps(x: &Array) -> [isize; 3] {
    match *x.strides() {
        [row, column] => [0, row, column],
        [batch, row, column] => [batch, row, column],
        _ => unreachable!("the extents were checked"),
    }
}

#[inline(never)]
fn integers<T: Integer + adjoint_kernels::dtype::Element>(a: &Array, b: &Array, out: &mut Array) -> Result<()> {
    let ([batch, m, k], [.., n]) = (extents(a), extents(b));
    let (a, b) = (a.contiguous()?, b.contiguous()?);
    let (x, y) = (a.as_slice::<T>(), b.as_slice::<T>());
    let out = out.as_mut_slice::<T>();
    for i in 0..batch {
        let (x, y) = (&x[i * m * k..][..m * k], &y[i * k * n..][..k * n]);
        gemm_int(m, n, k, Matrix::rows(x, k), Matrix::rows(y, n), &mut out[i * m * n..][..m * n]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposed_and_repeated_operands_are_read_where_they_lie() {
        let a = Array::from_slice(&[1.0f32, 4.0, 2.0, 5.0, 3.0, 6.0], &[3, 2]).unwrap();
        let at = a.with_layout(a.layout().transpose(0, 1)).unwrap();
        let b = Array::from_slice(&[1.0f32, 0.0, 0.0, 1.0, 1.0, 1.0], &[3, 2]).unwrap();
        let mut out = Array::empty(&[2, 2], DType::Float32).unwrap();
        matmul(1.0, &at, &b, 0.0, &mut out).unwrap();
        assert_eq!(out.as_slice::<f32>(), [4.0, 5.0, 10.0, 11.0]);
        let twice = |x: &Array| {
            let [m, n] = [x.shape()[0], x.shape()[1]];
            x.with_layout(x.layout().expand(&[2, m, n]).unwrap()).unwrap()
        };
        let mut out = Array::full(&[2, 2, 2], DType::Float32, adjoint_tensor::Scalar::Int(1)).unwrap();
        matmul(2.0, &twice(&at), &twice(&b), 3.0, &mut out).unwrap();
        assert_eq!(out.as_slice::<f32>(), [11.0, 13.0, 23.0, 25.0, 11.0, 13.0, 23.0, 25.0]);
    }

    #[test]
    fn a_box_is_a_matrix_of_its_rows_and_its_transpose_needs_no_array() {
        let x = Array::from_slice(&[1.0f64, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], &[2, 2, 2]).unwrap();
        let w = Array::from_slice(&[1.0f64, 0.0, 1.0, 1.0, 0.0, 2.0], &[3, 2]).unwrap();
        let mut out = Array::empty(&[2, 2, 3], DType::Float64).unwrap();
        multiply(1.0, Factor::rows(&x, 2).unwrap(), Factor::of(&w).transposed(), 0.0, &mut out).unwrap();
        assert_eq!(out.as_slice::<f64>(), [1.0, 3.0, 4.0, 3.0, 7.0, 8.0, 5.0, 11.0, 12.0, 7.0, 15.0, 16.0]);
        assert!(Factor::rows(&x, 3).is_none() && Factor::rows(&x, 0).is_none());
        let across = x.with_layout(x.layout().transpose(0, 1)).unwrap();
        assert!(Factor::rows(&across, 2).is_none());
    }

    #[test]
    fn integers_multiply_and_bools_do_not() {
        let a = Array::from_slice(&[1i64, 2, 3, 4], &[2, 2]).unwrap();
        let at = a.with_layout(a.layout().transpose(0, 1)).unwrap();
        let mut out = Array::empty(&[2, 2], DType::Int64).unwrap();
        matmul(1.0, &a, &at, 0.0, &mut out).unwrap();
        assert_eq!(out.as_slice::<i64>(), [5, 11, 11, 25]);
        let a = Array::zeros(&[2, 2], DType::Bool).unwrap();
        let mut out = Array::empty(&[2, 2], DType::Bool).unwrap();
        assert!(matmul(1.0, &a, &a, 0.0, &mut out).is_err());
    }

    #[test]
    fn an_empty_sum_is_beta_times_out() {
        let (a, b) = (Array::empty(&[2, 0], DType::Float64).unwrap(), Array::empty(&[0, 3], DType::Float64).unwrap());
        let mut out = Array::full(&[2, 3], DType::Float64, adjoint_tensor::Scalar::Int(2)).unwrap();
        matmul(1.0, &a, &b, 0.5, &mut out).unwrap();
        assert_eq!(out.as_slice::<f64>(), [1.0; 6]);
    }
}
