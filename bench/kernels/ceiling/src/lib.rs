//! What a process can do at best: multiply-adds, bytes moved and bare calls. The bench and its short form hold the
//! library against these, measured beside it in the same engine.

use adjoint_simd::F32x4;

/// Memory for the runner's areas, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(bytes: usize) -> *mut u8 {
    Vec::<[u128; 4]>::leak(vec![[0; 4]; bytes.div_ceil(64)]).as_mut_ptr().cast()
}

/// `turns` turns of ten independent multiply-adds of four lanes: fused in the relaxed binary, a product and a sum in the
/// other. Ten is where the engine neither waits for results nor spills registers. The sum keeps them alive.
#[unsafe(no_mangle)]
pub extern "C" fn multiply_add(turns: u32, x: f32) -> f32 {
    let v = F32x4::splat(x);
    let mut sums = [F32x4::splat(0.0); 10];
    for _ in 0..turns {
        for sum in &mut sums {
            *sum = sum.mul_add(v, v);
        }
    }
    sums.into_iter().fold(F32x4::splat(0.0), |all, sum| all + sum).sum()
}

/// Moves `bytes` bytes `times` times with `memory.copy`.
///
/// # Safety
/// Both areas hold `bytes` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copy(times: u32, from: *const u8, to: *mut u8, bytes: usize) {
    for _ in 0..times {
        // SAFETY: the runner's promise.
        unsafe { core::ptr::copy_nonoverlapping(core::hint::black_box(from), to, bytes) };
    }
}

/// Does nothing: what a call into WebAssembly costs.
#[unsafe(no_mangle)]
pub extern "C" fn nothing(x: i32) -> i32 {
    x.wrapping_add(1)
}
