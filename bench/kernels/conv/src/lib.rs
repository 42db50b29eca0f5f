//! Raw exports for `run.mjs`: convolutions, and the peak they are held against.

#[path = "../../runner.rs"]
mod runner;

use adjoint_kernels::conv::{self, Conv2d};

/// `reps` times the output (`what` 0), the gradient of the input (1) or that of the weight (2), for square images and filters.
///
/// # Safety
/// The areas hold the operands.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn conv2d(
    reps: u32,
    what: u32,
    batch: usize,
    channels: usize,
    filters: usize,
    groups: usize,
    size: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    x: *mut f32,
    w: *mut f32,
    y: *mut f32,
) {
    let out = (size + 2 * padding - kernel) / stride + 1;
    let conv = Conv2d {
        batch,
        channels,
        filters,
        groups,
        input: [size; 2],
        kernel: [kernel; 2],
        output: [out; 2],
        stride: [stride; 2],
        padding: [padding; 2],
        dilation: [1; 2],
    };
    // SAFETY: the runner's promise.
    let (x, w, y) = unsafe {
        (
            std::slice::from_raw_parts_mut(x, batch * channels * size * size),
            std::slice::from_raw_parts_mut(w, filters * (channels / groups) * kernel * kernel),
            std::slice::from_raw_parts_mut(y, batch * filters * out * out),
        )
    };
    for _ in 0..reps {
        match what {
            0 => conv::forward(&conv, x, w, None, y),
            1 => conv::input_gradient(&conv, y, w, x),
            _ => conv::weight_gradient(&conv, y, x, w),
        }
    }
}
