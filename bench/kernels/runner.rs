//! What `run.mjs` of a bench needs beside its kernel: memory for operands, and the multiply-add peak they are held against.

use adjoint_simd::F32x4;

/// Memory for the runner's operands, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(bytes: usize) -> *mut u8 {
    Vec::<[u128; 4]>::leak(vec![[0; 4]; bytes.div_ceil(64)]).as_mut_ptr().cast()
}

/// `turns` turns of ten independent multiply-adds; the sum keeps them alive.
#[unsafe(no_mangle)]
pub extern "C" fn peak(turns: u32, x: f32) -> f32 {
    let v = F32x4::splat(x);
    let mut acc = [F32x4::splat(0.0); 10];
    for _ in 0..turns {
        for a in &mut acc {
            *a = a.mul_add(v, v);
        }
    }
    acc.into_iter().fold(F32x4::splat(0.0), |s, a| s + a).sum()
}
