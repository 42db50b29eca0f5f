//! Normalization with a weight and a bias for each channel, and its derivatives.
//!
//! A *segment* is the run of neighbouring elements of one channel in one sample. Segments that
//! share moments are all those of a channel over the batch, or those of a group of channels in a
//! sample. What a segment needs is two numbers forward and four backward, so its loops read only
//! what they must. Where a channel is a single element, rows are read instead, with the numbers of
//! the channels beside them (module `columns`).
//!
//! Elements are taken from a *shift* near their mean, a number with few digits, and the rest of the
//! mean goes into the constants: a difference from a number with all of its digits is rounded the
//! same way for all elements of a size, which adds up in sums.

mod backward;
mod columns;
mod forward;

pub use backward::channel_norm_backward;
pub use forward::channel_norm;

use crate::dtype::DType;
use crate::reduce::moments::{self, Moments};
use adjoint_simd::Scalar;

/// Which elements share a mean and a variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Those of a channel, in all samples.
    Batch,
    /// Those of so many neighbouring channels, in one sample.
    Group(usize),
}

/// How channels lie in a contiguous array.
#[derive(Clone, Copy, Debug)]
pub struct Channels {
    /// Samples.
    pub outer: usize,
    /// Channels of a sample.
    pub channels: usize,
    /// Elements of a channel in a sample.
    pub inner: usize,
    /// Which of them share moments.
    pub sharing: Sharing,
}

impl Channels {
    /// Moments of each kind.
    pub fn moments(&self) -> usize {
        match self.sharing {
            Sharing::Batch => self.channels,
            Sharing::Group(of) => self.outer * self.channels / of,
        }
    }

    /// Segments that share moments.
    fn segments(&self) -> usize {
        match self.sharing {
            Sharing::Batch => self.outer,
            Sharing::Group(of) => of,
        }
    }

    /// Segment number `i` of those that share moments `s`.
    fn segment(&self, s: usize, i: usize) -> usize {
        match self.sharing {
            Sharing::Batch => i * self.channels + s,
            Sharing::Group(of) => s * of + i,
        }
    }

    /// The moments of a segment.
    fn moments_of(&self, segment: usize) -> usize {
        match self.sharing {
            Sharing::Batch => segment % self.channels,
            Sharing::Group(of) => segment / of,
        }
    }

    /// Elements that share moments.
    fn count(&self) -> usize {
        self.segments() * self.inner
    }

    /// Whether rows of channels are what is next to each other in memory.
    fn is_rows_of_channels(&self) -> bool {
        self.sharing == Sharing::Batch && self.inner == 1 && self.channels > 1
    }
}

/// What moments are rounded to, where that is not the type they are computed in.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// The dtype they are kept in.
    pub dtype: DType,
    /// Whether the sum of squares and the variance are rounded before the root is taken.
    pub sums: bool,
}

/// What a forward pass writes for each of the moments, in so many rows of its output: the shift,
/// the rest of the mean, the reciprocal of the standard deviation, the mean, and the variance.
pub const MOMENTS: usize = 5;

/// The five numbers.
struct Centre {
    shift: f64,
    rest: f64,
    rstd: f64,
    mean: f64,
    var: f64,
}

/// Of `n` elements, which `at` gives.
fn centre<T: Scalar>(found: Moments, n: usize, eps: f64, held: Option<Held>, at: impl Fn(usize) -> T) -> Centre {
    let var = found.squares / n as f64;
    let (mean, rstd) = (found.mean, 1.0 / (var + eps).sqrt());
    if let Some(Held { dtype, sums }) = held {
        let round = |v: f64| dtype.nearest(T::from_f64(v).to_f64());
        let var = if sums { round(round(found.squares) / n as f64) } else { var };
        let rstd = 1.0 / (var + eps).sqrt();
        return Centre { shift: round(mean), rest: 0.0, rstd: round(rstd), mean, var };
    }
    let shift = moments::near(mean, n, at).to_f64();
    // Where an element is infinite the shift is, too.
    let rest = if shift.is_finite() { mean - shift } else { 0.0 };
    Centre { shift, rest, rstd, mean, var }
}

/// Element `i` of a vector for each channel, or what stands for one that is absent.
fn of_channel<T: Scalar>(x: Option<&[T]>, i: usize, absent: f64) -> f64 {
    x.map_or(absent, |x| x[i].to_f64())
}
