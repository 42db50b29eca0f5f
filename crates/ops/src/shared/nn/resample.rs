//! Images of another size: what each element of the result is made of, axis by axis.
//!
//! Formulas are those of PyTorch's `UpSample.h` and `UpSampleKernel.cpp`: coordinates are computed in
//! the type of the elements, so that the same element is the nearest.

use crate::index::index_select::index_select;
use crate::pool::window_sum::{Weights, window_sum};
use adjoint_autograd::Tensor;
use adjoint_tensor::{Array, DType, Result, scratch};

/// How an element of the result is made of those around its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The one before its place.
    Nearest,
    /// The one nearest to its place.
    NearestExact,
    /// A straight line between two.
    Linear,
    /// A cubic through four.
    Cubic,
}

/// How coordinates are found.
#[derive(Clone, Copy)]
pub struct Corners {
    /// Whether the centers of the first and the last elements stay where they are, rather than the
    /// edges.
    pub aligned: bool,
    /// Whether the window grows with the step where the result is smaller.
    pub antialiased: bool,
}

/// One axis.
struct Axis {
    from: usize,
    to: usize,
    /// What was given in place of the ratio of the sizes.
    scale: Option<f64>,
    /// Whether coordinates are float32.
    single: bool,
}

impl Axis {
    fn round(&self, v: f64) -> f64 {
        if self.single { f64::from(v as f32) } else { v }
    }

    /// Steps on the input for a step on the result.
    fn step(&self, aligned: bool) -> f64 {
        if aligned {
            return if self.to > 1 { self.round((self.from - 1) as f64 / (self.to - 1) as f64) } else { 0.0 };
        }
        match self.scale {
            Some(scale) if scale > 0.0 => self.round(1.0 / scale),
            _ => self.round(self.from as f64 / self.to as f64),
        }
    }

    /// The place on the input of element `i` of the result.
    fn place(&self, i: usize, step: f64, aligned: bool) -> f64 {
        if aligned { self.round(step * i as f64) } else { self.round(self.round(step * (i as f64 + 0.5)) - 0.5) }
    }

    fn nearest(&self, exact: bool) -> Result<Vec<i64>> {
        let (step, last) = (self.step(false), self.from as i64 - 1);
        scratch::collected((0..self.to).map(|i| {
            let at =
                if exact { self.round(self.place(i, step, false).max(0.0) + 0.5) } else { self.round(step * i as f64) };
            // PyTorch rounds down in float32, whatever the type.
            ((at as f32).floor() as i64).min(last)
        }))
    }

    /// First element and the distance from it, a fraction.
    fn before(&self, place: f64) -> (usize, f64) {
        let at = ((place as f32).floor() as i64).min(self.from as i64 - 1);
        let fraction = self.round(place - at as f64).clamp(0.0, 1.0);
        (at.max(0) as usize, fraction)
    }

    fn linear(&self, aligned: bool) -> Result<Weights> {
        let (step, mut weights) = (self.step(aligned), Weights::with_room(self.to, 2)?);
        for i in 0..self.to {
            let (at, fraction) = self.before(self.place(i, step, aligned).max(0.0));
            if at + 1 < self.from {
                weights.push(at, [self.round(1.0 - fraction), fraction]);
            } else {
                weights.push(at, [1.0]);
            }
        }
        Ok(weights)
    }

    fn cubic(&self, aligned: bool) -> Result<Weights> {
        let (step, mut weights) = (self.step(aligned), Weights::with_room(self.to, 4)?);
        let last = self.from as i64 - 1;
        for i in 0..self.to {
            let place = self.place(i, step, aligned);
            let at = ((place as f32).floor() as i64).min(last);
            let t = self.round(place - at as f64).clamp(0.0, 1.0);
            let each = [1.0 + t, t, 1.0 - t, 2.0 - t].map(|x| cubic(x, -0.75));
            // What is beyond the ends counts for the first or the last element.
            let inside = |k: i64| (at - 1 + k).clamp(0, last);
            let start = inside(0);
            let mut own = [0.0; 4];
            for (k, w) in each.into_iter().enumerate() {
                own[(inside(k as i64) - start) as usize] += w;
            }
            weights.push(start as usize, own.into_iter().take((inside(3) - start) as usize + 1));
        }
        Ok(weights)
    }

    /// Weights of a window as wide as `size` elements, or steps where those are wider, which add up
    /// to 1.
    fn antialiased(&self, aligned: bool, size: f64, filter: impl Fn(f64) -> f64) -> Result<Weights> {
        let step = self.step(aligned);
        let support = if step >= 1.0 { self.round(size * 0.5 * step) } else { size * 0.5 };
        let inverse = if step >= 1.0 { self.round(1.0 / step) } else { 1.0 };
        let most = (support.min(self.from as f64).ceil() as usize) * 2 + 2;
        let (mut weights, mut own) = (Weights::with_room(self.to, most)?, scratch::with_room::<f64>(most)?);
        for i in 0..self.to {
            let center = self.round(step * (i as f64 + 0.5));
            let start = (self.round(self.round(center - support) + 0.5) as i64).max(0);
            let end = (self.round(self.round(center + support) + 0.5) as i64).min(self.from as i64);
            own.clear();
            #[allow(clippy::disallowed_methods, reason = "within the room that was asked for")]
            own.extend((start..end).take(most).map(|k| filter((k as f64 - center + 0.5) * inverse)));
            let total: f64 = own.iter().sum();
            let total = if total == 0.0 { 1.0 } else { total };
            weights.push(start as usize, own.iter().map(|w| w / total));
        }
        Ok(weights)
    }
}

/// Keys' cubic at distance `x` ≥ 0 (Keys 1981; PyTorch has a = −0.75, and −0.5 where antialiased).
fn cubic(x: f64, a: f64) -> f64 {
    match x {
        ..1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
        ..2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * a,
        _ => 0.0,
    }
}

/// `x` with its last dims of these sizes; `scales` are what they come from, where that was given.
pub fn resample(x: &Tensor, sizes: &[usize], scales: Option<&[f64]>, mode: Mode, corners: Corners) -> Result<Tensor> {
    let first = x.rank() - sizes.len();
    let Corners { aligned, antialiased } = corners;
    let mut out = x.clone();
    for (i, &to) in sizes.iter().enumerate().rev() {
        let (dim, from) = (first + i, x.shape()[first + i]);
        let axis = Axis { from, to, scale: scales.map(|s| s[i]), single: x.dtype() != DType::Float64 };
        // As it is, also where a scale that was given makes no difference to the size; PyTorch has
        // no such rule for nearest and for cubics.
        if from == to && (mode == Mode::Linear || (mode == Mode::Cubic && antialiased)) {
            continue;
        }
        out = match mode {
            Mode::Nearest | Mode::NearestExact => {
                let places = axis.nearest(mode == Mode::NearestExact)?;
                index_select(&out, dim, &Tensor::from_array(Array::from_slice(&places, &[to])?))?
            }
            Mode::Linear if antialiased => {
                window_sum(&out, dim, &axis.antialiased(aligned, 2.0, |x| (1.0 - x.abs()).max(0.0))?)?
            }
            Mode::Cubic if antialiased => {
                window_sum(&out, dim, &axis.antialiased(aligned, 4.0, |x| cubic(x.abs(), -0.5))?)?
            }
            Mode::Linear => window_sum(&out, dim, &axis.linear(aligned)?)?,
            Mode::Cubic => window_sum(&out, dim, &axis.cubic(aligned)?)?,
        };
    }
    if out.is_same(x) { crate::view::clone::clone(x) } else { Ok(out) }
}
