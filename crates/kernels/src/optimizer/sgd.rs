//! Stochastic gradient descent.

use super::update;
use adjoint_simd::{Scalar, Vector};

/// The numbers of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// The learning rate.
    pub lr: f64,
    /// The factor on the velocity.
    pub momentum: f64,
    /// How much less the gradient counts in the velocity.
    pub dampening: f64,
    /// The factor of the parameter added to its gradient.
    pub weight_decay: f64,
    /// Whether the gradient is taken at the place the velocity leads to.
    pub nesterov: bool,
    /// Whether the objective grows.
    pub maximize: bool,
}

/// `g ← ±g + weight_decay · p; v ← momentum · v + (1 − dampening) · g`, or `v ← g` in the first step; `p ← p − lr · v`, with Nesterov's
/// momentum `p ← p − lr · (g + momentum · v)`, without momentum `p ← p − lr · g`.
///
/// `velocity` is there exactly where momentum is wanted. Source: PyTorch's `torch.optim.SGD`.
///
/// **Errors**: panics when the arrays have different lengths.
pub fn sgd<T: Scalar>(p: &mut [T], g: &[T], velocity: Option<&mut [T]>, first: bool, by: &Sgd) {
    let n = p.len();
    assert!(g.len() == n && velocity.as_ref().is_none_or(|v| v.len() == n), "sgd: arrays of different lengths");
    let splat = |v: f64| T::Vector::splat(T::from_f64(v));
    let (rate, decay, momentum) = (splat(-by.lr), splat(by.weight_decay), splat(by.momentum));
    let gained = splat(1.0 - by.dampening);
    let decays = by.weight_decay != 0.0;
    let direction = |g: T::Vector, p: T::Vector| {
        let g = if by.maximize { -g } else { g };
        if decays { decay.mul_add(p, g) } else { g }
    };
    let (g, p) = (g.as_ptr(), p.as_mut_ptr());
    // SAFETY: all have n elements, and the exclusive borrows keep them apart.
    unsafe {
        match velocity {
            None => update::<T, 1, 1>([g], [p], n, |[g], [p]| [rate.mul_add(direction(g, p), p)]),
            Some(v) => update::<T, 1, 2>([g], [p, v.as_mut_ptr()], n, |[g], [p, v]| {
                let g = direction(g, p);
                let v = if first { g } else { momentum * v + gained * g };
                let way = if by.nesterov { momentum.mul_add(v, g) } else { v };
                [rate.mul_add(way, p), v]
            }),
        }
    }
}
