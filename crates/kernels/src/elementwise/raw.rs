//! Moving elements of which only the size matters, between strided memory and a contiguous run.

/// Runs an expression with a type of `size` bytes that copies like the element does.
macro_rules! by_size {
    ($size:expr, $t:ident => $body:expr) => {
        match $size {
            1 => {
                type $t = u8;
                $body
            }
            2 => {
                type $t = u16;
                $body
            }
            4 => {
                type $t = u32;
                $body
            }
            _ => {
                type $t = u64;
                $body
            }
        }
    };
}

pub(super) use by_size;

/// Copies `len` elements of `size` bytes from `from`, `from_stride` apart, to `to`, `to_stride`
/// apart. A `from_stride` of 0 repeats one element.
///
/// # Safety
/// `len` elements must be readable and writable at their strides; the two may not overlap unless
/// element by element.
#[inline(never)]
pub(super) unsafe fn move_strided(
    size: usize,
    from: *const u8,
    from_stride: isize,
    to: *mut u8,
    to_stride: isize,
    len: usize,
) {
    // A call of `memory.copy` costs as much as a short loop.
    if from_stride == 1 && to_stride == 1 && len * size >= 64 {
        // SAFETY: both runs are contiguous; `copy` allows the element-by-element overlap.
        unsafe { core::ptr::copy(from, to, len * size) };
        return;
    }
    by_size!(size, T => {
        let (from, to) = (from.cast::<T>(), to.cast::<T>());
        if from_stride == 0 {
            // SAFETY: the caller vouches for `len` elements at the strides, here and below.
            let value = unsafe { from.read_unaligned() };
            if to_stride == 1 {
                for i in 0..len {
                    // SAFETY: as above.
                    unsafe { to.add(i).write_unaligned(value) };
                }
                return;
            }
        }
        for i in 0..len as isize {
            // SAFETY: as above.
            unsafe { to.offset(i * to_stride).write_unaligned(from.offset(i * from_stride).read_unaligned()) };
        }
    });
}
