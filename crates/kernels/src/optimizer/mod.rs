//! Steps of optimisers, in place: one pass over a parameter, its gradient and what is remembered of it.

mod adam;
mod sgd;

pub use adam::{Adam, adam};
pub use sgd::{Sgd, sgd};

pub use adjoint_simd::Scalar;
use adjoint_simd::Vector;

/// `outs ← f(ins, outs)` element by element, over vectors and a part of one.
///
/// # Safety
/// `ins` have `n` readable elements, `outs` `n` readable and writable ones; no two of them overlap.
#[inline(always)]
unsafe fn update<T: Scalar, const I: usize, const O: usize>(
    ins: [*const T; I],
    outs: [*mut T; O],
    n: usize,
    f: impl Fn([T::Vector; I], [T::Vector; O]) -> [T::Vector; O],
) {
    let whole = n - n % T::LANES;
    // SAFETY: whole vectors below `whole`, and then the `n − whole` elements that are left.
    unsafe {
        for at in (0..whole).step_by(T::LANES) {
            let new = f(ins.map(|p| T::Vector::load(p.add(at))), outs.map(|p| T::Vector::load(p.add(at))));
            for (p, v) in outs.into_iter().zip(new) {
                v.store(p.add(at));
            }
        }
        if whole < n {
            let rest = n - whole;
            let part = |p: *const T| T::Vector::load_partial(p.add(whole), rest, T::ZERO);
            let new = f(ins.map(part), outs.map(|p| part(p)));
            for (p, v) in outs.into_iter().zip(new) {
                v.store_partial(p.add(whole), rest);
            }
        }
    }
}
