//! A product as a value: extents, factors and three strided views.

use super::path::{Plan, choose};
use crate::exec::{Outputs, Span};
use adjoint_simd::Scalar;
use std::ops::Range;

/// A matrix by pointer and strides, in elements.
#[derive(Clone, Copy)]
pub(crate) struct View<P> {
    pub ptr: P,
    pub rs: isize,
    pub cs: isize,
}

impl<P> View<P> {
    pub fn new(ptr: P, rs: isize, cs: isize) -> Self {
        Self { ptr, rs, cs }
    }

    pub fn transposed(self) -> Self {
        Self { ptr: self.ptr, rs: self.cs, cs: self.rs }
    }
}

/// `C ← alpha · A · B + beta · C`, with A `[m, k]`, B `[k, n]` and C `[m, n]`.
#[derive(Clone, Copy)]
pub(crate) struct Problem<T> {
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub alpha: T,
    pub a: View<*const T>,
    pub b: View<*const T>,
    pub beta: T,
    pub c: View<*mut T>,
}

impl<T: Scalar> Problem<T> {
    pub fn plan(&self) -> Plan {
        choose(
            self.m,
            self.n,
            self.k,
            (self.a.rs, self.a.cs),
            (self.b.rs, self.b.cs),
            (self.c.rs, self.c.cs),
            2 * T::LANES,
        )
    }

    /// The same product read as `Cᵀ = Bᵀ · Aᵀ`.
    pub fn transposed(self) -> Self {
        let (a, b, c) = (self.b.transposed(), self.a.transposed(), self.c.transposed());
        Self { m: self.n, n: self.m, a, b, c, ..self }
    }

    /// The product of some rows of A.
    #[inline(always)]
    pub fn rows(&self, rows: Range<usize>) -> Self {
        let from = rows.start as isize;
        let a = View { ptr: self.a.ptr.wrapping_offset(from * self.a.rs), ..self.a };
        let c = View { ptr: self.c.ptr.wrapping_offset(from * self.c.rs), ..self.c };
        Self { m: rows.len(), a, c, ..*self }
    }

    /// `C ← beta · C`, what is left of a product without terms.
    ///
    /// # Safety
    /// C is writable, and readable unless `beta == 0`.
    pub unsafe fn scale_c(&self) {
        for i in 0..self.m {
            for j in 0..self.n {
                // SAFETY: (i, j) is within [m, n], which the caller vouches for.
                unsafe {
                    let c = self.c.ptr.offset(i as isize * self.c.rs + j as isize * self.c.cs);
                    *c = if self.beta == T::ZERO { T::ZERO } else { self.beta * *c };
                }
            }
        }
    }
}

/// C.
impl<T> Outputs for Problem<T> {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        let (shape, strides) = (&[self.m, self.n], &[self.c.rs, self.c.cs]);
        Span { ptr: self.c.ptr.cast(), size: size_of::<T>(), shape, strides }.each(f);
    }
}

/// A readable strided matrix inside a slice: element (i, j) is `data[i·row_stride + j·col_stride]`.
#[derive(Clone, Copy)]
pub struct Matrix<'a, T> {
    data: &'a [T],
    row_stride: usize,
    col_stride: usize,
}

impl<'a, T> Matrix<'a, T> {
    /// A matrix with the given strides, in elements; zero strides (broadcast) are allowed.
    pub fn new(data: &'a [T], row_stride: usize, col_stride: usize) -> Self {
        Self { data, row_stride, col_stride }
    }

    /// A matrix of contiguous rows, `row_stride` elements apart.
    pub fn rows(data: &'a [T], row_stride: usize) -> Self {
        Self::new(data, row_stride, 1)
    }

    pub(crate) fn check(&self, rows: usize, cols: usize) {
        let reach = reach(rows, cols, (self.row_stride, self.col_stride));
        assert!(reach <= self.data.len(), "gemm: operand reaches past its slice");
    }

    pub(crate) fn view(&self) -> View<*const T> {
        View::new(self.data.as_ptr(), self.row_stride as isize, self.col_stride as isize)
    }

    pub(crate) fn get(&self, i: usize, j: usize) -> T
    where
        T: Copy,
    {
        self.data[i * self.row_stride + j * self.col_stride]
    }

    /// Row `i` of `cols` columns as a slice, if its elements are contiguous.
    pub(crate) fn row(&self, i: usize, cols: usize) -> Option<&[T]> {
        (self.col_stride == 1).then(|| &self.data[i * self.row_stride..][..cols])
    }

    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    pub(crate) fn strides(&self) -> (usize, usize) {
        (self.row_stride, self.col_stride)
    }
}

/// How many elements from its start a strided matrix reaches; 0 when it is empty, `usize::MAX` when
/// that overflows.
pub(crate) fn reach(rows: usize, cols: usize, (rs, cs): (usize, usize)) -> usize {
    if rows == 0 || cols == 0 {
        return 0;
    }
    let down = (rows - 1).saturating_mul(rs);
    let across = (cols - 1).saturating_mul(cs);
    down.saturating_add(across).saturating_add(1)
}

/// Panics unless an output of the given (extent, stride) pairs is inside `len` elements and
/// addresses each element once.
///
/// Sufficient, not necessary: in order of stride, each step must clear everything the smaller
/// strides reach.
pub(crate) fn check_out<const D: usize>(len: usize, mut dims: [(usize, usize); D]) {
    if dims.iter().any(|&(extent, _)| extent == 0) {
        return;
    }
    dims.sort_unstable_by_key(|&(_, stride)| stride);
    let mut reach = 1_usize;
    for (extent, stride) in dims {
        if extent > 1 {
            assert!(stride >= reach, "gemm: output strides overlap");
            reach = reach.saturating_add((extent - 1).saturating_mul(stride));
        }
    }
    assert!(reach <= len, "gemm: output reaches past its slice");
}
