//! Cross entropy of scores and classes: log-softmax and the choice of the target in one pass over
//! each row.

use super::each::each;
use super::exponential::{Exponential, exponentials};
use crate::exec::{Grain, Part, for_range};
use crate::reduce::fold::{Add, Greater, Identity, Product, fold_row};
use adjoint_simd::Vector;

/// Classes, one a row, and how much they count.
#[derive(Clone, Copy, Debug)]
pub struct ClassTargets<'a, T> {
    /// The class of each row; below the number of classes unless it is ignored.
    pub classes: &'a [i64],
    /// The weight of each class; 1 for all where there is none.
    pub weight: Option<&'a [T]>,
    /// Rows of this class count for nothing.
    pub ignore: i64,
    /// How much of the target is spread evenly over all classes, in [0, 1].
    pub smoothing: f64,
}

impl<T: Exponential> ClassTargets<'_, T> {
    /// The class of a row, unless it is ignored.
    fn class(&self, row: usize) -> Option<usize> {
        let class = self.classes[row];
        (class != self.ignore).then_some(class as usize)
    }

    /// How much a row of this class counts.
    pub fn weight_of(&self, class: usize) -> T {
        self.weight.map_or(T::ONE, |w| w[class])
    }

    /// The sum of the weights of the rows that count.
    pub fn total(&self) -> f64 {
        (0..self.classes.len()).filter_map(|row| self.class(row)).map(|class| self.weight_of(class).to_f64()).sum()
    }

    /// What the target's own term and each of the evenly spread ones are multiplied with.
    fn shares(&self, n: usize) -> (f64, f64) {
        (1.0 - self.smoothing, self.smoothing / n as f64)
    }

    fn weight_sum(&self, n: usize) -> f64 {
        self.weight.map_or(n as f64, |w| w.iter().map(|w| w.to_f64()).sum())
    }

    fn check(&self, x: usize, n: usize) {
        let rows = self.classes.len();
        let known = |&class: &i64| class == self.ignore || (0..n as i64).contains(&class);
        assert!(
            x == rows * n && self.weight.is_none_or(|w| w.len() == n) && self.classes.iter().all(known),
            "cross_entropy: {rows} rows of {n} do not fit the arrays, or a class does not exist"
        );
    }
}

/// Writes the loss of each row, `Σ_c t_c · w_c · (log Σ exp(x) − x_c)`, with t the class as a
/// distribution, smoothed; 0 where it is ignored.
///
/// **Shapes**: x is `[rows, n]`; `losses` is `[rows]`; `stats` is `[rows, 2]` and takes the
/// greatest element m of each row and log Σ exp(x − m).
///
/// **Accuracy**: that of exp, of a cascaded sum of positive terms, of ln, and a few roundings; m is
/// taken off first, so nothing overflows.
///
/// **Errors**: panics when an array does not have the elements its shape needs, or a class does not
/// exist.
///
/// **Cost**: reads x from memory once; one exp an element.
pub fn cross_entropy<T: Exponential>(
    x: &[T],
    n: usize,
    targets: &ClassTargets<'_, T>,
    losses: &mut [T],
    stats: &mut [T],
) {
    targets.check(x.len(), n);
    assert!(
        losses.len() == targets.classes.len() && stats.len() == 2 * losses.len(),
        "cross_entropy: outputs do not fit"
    );
    let (own, each_share) = targets.shares(n);
    let weight_sum = targets.weight_sum(n);
    let (losses, stats) = (Part::new(losses), Part::new(stats));
    for_range(targets.classes.len(), Grain::of(10 * n), &(losses, stats), |range| {
        // SAFETY: ranges are disjoint.
        let (losses, stats) = unsafe { (losses.slice(range.clone()), stats.slice(2 * range.start..2 * range.end)) };
        for ((row, loss), stats) in range.zip(losses).zip(stats.chunks_exact_mut(2)) {
            let from = &x[row * n..][..n];
            // SAFETY: a row of n elements, and one value for m.
            let (m, log_sum) = unsafe {
                let m = fold_row::<T, Greater, Identity>(from.as_ptr(), from.as_ptr(), n);
                (m, exponentials::<T, false>(from.as_ptr(), m, core::ptr::null_mut(), n).ln())
            };
            stats.copy_from_slice(&[m, log_sum]);
            *loss = T::ZERO;
            let Some(class) = targets.class(row) else { continue };
            let (m, log_sum) = (m.to_f64(), log_sum.to_f64());
            let mut sum = 0.0;
            if own != 0.0 {
                sum += own * targets.weight_of(class).to_f64() * ((m - from[class].to_f64()) + log_sum);
            }
            if each_share != 0.0 {
                // SAFETY: a row of n elements; the weights, where there are some, are as many.
                let weighted = unsafe {
                    match targets.weight {
                        Some(w) => fold_row::<T, Add, Product>(from.as_ptr(), w.as_ptr(), n),
                        None => fold_row::<T, Add, Identity>(from.as_ptr(), from.as_ptr(), n),
                    }
                };
                sum += each_share * (weight_sum * (m + log_sum) - weighted.to_f64());
            }
            *loss = T::from_f64(sum);
        }
    });
}

/// `dx = g · (softmax(x) · Σ_c t_c w_c − t · w)` for each row, with t the class as a distribution,
/// smoothed; 0 where it is ignored.
///
/// **Shapes**: x and dx are `[rows, n]`, `stats` is what [`cross_entropy`] wrote; `g` gives the
/// gradient of the loss of a row.
///
/// **Errors**: as [`cross_entropy`].
pub fn cross_entropy_backward<T: Exponential>(
    g: impl Fn(usize) -> f64 + Sync,
    x: &[T],
    stats: &[T],
    n: usize,
    targets: &ClassTargets<'_, T>,
    dx: &mut [T],
) {
    targets.check(x.len(), n);
    assert!(
        dx.len() == x.len() && stats.len() == 2 * targets.classes.len(),
        "cross_entropy_backward: arrays do not fit"
    );
    let (own, each_share) = targets.shares(n);
    let weight_sum = targets.weight_sum(n);
    let dx = Part::new(dx);
    for_range(targets.classes.len(), Grain::of(10 * n), &dx, |range| {
        for row in range {
            // SAFETY: rows are apart.
            let (from, to) = (&x[row * n..][..n], unsafe { dx.slice(row * n..(row + 1) * n) });
            let Some(class) = targets.class(row) else {
                to.fill(T::ZERO);
                continue;
            };
            let g = g(row);
            let own = own * targets.weight_of(class).to_f64();
            let (m, log_sum) = (T::Vector::splat(stats[2 * row]), T::Vector::splat(stats[2 * row + 1]));
            let scale = T::Vector::splat(T::from_f64(g * (own + each_share * weight_sum)));
            let spread = T::Vector::splat(T::from_f64(g * each_share));
            // SAFETY: rows of n elements; the weights, where there are some, are as many.
            unsafe {
                let (from, to) = (from.as_ptr(), to.as_mut_ptr());
                match targets.weight {
                    _ if each_share == 0.0 => each([from], to, n, |[x]| T::exp_shifted([x - m - log_sum])[0] * scale),
                    Some(w) => {
                        each([from, w.as_ptr()], to, n, |[x, w]| {
                            T::exp_shifted([x - m - log_sum])[0] * scale - spread * w
                        });
                    }
                    None => each([from], to, n, |[x]| T::exp_shifted([x - m - log_sum])[0] * scale - spread),
                }
            }
            to[class] = to[class] - T::from_f64(g * own);
        }
    });
}
