//! Matrix products: `C ← alpha · A · B + beta · C` for any strides.
//!
//! # How a product is computed
//!
//! Nearly all float products end in one micro-kernel ([`kernel`]): six rows of A (five where
//! multiply-adds do not fuse) against two vectors of B, all sums in registers, one step of `k` an
//! iteration; and in narrower forms of it where there is less. What differs is how its operands
//! reach it, and that is decided by data, not by nested `if`s: [`path::choose`] maps shape and
//! strides to a [`path::Plan`].
//!
//! - [`Path::Dot`] and [`Path::Axpy`] for matrix times vector, which is bound by memory, and for
//!   few columns ([`matvec`]).
//! - [`Path::Direct`] when B fits in the first-level cache: A is read where it is stored, and B too
//!   when its rows are contiguous ([`direct`]).
//! - [`Path::Packed`] for the rest: blocks of A and B are copied into panels in the order the
//!   micro-kernel reads them ([`packed`]). Transposed and otherwise strided operands cost nothing
//!   extra there, since the copy is made anyway.
//!
//! A product may also be computed as `Cᵀ = Bᵀ · Aᵀ`, which is a mere exchange of strides: when C is
//! column-major, or when that copies less.
//!
//! # Numbers
//!
//! Each element of C is a sum over `k` in order, in blocks of at most [`packed::KC`] terms (inner
//! products: as many sums as a vector has lanes, then their sum); with fused multiply-add where the
//! target has it. The error is at most `k · ε · Σ|a·b|`, usually about `√k · ε`. A NaN or infinity
//! in A or B propagates; with `beta == 0` C is not read, so a NaN there does not. `alpha`
//! multiplies the finished sum.
//!
//! The block sizes and tiles were chosen by measurement: see `docs/decisions/0003-gemm-tiles.md`.
//!
//! ```
//! use adjoint_kernels::gemm::{Matrix, gemm};
//!
//! let a = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0]; // [2, 3]
//! let b = [1.0_f32, 0.0, 0.0, 1.0, 1.0, 1.0]; // [3, 2]
//! let mut c = [f32::NAN; 4];
//! gemm(2, 2, 3, 1.0, Matrix::rows(&a, 3), Matrix::rows(&b, 2), 0.0, &mut c, (2, 1));
//! assert_eq!(c, [4.0, 5.0, 10.0, 11.0]);
//! ```

mod batched;
mod direct;
mod integer;
mod kernel;
mod matvec;
mod outer;
mod pack;
mod packed;
mod path;
mod prepared;
mod problem;
mod scratch;

pub use batched::{gemm_batched, gemm_batched_f32, gemm_batched_f64};
pub use integer::{Integer, gemm_int};
pub use path::{Path, Plan, choose};
pub(crate) use prepared::{LEAST_ROWS, Prepared};
pub use problem::Matrix;
pub(crate) use scratch::with_scratch;

use crate::exec::{Grain, Shared, for_range};
use adjoint_simd::Scalar;
pub(crate) use problem::{Problem, View};

/// `C ← alpha · A · B + beta · C` in `f32`, for operands given by pointer and strides.
///
/// **Shapes**: A is `[m, k]`, B is `[k, n]`, C is `[m, n]`; element (i, j) of a matrix is at `ptr +
/// i·rs + j·cs`, strides in elements, any sign. With `beta == 0` C is written and never read, so it
/// may be uninitialized.
///
/// **Cost**: `2·m·n·k` operations; a scratch of at most about 2 MB is kept per thread for the next
/// call.
///
/// # Safety
/// Every element of A and B that the shape reaches is readable; every element of C is writable (and
/// readable unless `beta == 0`), no two (i, j) share an address in C, and C overlaps neither A nor
/// B.
#[expect(clippy::too_many_arguments, reason = "the customary BLAS signature")]
pub unsafe fn gemm_f32(
    m: usize,
    n: usize,
    k: usize,
    alpha: f32,
    a: *const f32,
    rsa: isize,
    csa: isize,
    b: *const f32,
    rsb: isize,
    csb: isize,
    beta: f32,
    c: *mut f32,
    rsc: isize,
    csc: isize,
) {
    let (a, b, c) = (View::new(a, rsa, csa), View::new(b, rsb, csb), View::new(c, rsc, csc));
    // SAFETY: the caller's promise is `run`'s.
    unsafe { run(Problem { m, n, k, alpha, a, b, beta, c }) }
}

