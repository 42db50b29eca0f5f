//! The GRU: `r, z = σ(…)`, `n = tanh(x + r · (h · Wᵀ + b))`, `h ← n + z · (h − n)`.

use super::lanes::{Squash, each_vector};
use super::{Step, Weight, add_rows, most};
use crate::exec::{Grain, Part, for_range};
use crate::gemm::Matrix;
use crate::scratch;
use adjoint_simd::Vector;

/// What a layer is computed with.
pub struct Gru<'a, T> {
    /// The steps in the order they are done.
    pub steps: &'a [Step],
    /// The size of the state.
    pub hidden: usize,
    /// `[3 · hidden, hidden]`, the rows of r, z and n.
    pub weight: &'a [T],
}

/// Runs a layer. `x` `[rows, 3 · hidden]` is what the inputs add to the gates, `bias`
/// `[3 · hidden]` what is added to the products with the state; `h` `[sequences, hidden]` is the
/// state before, and then behind the last step of each sequence. Writes `out` `[rows, hidden]`, and
/// for the derivative `gates` `[rows, 4 · hidden]`: r, z, n and what r was multiplied with.
///
/// **Errors**: panics where an array does not have the elements its shape needs.
pub fn gru<T: Squash>(layer: &Gru<'_, T>, x: &[T], bias: &[T], h: &mut [T], out: &mut [T], gates: &mut [T]) {
    let &Gru { steps, hidden: n, weight } = layer;
    let Some(mut recurrent) = scratch::filled(T::ZERO, most(steps) * 3 * n) else { return };
    let bias = &bias[..3 * n];
    let weight = Weight::transposed(weight, n, 3 * n, steps);
    for step in steps {
        weight.multiply(step.rows, h, T::ZERO, &mut recurrent);
        let (h, out, gates) = (Part::new(h), Part::new(out), Part::new(gates));
        for_range(step.rows, Grain::of(60 * n), &(h, out, gates), |rows| {
            for i in rows {
                let row = step.first + i;
                let (x, r) = (x[row * 3 * n..][..3 * n].as_ptr(), recurrent[i * 3 * n..][..3 * n].as_ptr());
                // SAFETY: rows are apart.
                let (gates, h, y) = unsafe {
                    (
                        gates.slice(4 * row * n..4 * (row + 1) * n),
                        h.slice(i * n..(i + 1) * n),
                        out.slice(row * n..(row + 1) * n),
                    )
                };
                let (gates, h, y) = (gates.as_mut_ptr(), h.as_mut_ptr(), y.as_mut_ptr());
                // SAFETY: every row was just cut to its length.
                each_vector::<T>(n, |at| unsafe {
                    let by_state = |k: usize| at.load(r.add(k * n)) + at.load(bias.as_ptr().add(k * n));
                    let sum = |k: usize| at.load(x.add(k * n)) + by_state(k);
                    let [reset, z] = T::sigmoid([sum(0), sum(1)]);
                    let inner = by_state(2);
                    let new = T::tanh(reset.mul_add(inner, at.load(x.add(2 * n))));
                    let state = z.mul_add(at.load(h) - new, new);
                    at.store(reset, gates);
                    at.store(z, gates.add(n));
                    at.store(new, gates.add(2 * n));
                    at.store(inner, gates.add(3 * n));
                    at.store(state, h);
                    at.store(state, y);
                });
            }
        });
    }
}

/// Goes back through the steps. `g` `[rows, hidden]` are the derivatives of the outputs, `dh`
/// `[sequences, hidden]` that of the last state and then of the first; `before` is the state before
/// each row. Writes the derivatives of what the inputs add to the gates, `dx`, and of the products
/// with the state, `dr`, each `[rows, 3 · hidden]`.
///
/// **Errors**: as [`gru`].
pub fn gru_backward<T: Squash>(
    layer: &Gru<'_, T>,
    g: Option<&[T]>,
    gates: &[T],
    before: &[T],
    dh: &mut [T],
    dx: &mut [T],
    dr: &mut [T],
) {
    let &Gru { steps, hidden: n, weight } = layer;
    let one = T::Vector::splat(T::ONE);
    let weight = Weight::new(Matrix::rows(weight, n), 3 * n, n, steps);
    for step in steps.iter().rev() {
        add_rows(step, g, n, dh);
        let written = (Part::new(dh), Part::new(dx), Part::new(dr));
        for_range(step.rows, Grain::of(30 * n), &written, |rows| {
            let (dh, dx, dr) = &written;
            for i in rows {
                let row = step.first + i;
                let (gates, before) = (gates[row * 4 * n..][..4 * n].as_ptr(), before[row * n..][..n].as_ptr());
                let gate_rows = 3 * row * n..3 * (row + 1) * n;
                // SAFETY: rows are apart.
                let (dx, dr, dh) =
                    unsafe { (dx.slice(gate_rows.clone()), dr.slice(gate_rows), dh.slice(i * n..(i + 1) * n)) };
                let (dx, dr, dh) = (dx.as_mut_ptr(), dr.as_mut_ptr(), dh.as_mut_ptr());
                // SAFETY: every row was just cut to its length.
                each_vector::<T>(n, |at| unsafe {
                    let gate = |k: usize| at.load(gates.add(k * n));
                    let [r, z, new, inner] = [gate(0), gate(1), gate(2), gate(3)];
                    let d = at.load(dh);
                    let dz = d * (at.load(before) - new) * z * (one - z);
                    let dnew = d * (one - z) * (one - new) * (one + new);
                    let dreset = dnew * inner * r * (one - r);
                    for (k, (by_input, by_state)) in
                        [(dreset, dreset), (dz, dz), (dnew, dnew * r)].into_iter().enumerate()
                    {
                        at.store(by_input, dx.add(k * n));
                        at.store(by_state, dr.add(k * n));
                    }
                    at.store(d * z, dh);
                });
            }
        });
        weight.multiply(step.rows, &dr[step.first * 3 * n..][..step.rows * 3 * n], T::ONE, dh);
    }
}
