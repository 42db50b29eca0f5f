//! Pooling of planes and volumes: the greatest element of each window, and means over windows, with
//! their transposes.
//!
//! A plane is `height · width` contiguous elements; windows may overlap and reach past the edges,
//! where there is nothing.

mod compiled;
mod max;
mod mean;
mod sequence;
mod volume;

pub use compiled::Pooled;
pub use max::{Pool2d, gather, max, max_f32, scatter};
pub use mean::{Span, mean, spread};
pub use sequence::Pool1d;
pub use volume::{Reach, max_volume};
