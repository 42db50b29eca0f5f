//! Adam and AdamW.

use super::update;
use adjoint_simd::{Scalar, Vector};

/// The numbers of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// The learning rate.
    pub lr: f64,
    /// The decay of the average of gradients.
    pub beta1: f64,
    /// The decay of the average of their squares.
    pub beta2: f64,
    /// Added to the denominator.
    pub eps: f64,
    /// How strongly parameters are drawn to 0.
    pub weight_decay: f64,
    /// Whether they are drawn directly and not through the gradient: AdamW.
    pub decoupled: bool,
    /// Whether the objective grows.
    pub maximize: bool,
}

/// `m ← m + (1 − β₁)(g − m); v ← β₂ v + (1 − β₂) g²; p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps)` for step t, from 1.
///
/// `greatest`, where it is given, remembers the greatest v so far, which then takes its place in the denominator (amsgrad). The order of operations
/// is that of PyTorch's `torch.optim.Adam` and `AdamW`.
///
/// **Errors**: panics when the arrays have different lengths.
pub fn adam<T: Scalar>(
    p: &mut [T],
    g: &[T],
    m: &mut [T],
    v: &mut [T],
    greatest: Option<&mut [T]>,
    step: f64,
    by: &Adam,
) {
    let n = p.len();
    assert!(
        g.len() == n && m.len() == n && v.len() == n && greatest.as_ref().is_none_or(|v| v.len() == n),
        "adam: arrays of different lengths"
    );
    let splat = |v: f64| T::Vector::splat(T::from_f64(v));
    let decays = by.weight_decay != 0.0;
    let (decay, shrink) = (splat(by.weight_decay), splat(1.0 - by.lr * by.weight_decay));
    let (gained, kept, gained_squares) = (splat(1.0 - by.beta1), splat(by.beta2), splat(1.0 - by.beta2));
    let rate = splat(-by.lr / (1.0 - by.beta1.powf(step)));
    let correction = splat((1.0 - by.beta2.powf(step)).sqrt());
    let eps = splat(by.eps);
    let moments = |g: T::Vector, p: T::Vector, m: T::Vector, v: T::Vector| {
        let g = if by.maximize { -g } else { g };
        let (p, g) = match (decays, by.decoupled) {
            (false, _) => (p, g),
            (true, true) => (p * shrink, g),
            (true, false) => (p, decay.mul_add(p, g)),
        };
        (p, gained.mul_add(g - m, m), v * kept + gained_squares * g * g)
    };
    let moved = |p: T::Vector, m: T::Vector, v: T::Vector| p + rate * m / (v.sqrt() / correction + eps);
    let g = g.as_ptr();
    let (p, m, v) = (p.as_mut_ptr(), m.as_mut_ptr(), v.as_mut_ptr());
    // SAFETY: all have n elements, and the exclusive borrows keep them apart.
    unsafe {
        match greatest {
            None => update::<T, 1, 3>([g], [p, m, v], n, |[g], [p, m, v]| {
                let (p, m, v) = moments(g, p, m, v);
                [moved(p, m, v), m, v]
            }),
            Some(greatest) => {
                update::<T, 1, 4>([g], [p, m, v, greatest.as_mut_ptr()], n, |[g], [p, m, v, greatest]| {
                    let (p, m, v) = moments(g, p, m, v);
                    let greatest = greatest.max(v);
                    [moved(p, m, greatest), m, v, greatest]
                });
            }
        }
    }
}
