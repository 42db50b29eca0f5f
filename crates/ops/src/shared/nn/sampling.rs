//! Images read at places between their pixels.
//!
//! Formulas are those of PyTorch's `GridSampler.h`; what is differentiable here is written with ops,
//! so that every order is.

use crate::elementwise::{
    add::add, clamp::clamp, flat, floor::floor, ge::ge, gt::gt, le::le, logical_and::logical_and, mul::mul, neg::neg,
    remainder::remainder, round::round, sub::sub, to::to, where_::where_,
};
use crate::index::gather::gather;
use crate::invoke::number;
use crate::view::{expand::expand, reshape::reshape, select::select, unsqueeze::unsqueeze};
use adjoint_autograd::Tensor;
use adjoint_tensor::{DType, Dims, Error, Result, Scalar};
use smallvec::SmallVec;

/// How a value is made of the pixels around a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Between {
    Linear,
    Nearest,
    Cubic,
}

/// What is outside the image.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    Zeros,
    Border,
    Reflection,
}

fn plus(x: &Tensor, v: f64) -> Result<Tensor> {
    add(x, &number(v)?)
}

fn times(x: &Tensor, v: f64) -> Result<Tensor> {
    mul(x, &number(v)?)
}

/// One axis of the image.
struct Axis {
    size: usize,
    aligned: bool,
    outside: Outside,
}

impl Axis {
    /// Coordinates from −1 to 1 as places among the pixels.
    fn places(&self, x: &Tensor) -> Result<Tensor> {
        let n = self.size as f64;
        if self.aligned {
            times(&plus(x, 1.0)?, (n - 1.0) / 2.0)
        } else {
            times(&plus(&times(&plus(x, 1.0)?, n)?, -1.0)?, 0.5)
        }
    }

    /// Places brought inside, as this axis has it.
    fn inside(&self, x: &Tensor) -> Result<Tensor> {
        match self.outside {
            Outside::Zeros => Ok(x.clone()),
            Outside::Border => self.clipped(x),
            Outside::Reflection => self.clipped(&self.reflected(x)?),
        }
    }

    /// No further out than the outer pixels, with a gradient of 0 from there on.
    fn clipped(&self, x: &Tensor) -> Result<Tensor> {
        let last = number((self.size - 1) as f64)?;
        let zero = number(0.0)?;
        let inner = logical_and(&gt(x, &zero)?, &gt(&last, x)?)?;
        where_(&inner, x, &clamp(&x.detach(), Scalar::Float(0.0), Scalar::Float((self.size - 1) as f64))?)
    }

    /// Reflected at the outer pixels, or at their edges, as often as is needed.
    fn reflected(&self, x: &Tensor) -> Result<Tensor> {
        let (low, span) = if self.aligned { (0.0, (self.size - 1) as f64) } else { (-0.5, self.size as f64) };
        if span == 0.0 {
            return times(x, 0.0);
        }
        let from = plus(x, -low)?;
        let from = where_(&gt(&number(0.0)?, &from)?, &neg(&from)?, &from)?;
        let flips = floor(&times(&from.detach(), 1.0 / span)?)?;
        let extra = sub(&from, &times(&flips, span)?)?;
        let odd = gt(&remainder(&flips, &number(2.0)?)?, &number(0.5)?)?;
        where_(&odd, &plus(&neg(&extra)?, span + low)?, &plus(&extra, low)?)
    }

    /// Which of these whole places are pixels.
    fn exists(&self, at: &Tensor) -> Result<Tensor> {
        logical_and(&ge(at, &number(0.0)?)?, &le(at, &number((self.size - 1) as f64)?)?)
    }
}

/// One pixel along an axis: its place, a whole number, and its weight where that is not 1.
type Tap = (Tensor, Option<Tensor>);

/// Keys' cubic with a = −0.75 at a distance `x` below 1.
fn near(x: &Tensor) -> Result<Tensor> {
    plus(&mul(&mul(&plus(&times(x, 1.25)?, -2.25)?, x)?, x)?, 1.0)
}

/// The same at a distance between 1 and 2.
fn far(x: &Tensor) -> Result<Tensor> {
    let a = -0.75;
    plus(&mul(&plus(&mul(&plus(&times(x, a)?, -5.0 * a)?, x)?, 8.0 * a)?, x)?, -4.0 * a)
}

