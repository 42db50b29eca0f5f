//! Raw exports for `run.mjs`: products, the peak they are held against, and a copy for what is bound by memory.

use adjoint_kernels::gemm::{gemm_batched_f32, gemm_f32, gemm_f64};
use adjoint_simd::{F32x4, F64x2};

/// Memory for the runner's operands, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(bytes: usize) -> *mut u8 {
    Vec::<[u128; 4]>::leak(vec![[0; 4]; bytes.div_ceil(64)]).as_mut_ptr().cast()
}

macro_rules! peak {
    ($name:ident, $v:ty, $t:ty) => {
        /// `turns` turns of ten independent multiply-adds; the sum keeps them alive.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(turns: u32, x: $t) -> $t {
            let v = <$v>::splat(x);
            let mut acc = [<$v>::splat(0.0); 10];
            for _ in 0..turns {
                for a in &mut acc {
                    *a = a.mul_add(v, v);
                }
            }
            acc.into_iter().fold(<$v>::splat(0.0), |s, a| s + a).sum()
        }
    };
}
peak!(peak_f32, F32x4, f32);
peak!(peak_f64, F64x2, f64);

/// # Safety
/// Both areas hold `len` floats.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copy(reps: u32, from: *const f32, to: *mut f32, len: usize) {
    for _ in 0..reps {
        // SAFETY: the runner's promise.
        unsafe { std::ptr::copy_nonoverlapping(core::hint::black_box(from), to, len) };
    }
}

macro_rules! product {
    ($name:ident, $gemm:ident, $t:ty) => {
        /// `reps` products of row-major matrices; `ta`, `tb`: the operand is stored transposed.
        ///
        /// # Safety
        /// The areas hold the operands.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            reps: u32,
            m: usize,
            n: usize,
            k: usize,
            ta: u32,
            tb: u32,
            a: *const $t,
            b: *const $t,
            c: *mut $t,
        ) {
            let (rsa, csa) = if ta == 0 { (k as isize, 1) } else { (1, m as isize) };
            let (rsb, csb) = if tb == 0 { (n as isize, 1) } else { (1, k as isize) };
            for _ in 0..reps {
                // SAFETY: the runner's promise.
                unsafe { $gemm(m, n, k, 1.0, a, rsa, csa, b, rsb, csb, 0.0, c, n as isize, 1) };
            }
        }
    };
}
product!(product_f32, gemm_f32, f32);
product!(product_f64, gemm_f64, f64);

/// `batch` contiguous square products.
///
/// # Safety
/// The areas hold the operands.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batched_f32(reps: u32, batch: usize, n: usize, a: *const f32, b: *const f32, c: *mut f32) {
    let s = [(n * n) as isize, n as isize, 1];
    for _ in 0..reps {
        // SAFETY: the runner's promise.
        unsafe { gemm_batched_f32(batch, n, n, n, 1.0, a, s, b, s, 0.0, c, s) };
    }
}
