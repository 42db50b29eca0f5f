//! Raw exports for `run.mjs`: reductions and softmax of `[outer, n, inner]`, and a copy to hold them against.

use adjoint_kernels::{reduce, reduce::Axis, softmax};
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// Memory for the runner's arrays, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(bytes: usize) -> *mut u8 {
    Vec::<[u128; 4]>::leak(vec![[0; 4]; bytes.div_ceil(64)]).as_mut_ptr().cast()
}

/// # Safety
/// Both areas hold `len` floats.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copy(from: *const f32, to: *mut f32, len: usize) {
    // SAFETY: the runner's promise.
    unsafe { std::ptr::copy_nonoverlapping(from, to, len) };
}

macro_rules! kernel {
    ($name:ident, $size:ident, $y:ty, |$x:ident, $axis:ident, $out:ident| $body:expr) => {
        /// # Safety
        /// The areas hold the arrays.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(outer: usize, n: usize, inner: usize, x: *const f32, out: *mut $y) {
            let $axis = Axis { outer, n, inner };
            // SAFETY: the runner's promise.
            let ($x, $out) = unsafe { (from_raw_parts(x, $axis.numel()), from_raw_parts_mut(out, $axis.$size())) };
            $body
        }
    };
}

kernel!(sum, reduced, f32, |x, axis, out| reduce::sum(x, axis, out));
kernel!(amax, reduced, f32, |x, axis, out| reduce::amax(x, axis, out));
kernel!(argmax, reduced, i64, |x, axis, out| reduce::argmax(x, axis, out));
kernel!(logsumexp, reduced, f32, |x, axis, out| reduce::logsumexp(x, axis, out));
kernel!(var, reduced, f32, |x, axis, out| reduce::var_mean(x, axis, 1.0, out, &mut vec![0.0; axis.reduced()]));
kernel!(cumsum, numel, f32, |x, axis, out| reduce::cumsum(x, axis, out));
kernel!(softmax, numel, f32, |x, axis, out| softmax::softmax(x, axis, out));
kernel!(log_softmax, numel, f32, |x, axis, out| softmax::log_softmax(x, axis, out));
kernel!(softmax_backward, numel, f32, |x, axis, out| softmax::softmax_backward(x, x, axis, out));