/// The pixels along an axis that a value is made of.
fn taps(axis: &Axis, coordinates: &Tensor, between: Between) -> Result<SmallVec<[Tap; 4]>> {
    let place = axis.places(coordinates)?;
    let mut out = SmallVec::new();
    match between {
        Between::Nearest => out.push((round(&axis.inside(&place)?.detach())?, None)),
        Between::Linear => {
            let place = axis.inside(&place)?;
            let first = floor(&place.detach())?;
            let fraction = sub(&place, &first)?;
            let second = plus(&first, 1.0)?;
            out.push((first, Some(plus(&neg(&fraction)?, 1.0)?)));
            out.push((second, Some(fraction)));
        }
        Between::Cubic => {
            let first = floor(&place.detach())?;
            let t = sub(&place, &first)?;
            let back = plus(&neg(&t)?, 1.0)?;
            let weights = [far(&plus(&t, 1.0)?)?, near(&t)?, near(&back)?, far(&plus(&back, 1.0)?)?];
            for (k, weight) in weights.into_iter().enumerate() {
                // PyTorch drops the fraction that a reflection at edges may leave.
                let at = axis.inside(&plus(&first, k as f64 - 1.0)?)?;
                out.push((floor(&at)?, Some(weight)));
            }
        }
    }
    Ok(out)
}

/// The values of `x: [N, C, …size]` at the places `grid: [N, …places, dims]`, x first: `[N, C,
/// …places]`.
pub fn sample(x: &Tensor, grid: &Tensor, between: Between, outside: Outside, aligned: bool) -> Result<Tensor> {
    let dims = check(x, grid, between)?;
    let [batch, channels, size @ ..] = x.shape() else { unreachable!("the rank was checked") };
    let places: usize = grid.shape()[1..=dims].iter().product();
    let flat = reshape(x, &[*batch, *channels, size.iter().product()])?;
    let mut axes: SmallVec<[(Axis, SmallVec<[Tap; 4]>); 3]> = SmallVec::new();
    for (d, &size) in size.iter().enumerate() {
        let axis = Axis { size, aligned, outside };
        let coordinates = reshape(&select(grid, dims + 1, dims - 1 - d)?, &[*batch, places])?;
        let taps = taps(&axis, &coordinates, between)?;
        axes.push((axis, taps));
    }
    let mut sum: Option<Tensor> = None;
    let combinations: usize = axes.iter().map(|(_, taps)| taps.len()).product();
    for combination in 0..combinations {
        let (mut rest, mut index, mut exists, mut weight): (usize, Option<Tensor>, Option<Tensor>, Option<Tensor>) =
            (combination, None, None, None);
        for (axis, taps) in &axes {
            let (at, w) = &taps[rest % taps.len()];
            rest /= taps.len();
            let held = axis.exists(at)?;
            // A place that is no pixel, or not a number, reads the first one and is left out below.
            let whole = to(&where_(&held, at, &number(0.0)?)?, DType::Int64)?;
            let step = Tensor::number(Scalar::Int(axis.size as i64))?;
            index = Some(match index {
                None => whole,
                Some(index) => add(&mul(&index, &step)?, &whole)?,
            });
            exists = Some(match exists {
                None => held,
                Some(exists) => logical_and(&exists, &held)?,
            });
            weight = match (weight, w) {
                (Some(a), Some(b)) => Some(mul(&a, b)?),
                (a, b) => a.or_else(|| b.clone()),
            };
        }
        let (Some(index), Some(exists)) = (index, exists) else { continue };
        let index = expand(&unsqueeze(&index, 1)?, &[*batch, *channels, places])?;
        let value = where_(&unsqueeze(&exists, 1)?, &gather(&flat, 2, &index)?, &number(0.0)?)?;
        let value = match weight {
            Some(weight) => mul(&value, &unsqueeze(&weight, 1)?)?,
            None => value,
        };
        sum = Some(match sum {
            None => value,
            Some(sum) => add(&sum, &value)?,
        });
    }
    let shape: Dims = [*batch, *channels].iter().chain(&grid.shape()[1..=dims]).copied().collect();
    let y = reshape(&sum.ok_or_else(|| Error::usage("expected a pixel to read"))?, &shape)?;
    // The nearest pixel is the same around a place: its gradient is 0.
    if between == Between::Nearest { flat::flat(y, grid) } else { Ok(y) }
}

/// How many spatial dims there are.
fn check(x: &Tensor, grid: &Tensor, between: Between) -> Result<usize> {
    let (shape, places) = (x.shape(), grid.shape());
    let refused = |what: &str| Err(Error::shape(format!("expected {what}, got input {shape:?} and grid {places:?}")));
    if !x.dtype().is_float() || grid.dtype() != x.dtype() {
        return Err(Error::dtype(format!(
            "expected a floating-point input and a grid of its dtype, got {} and {}; cast with to()",
            x.dtype().name(),
            grid.dtype().name()
        )));
    }
    let rank = x.rank();
    if !(4..=5).contains(&rank) || grid.rank() != rank {
        return refused("input and grid of 4 dims, or of 5");
    }
    if rank == 5 && between == Between::Cubic {
        return refused("images, of 4 dims, for mode bicubic");
    }
    if shape[0] != places[0] {
        return refused("input and grid of one batch size");
    }
    if places[rank - 1] != rank - 2 {
        return refused(&format!("a grid whose last dim is {}, a coordinate a spatial dim", rank - 2));
    }
    if shape[2..].contains(&0) {
        return refused("an input with pixels");
    }
    Ok(rank - 2)
}
