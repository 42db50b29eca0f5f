//! The LSTM: `i, f, o = σ(…)`, `g = tanh(…)`, `c ← f · c + i · g`, `h ← o · tanh c`, and where
//! there is a projection `h ← h · Wᵀ`.

use super::lanes::{Squash, each_vector};
use super::{Step, Weight, add_rows, most};
use crate::exec::{Grain, Part, for_range};
use crate::gemm::Matrix;
use crate::scratch;
use adjoint_simd::Vector;

/// What a layer is computed with.
pub struct Lstm<'a, T> {
    /// The steps in the order they are done.
    pub steps: &'a [Step],
    /// The size of the cells.
    pub hidden: usize,
    /// The size of the state: that of the cells unless it is projected.
    pub width: usize,
    /// `[4 · hidden, width]`, the rows of i, f, g and o.
    pub weight: &'a [T],
    /// `[width, hidden]`
    pub projection: Option<&'a [T]>,
}

/// Runs a layer. `x` `[rows, 4 · hidden]` is what the inputs add to the gates, biases and all; `h`
/// `[sequences, width]` and `c` `[sequences, hidden]` are the states before, and then behind the
/// last step of each sequence. Writes `out` `[rows, width]`, and what the derivative reads: `gates`
/// `[rows, 4 · hidden]` and `cells` `[rows, hidden]`.
///
/// **Errors**: panics where an array does not have the elements its shape needs.
pub fn lstm<T: Squash>(
    layer: &Lstm<'_, T>,
    x: &[T],
    h: &mut [T],
    c: &mut [T],
    out: &mut [T],
    gates: &mut [T],
    cells: &mut [T],
) {
    let &Lstm { steps, hidden: n, width, weight, projection } = layer;
    let most = most(steps);
    let sizes = (scratch::filled(T::ZERO, most * 4 * n), scratch::filled(T::ZERO, projection.map_or(0, |_| most * n)));
    let (Some(mut recurrent), Some(mut unprojected)) = sizes else { return };
    let weight = Weight::transposed(weight, width, 4 * n, steps);
    let projection = projection.map(|p| Weight::transposed(p, n, width, steps));
    for step in steps {
        let (first, rows) = (step.first, step.rows);
        weight.multiply(rows, h, T::ZERO, &mut recurrent);
        let block = match &projection {
            Some(_) => &mut unprojected[..rows * n],
            None => &mut out[first * n..][..rows * n],
        };
        let written = ((Part::new(&mut *gates), Part::new(&mut *cells)), Part::new(&mut *c), Part::new(block));
        for_range(rows, Grain::of(60 * n), &written, |range| {
            let ((gates, cells), c, block) = &written;
            for i in range {
                let row = first + i;
                let (x, r) = (x[row * 4 * n..][..4 * n].as_ptr(), recurrent[i * 4 * n..][..4 * n].as_ptr());
                let (own, own_state) = (row * n..(row + 1) * n, i * n..(i + 1) * n);
                // SAFETY: rows are apart.
                let (gates, kept) = unsafe { (gates.slice(4 * own.start..4 * own.end), cells.slice(own)) };
                // SAFETY: as above.
                let (c, y) = unsafe { (c.slice(own_state.clone()), block.slice(own_state)) };
                let (gates, kept, c, y) = (gates.as_mut_ptr(), kept.as_mut_ptr(), c.as_mut_ptr(), y.as_mut_ptr());
                // SAFETY: every row was just cut to its length, n or four times n.
                each_vector::<T>(n, |at| unsafe {
                    let sum = |k: usize| at.load(x.add(k * n)) + at.load(r.add(k * n));
                    let [i, f, o] = T::sigmoid([sum(0), sum(1), sum(3)]);
                    let g = T::tanh(sum(2));
                    let cell = f.mul_add(at.load(c), i * g);
                    at.store(i, gates);
                    at.store(f, gates.add(n));
                    at.store(g, gates.add(2 * n));
                    at.store(o, gates.add(3 * n));
                    at.store(cell, c);
                    at.store(cell, kept);
                    at.store(o * T::tanh(cell), y);
                });
            }
        });
        if let Some(projection) = &projection {
            projection.multiply(rows, &unprojected, T::ZERO, &mut out[first * width..]);
        }
        h[..rows * width].copy_from_slice(&out[first * width..][..rows * width]);
    }
}

