//! Normalization: of the rows of a contiguous array, and of its channels; and their derivatives.
//!
//! A row is finished while it is in cache: one pass reads it from memory, those for the variance
//! and the result find it there.

mod backward;
pub mod channels;
mod forward;

pub use backward::{Derivatives, layer_norm_backward};
pub use forward::layer_norm;
