//! Elementwise steps between the folds.

use adjoint_simd::{Scalar, Vector};

/// `out_i = f(ins_0i, ins_1i, …)` over `n` contiguous elements, two vectors a turn so that they share `f`'s constants.
///
/// # Safety
/// Each input has `n` readable elements and `out` `n` writable ones; `out` is apart from an input or the same.
#[inline(always)]
pub(super) unsafe fn each<T: Scalar, const N: usize>(
    ins: [*const T; N],
    out: *mut T,
    n: usize,
    f: impl Fn([T::Vector; N]) -> T::Vector,
) {
    let mut at = 0;
    // SAFETY: every access lies below n.
    unsafe {
        while at + 2 * T::LANES <= n {
            let x = ins.map(|p| T::Vector::load(p.add(at)));
            let y = ins.map(|p| T::Vector::load(p.add(at + T::LANES)));
            let (x, y) = (f(x), f(y));
            x.store(out.add(at));
            y.store(out.add(at + T::LANES));
            at += 2 * T::LANES;
        }
        while at < n {
            let len = T::LANES.min(n - at);
            f(ins.map(|p| T::Vector::load_partial(p.add(at), len, T::ZERO))).store_partial(out.add(at), len);
            at += len;
        }
    }
}