/// The outputs before they were projected, `[rows, hidden]`: `o · tanh c`.
pub fn lstm_outputs<T: Squash>(gates: &[T], cells: &[T], hidden: usize, out: &mut [T]) {
    let rows = out.len() / hidden;
    assert!(
        out.len() == rows * hidden && cells.len() == out.len() && gates.len() == 4 * out.len(),
        "lstm_outputs: rows of {hidden}"
    );
    let out = Part::new(out);
    for_range(rows, Grain::of(20 * hidden), &out, |rows| {
        for row in rows {
            let (o, c) = (gates[(4 * row + 3) * hidden..].as_ptr(), cells[row * hidden..].as_ptr());
            // SAFETY: rows are apart.
            let out = unsafe { out.slice(row * hidden..(row + 1) * hidden) }.as_mut_ptr();
            // SAFETY: the rows have `hidden` elements.
            each_vector::<T>(hidden, |at| unsafe { at.store(at.load(o) * T::tanh(at.load(c)), out) });
        }
    });
}

/// Where derivatives are written.
pub struct LstmGradients<'a, T> {
    /// Of the state behind the last step, and then of that before the first, `[sequences, width]`.
    pub h: &'a mut [T],
    /// The same of the cells, `[sequences, hidden]`.
    pub c: &'a mut [T],
    /// Of what the inputs add to the gates, `[rows, 4 · hidden]`.
    pub gates: &'a mut [T],
    /// Of the outputs, the paths by later steps included, `[rows, width]`; the projection's
    /// derivative reads them.
    pub out: Option<&'a mut [T]>,
}

/// Goes back through the steps. `g` `[rows, width]` are the derivatives of the outputs; `gates` and
/// `cells` are those of the layer, and `cells_before` the cells before each row.
///
/// **Errors**: as [`lstm`].
pub fn lstm_backward<T: Squash>(
    layer: &Lstm<'_, T>,
    g: Option<&[T]>,
    gates: &[T],
    cells: &[T],
    cells_before: &[T],
    grads: LstmGradients<'_, T>,
) {
    let &Lstm { steps, hidden: n, width, weight, projection } = layer;
    let LstmGradients { h: dh, c: dc, gates: dgates, out: mut dout } = grads;
    let Some(mut unprojected) = scratch::filled(T::ZERO, projection.map_or(0, |_| most(steps) * n)) else { return };
    let one = T::Vector::splat(T::ONE);
    let weight = Weight::new(Matrix::rows(weight, width), 4 * n, width, steps);
    let projection = projection.map(|p| Weight::new(Matrix::rows(p, n), width, n, steps));
    for step in steps.iter().rev() {
        let (first, rows) = (step.first, step.rows);
        add_rows(step, g, width, dh);
        if let Some(dout) = dout.as_deref_mut() {
            dout[first * width..][..rows * width].copy_from_slice(&dh[..rows * width]);
        }
        if let Some(projection) = &projection {
            projection.multiply(rows, dh, T::ZERO, &mut unprojected);
        }
        let dy = if projection.is_some() { &unprojected } else { &*dh };
        let written = (Part::new(&mut *dgates), Part::new(&mut *dc));
        for_range(rows, Grain::of(40 * n), &written, |range| {
            let (dgates, dc) = &written;
            for i in range {
                let row = first + i;
                let gates = gates[row * 4 * n..][..4 * n].as_ptr();
                let (cell, before) = (cells[row * n..][..n].as_ptr(), cells_before[row * n..][..n].as_ptr());
                let dy = dy[i * n..][..n].as_ptr();
                // SAFETY: rows are apart.
                let (d, dc) = unsafe { (dgates.slice(4 * row * n..4 * (row + 1) * n), dc.slice(i * n..(i + 1) * n)) };
                let (d, dc) = (d.as_mut_ptr(), dc.as_mut_ptr());
                // SAFETY: every row was just cut to its length, n or four times n.
                each_vector::<T>(n, |at| unsafe {
                    let gate = |k: usize| at.load(gates.add(k * n));
                    let [i, f, g, o] = [gate(0), gate(1), gate(2), gate(3)];
                    let (dy, t) = (at.load(dy), T::tanh(at.load(cell)));
                    let dcell = (dy * o).mul_add((one - t) * (one + t), at.load(dc));
                    at.store(dcell * g * i * (one - i), d);
                    at.store(dcell * at.load(before) * f * (one - f), d.add(n));
                    at.store(dcell * i * (one - g) * (one + g), d.add(2 * n));
                    at.store(dy * t * o * (one - o), d.add(3 * n));
                    at.store(dcell * f, dc);
                });
            }
        });
        weight.multiply(rows, &dgates[first * 4 * n..][..rows * 4 * n], T::ZERO, dh);
    }
}
