//! Pooling of planes and volumes: the greatest element of each window, and means over windows, with
//! their transposes.
//!
//! A plane is `height · width` contiguous elements; windows may overlap and reach past the edges,
//! where there is nothing.

mod compiled;
mod lanes;
mod max;
mod mean;
mod volume;

pub use compiled::Pooled;
pub use lanes::max_lanes;
pub use max::{Pool2d, gather, max, max_f32, scatter};
pub use mean::{Span, mean, spread};
pub use volume::{Reach, max_volume};
