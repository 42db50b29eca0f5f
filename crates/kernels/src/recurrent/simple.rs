//! The simple recurrent layer: `h ← tanh(x + h · Wᵀ)`, or with ReLU.

use super::lanes::{Squash, each_vector};
use super::{Step, Weight, add_rows, most};
use crate::exec::{Grain, Part, for_range};
use crate::gemm::Matrix;
use crate::scratch;
use adjoint_simd::Vector;

/// The function of a simple layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// The hyperbolic tangent.
    Tanh,
    /// The positive part.
    Relu,
}

/// What a layer is computed with.
pub struct Simple<'a, T> {
    /// The steps in the order they are done.
    pub steps: &'a [Step],
    /// The size of the state.
    pub hidden: usize,
    /// The function.
    pub function: Activation,
    /// `[hidden, hidden]`
    pub weight: &'a [T],
}

/// Runs a layer. `x` `[rows, hidden]` is what the inputs add, biases and all, `weight`
/// `[hidden, hidden]`; `h` `[sequences, hidden]` is the state before, and then behind the last step
/// of each sequence. Writes `out` `[rows, hidden]`.
///
/// **Errors**: panics where an array does not have the elements its shape needs.
pub fn simple<T: Squash>(layer: &Simple<'_, T>, x: &[T], h: &mut [T], out: &mut [T]) {
    let &Simple { steps, hidden: n, function, weight } = layer;
    let Some(mut recurrent) = scratch::filled(T::ZERO, most(steps) * n) else { return };
    let zero = T::Vector::splat(T::ZERO);
    let weight = Weight::transposed(weight, n, n, steps);
    for step in steps {
        let (first, rows) = (step.first, step.rows);
        weight.multiply(rows, h, T::ZERO, &mut recurrent);
        let len = rows * n;
        let (x, r, y) = (&x[first * n..][..len], &recurrent[..len], Part::new(&mut out[first * n..][..len]));
        for_range(len, Grain::of(15).in_units(T::LANES), &y, |range| {
            let (len, x, r) = (range.len(), x[range.clone()].as_ptr(), r[range.clone()].as_ptr());
            // SAFETY: ranges are disjoint.
            let y = unsafe { y.slice(range) }.as_mut_ptr();
            // SAFETY: the rows of the step, one behind the other, were just cut to their length.
            each_vector::<T>(len, |at| unsafe {
                let sum = at.load(x) + at.load(r);
                at.store(if function == Activation::Tanh { T::tanh(sum) } else { sum.max(zero) }, y);
            });
        });
        h[..len].copy_from_slice(&out[first * n..][..len]);
    }
}

/// Goes back through the steps: `g` `[rows, hidden]` are the derivatives of the outputs `y`, `dh`
/// `[sequences, hidden]` that of the last state and then of the first. Writes the derivatives of
/// what the inputs add, `dx` `[rows, hidden]`.
///
/// **Errors**: as [`simple`].
pub fn simple_backward<T: Squash>(layer: &Simple<'_, T>, g: Option<&[T]>, y: &[T], dh: &mut [T], dx: &mut [T]) {
    let &Simple { steps, hidden: n, function, weight } = layer;
    let weight = Weight::new(Matrix::rows(weight, n), n, n, steps);
    for step in steps.iter().rev() {
        add_rows(step, g, n, dh);
        let at = step.first * n..(step.first + step.rows) * n;
        let (y, dh_now, d) = (&y[at.clone()], &dh[..at.len()], Part::new(&mut dx[at.clone()]));
        for_range(at.len(), Grain::of(4), &d, |range| {
            // SAFETY: ranges are disjoint.
            let d = unsafe { d.slice(range.clone()) };
            for ((d, &y), &dh) in d.iter_mut().zip(&y[range.clone()]).zip(&dh_now[range]) {
                *d = match function {
                    Activation::Tanh => dh * (T::ONE - y) * (T::ONE + y),
                    // NaN passes on its derivative, as in relu's own.
                    Activation::Relu if y <= T::ZERO => T::ZERO,
                    Activation::Relu => dh,
                };
            }
        });
        weight.multiply(step.rows, &dx[at], T::ZERO, dh);
    }
}
