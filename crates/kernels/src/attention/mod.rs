//! Attention: `softmax(scale · Q Kᵀ + mask) V` for many heads, and its derivatives, a block of
//! queries at a time.
//!
//! The scores of [`BLOCK`] queries with all keys are in memory at once, never those of all queries:
//! the scratch grows with the context, not with its square. Backward computes the scores again from
//! the logarithm of each query's sum, which forward keeps. All products are [`crate::gemm`]'s,
//! which reads operands at any strides.

mod backward;
mod forward;
mod masks;

pub use backward::{Gradients, attention_backward};
pub use forward::attention;
pub use masks::Mask;

use crate::dtype::DType;
use crate::exec::Outputs;
use crate::gemm::View;
use adjoint_simd::Scalar;

/// Queries whose scores are computed at once: enough rows for the products to be fast, and few
/// enough for the scores to stay in cache.
const BLOCK: usize = 64;

/// A batch of matrices by pointer: a row and a column stride, and the batch's strides in
/// [`Shape::lead`]'s order.
#[derive(Clone, Copy)]
pub struct Matrices<'a, P> {
    /// The first element.
    pub ptr: P,
    /// Strides of the leading dims, in elements; 0 repeats.
    pub lead: &'a [isize],
    /// Between rows.
    pub row: isize,
    /// Between columns.
    pub column: isize,
}

impl<T> Matrices<'_, *const T> {
    fn at(&self, offset: isize) -> View<*const T> {
        View::new(self.ptr.wrapping_offset(offset), self.row, self.column)
    }
}

impl<T> Matrices<'_, *mut T> {
    fn at(&self, offset: isize) -> View<*mut T> {
        View::new(self.ptr.wrapping_offset(offset), self.row, self.column)
    }
}

/// Matrices that are written, with their extents.
struct Written<'a, T> {
    matrices: Matrices<'a, *mut T>,
    lead: &'a [usize],
    extents: [usize; 2],
}

/// The memory from the first to the last element.
impl<T> Outputs for Written<'_, T> {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        let Matrices { ptr, lead, row, column } = self.matrices;
        let sizes = self.lead.iter().chain(&self.extents);
        if sizes.clone().any(|&n| n == 0) {
            return;
        }
        let (mut low, mut high) = (0, 0);
        for (&n, &stride) in sizes.zip(lead.iter().chain(&[row, column])) {
            let reach = (n as isize - 1) * stride;
            low += reach.min(0);
            high += reach.max(0);
        }
        f(ptr.wrapping_offset(low).cast(), (high - low + 1) as usize * size_of::<T>());
    }
}

/// Extents of an attention.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// Sizes of the leading dims: batch, heads, ….
    pub lead: &'a [usize],
    /// Queries.
    pub queries: usize,
    /// Keys, and as many values.
    pub keys: usize,
    /// The width of queries and keys.
    pub width: usize,
    /// The width of values.
    pub value_width: usize,
}

/// What scores are made of.
pub struct Scores<'a, T> {
    /// Extents.
    pub shape: Shape<'a>,
    /// `[lead…, queries, width]`
    pub q: Matrices<'a, *const T>,
    /// `[lead…, keys, width]`
    pub k: Matrices<'a, *const T>,
    /// What is added to or kept of the scores.
    pub mask: Mask<'a, T>,
    /// Whether query i sees keys 0 to i only.
    pub causal: bool,
    /// The factor on products of queries and keys.
    pub scale: T,
    /// The narrower dtype that probabilities, and their gradients, are rounded to before they meet
    /// values, queries and keys in a product: as PyTorch does, whose products take halves.
    pub rounds: Option<DType>,
}

impl<T: Scalar> Scores<'_, T> {
    /// Rounds `n` numbers, where they are.
    ///
    /// # Safety
    /// They are readable and writable.
    unsafe fn round(&self, x: *mut T, n: usize) {
        if let Some(dtype) = self.rounds {
            for i in 0..n {
                // SAFETY: the caller's n numbers.
                unsafe { *x.add(i) = T::from_f64(dtype.nearest((*x.add(i)).to_f64())) };
            }
        }
    }
}

/// The offset of matrix number `i` of a batch with leading sizes `lead`.
fn offset(mut i: usize, lead: &[usize], strides: &[isize]) -> isize {
    let mut at = 0;
    for (&n, &stride) in lead.iter().zip(strides).rev() {
        at += (i % n) as isize * stride;
        i /= n;
    }
    at
}