/// `C ← alpha · A · B + beta · C` in `f64`; see [`gemm_f32`].
///
/// # Safety
/// As [`gemm_f32`].
#[expect(clippy::too_many_arguments, reason = "the customary BLAS signature")]
pub unsafe fn gemm_f64(
    m: usize,
    n: usize,
    k: usize,
    alpha: f64,
    a: *const f64,
    rsa: isize,
    csa: isize,
    b: *const f64,
    rsb: isize,
    csb: isize,
    beta: f64,
    c: *mut f64,
    rsc: isize,
    csc: isize,
) {
    let (a, b, c) = (View::new(a, rsa, csa), View::new(b, rsb, csb), View::new(c, rsc, csc));
    // SAFETY: the caller's promise is `run`'s.
    unsafe { run(Problem { m, n, k, alpha, a, b, beta, c }) }
}

/// `C ← alpha · A · B + beta · C` over slices; `c_strides` are C's row and column stride.
///
/// **Errors**: panics when a shape reaches outside its slice, or when C's strides let two elements
/// share an address.
#[expect(clippy::too_many_arguments, reason = "the customary BLAS signature")]
pub fn gemm<T: Scalar>(
    m: usize,
    n: usize,
    k: usize,
    alpha: T,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    beta: T,
    c: &mut [T],
    c_strides: (usize, usize),
) {
    a.check(m, k);
    b.check(k, n);
    problem::check_out(c.len(), [(m, c_strides.0), (n, c_strides.1)]);
    let c = View::new(c.as_mut_ptr(), c_strides.0 as isize, c_strides.1 as isize);
    // SAFETY: the checks above keep every access inside its slice, C's elements apart, and `&mut`
    // keeps C apart from A and B.
    unsafe { run(Problem { m, n, k, alpha, a: a.view(), b: b.view(), beta, c }) }
}

/// Rows of C in which a range may start: whole tiles of every path, of which some add in another
/// order what does not fill one.
const UNIT: usize = 24;
/// The same of [`Path::Direct`], which adds in one order.
const UNIT_DIRECT: usize = 4;

/// Runs a product by the path its shape calls for, in ranges of rows of C. What is packed is split
/// where panels of B are there for all ranges.
///
/// # Safety
/// As [`gemm_f32`].
pub(crate) unsafe fn run<T: Scalar>(p: Problem<T>) {
    let plan = p.plan();
    let p = if plan.transpose { p.transposed() } else { p };
    if plan.path == Path::Packed {
        // SAFETY: as below.
        return unsafe { packed::run(&p) };
    }
    let unit = if plan.path == Path::Direct { UNIT_DIRECT } else { UNIT };
    let grain = Grain::of_multiply_adds(p.n * p.k).in_units(unit);
    // SAFETY: a range writes its own rows of C.
    let shared = unsafe { Shared::new((&p, plan.path)) };
    for_range(p.m, grain, &p, |rows| {
        let (p, path) = shared.get();
        let p = p.rows(rows);
        // SAFETY: transposing exchanges strides and extents together, so the caller's promise still
        // holds; `choose` names a path only where that path's conditions on strides hold.
        unsafe {
            match path {
                Path::Empty | Path::Packed => {}
                Path::Scale => p.scale_c(),
                Path::Dot => matvec::dot(&p),
                Path::Axpy => matvec::axpy(&p),
                Path::Direct => direct::run(&p),
            }
        }
    });
}
