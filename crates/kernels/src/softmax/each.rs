//! Elementwise steps between the folds.

use adjoint_simd::{Scalar, Vector};

/// `out_i = f(ins_0i, ins_1i, …)` over `n` contiguous elements, two vectors an iteration so that
/// they share `f`'s constants.
///
/// # Safety
/// Each input has `n` readable elements and `out` `n` writable ones; `out` is apart from an input
/// or the same.
#[inline(always)]
pub(crate) unsafe fn each<T: Scalar, const N: usize>(
    ins: [*const T; N],
    out: *mut T,
    n: usize,
    f: impl Fn([T::Vector; N]) -> T::Vector,
) {
    // SAFETY: every access is below n.
    unsafe {
        if n < T::LANES {
            f(ins.map(|p| T::Vector::load_partial(p, n, T::ZERO))).store_partial(out, n);
            return;
        }
        // The last vector may overlap the one before. It is loaded first: where `out` is an input,
        // that one will have been overwritten.
        let last = ins.map(|p| T::Vector::load(p.add(n - T::LANES)));
        let mut at = 0;
        while at + 2 * T::LANES <= n {
            let x = ins.map(|p| T::Vector::load(p.add(at)));
            let y = ins.map(|p| T::Vector::load(p.add(at + T::LANES)));
            let (x, y) = (f(x), f(y));
            x.store(out.add(at));
            y.store(out.add(at + T::LANES));
            at += 2 * T::LANES;
        }
        if at + T::LANES < n {
            let x = ins.map(|p| T::Vector::load(p.add(at)));
            f(x).store(out.add(at));
            at += T::LANES;
        }
        if at < n {
            f(last).store(out.add(n - T::LANES));
        }
    }
}
