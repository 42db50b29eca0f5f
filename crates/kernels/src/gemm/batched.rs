//! Many products of one shape.

use super::problem::{self, Matrix, Problem, View};
use super::{outer, run};
use crate::exec::{Grain, Shared, Span, for_range};
use adjoint_simd::Scalar;

/// `batch` products as [`super::gemm_f32`]; operand number `i` starts at `ptr + i·stride`, its
/// batch stride given after its matrix strides.
///
/// A batch stride of 0 on A or B repeats that operand. When B is repeated and A and C go on row
/// after row, the whole batch is one product with `batch · m` rows, and computed as such.
///
/// # Safety
/// As [`super::gemm_f32`] for each product; the outputs do not overlap.
#[expect(clippy::too_many_arguments, reason = "the customary BLAS signature")]
pub unsafe fn gemm_batched_f32(
    batch: usize,
    m: usize,
    n: usize,
    k: usize,
    alpha: f32,
    a: *const f32,
    a_strides: [isize; 3],
    b: *const f32,
    b_strides: [isize; 3],
    beta: f32,
    c: *mut f32,
    c_strides: [isize; 3],
) {
    let ([sa, rsa, csa], [sb, rsb, csb], [sc, rsc, csc]) = (a_strides, b_strides, c_strides);
    let (a, b, c) = (View::new(a, rsa, csa), View::new(b, rsb, csb), View::new(c, rsc, csc));
    // SAFETY: the caller's promise.
    unsafe { run_batch(batch, Problem { m, n, k, alpha, a, b, beta, c }, (sa, sb, sc)) }
}

/// As [`gemm_batched_f32`], in `f64`.
///
/// # Safety
/// As [`gemm_batched_f32`].
#[expect(clippy::too_many_arguments, reason = "the customary BLAS signature")]
pub unsafe fn gemm_batched_f64(
    batch: usize,
    m: usize,
    n: usize,
    k: usize,
    alpha: f64,
    a: *const f64,
    a_strides: [isize; 3],
    b: *const f64,
    b_strides: [isize; 3],
    beta: f64,
    c: *mut f64,
    c_strides: [isize; 3],
) {
    let ([sa, rsa, csa], [sb, rsb, csb], [sc, rsc, csc]) = (a_strides, b_strides, c_strides);
    let (a, b, c) = (View::new(a, rsa, csa), View::new(b, rsb, csb), View::new(c, rsc, csc));
    // SAFETY: the caller's promise.
    unsafe { run_batch(batch, Problem { m, n, k, alpha, a, b, beta, c }, (sa, sb, sc)) }
}

/// As [`super::gemm`], `batch` times over slices; the last three arguments are the batch strides of
/// A, B and C.
///
/// **Errors**: panics when a shape reaches outside its slice, or when outputs may overlap.
#[expect(clippy::too_many_arguments, reason = "the customary BLAS signature")]
pub fn gemm_batched<T: Scalar>(
    batch: usize,
    m: usize,
    n: usize,
    k: usize,
    alpha: T,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    beta: T,
    c: &mut [T],
    c_strides: (usize, usize),
    batch_strides: [usize; 3],
) {
    let [sa, sb, sc] = batch_strides;
    if batch == 0 {
        return;
    }
    let fits = |len: usize, stride: usize, reach: usize| {
        reach == 0 || (batch - 1).checked_mul(stride).and_then(|s| s.checked_add(reach)).is_some_and(|end| end <= len)
    };
    assert!(fits(a.len(), sa, problem::reach(m, k, a.strides())), "gemm: batch of lhs reaches past its slice");
    assert!(fits(b.len(), sb, problem::reach(k, n, b.strides())), "gemm: batch of rhs reaches past its slice");
    problem::check_out(c.len(), [(batch, sc), (m, c_strides.0), (n, c_strides.1)]);
    let c = View::new(c.as_mut_ptr(), c_strides.0 as isize, c_strides.1 as isize);
    let p = Problem { m, n, k, alpha, a: a.view(), b: b.view(), beta, c };
    // SAFETY: the checks keep every access inside its slice and all outputs apart; `&mut` keeps
    // them apart from the inputs.
    unsafe { run_batch(batch, p, (sa as isize, sb as isize, sc as isize)) }
}

unsafe fn run_batch<T: Scalar>(batch: usize, p: Problem<T>, (sa, sb, sc): (isize, isize, isize)) {
    let rows = p.m as isize;
    if sb == 0 && sa == rows * p.a.rs && sc == rows * p.c.rs {
        // SAFETY: row i of product number q is row q·m + i of the tall operands.
        return unsafe { run(Problem { m: batch * p.m, ..p }) };
    }
    let (shape, strides) = ([batch, p.m, p.n], [sc, p.c.rs, p.c.cs]);
    let written = Span { ptr: p.c.ptr.cast(), size: size_of::<T>(), shape: &shape, strides: &strides };
    // SAFETY: a range writes its own outputs, which do not overlap.
    let shared = unsafe { Shared::new(&p) };
    for_range(batch, Grain::of_multiply_adds(p.m * p.n * p.k), &written, |range| {
        let p = shared.get();
        for i in range {
            let i = i as isize;
            let a = View { ptr: p.a.ptr.wrapping_offset(i * sa), ..p.a };
            let b = View { ptr: p.b.ptr.wrapping_offset(i * sb), ..p.b };
            let c = View { ptr: p.c.ptr.wrapping_offset(i * sc), ..p.c };
            let p = Problem { a, b, c, ..*p };
            // SAFETY: the caller vouches for each product of the batch.
            unsafe { if outer::serves(&p) { outer::run(&p) } else { run(p) } }
        }
    });
}
