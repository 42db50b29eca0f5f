//! Reductions and scans over one axis of a contiguous array.
//!
//! Every function sees its operand as `[outer, n, inner]` ([`Axis`]) and works along the middle. A
//! reduction over several neighbouring dimensions is the same with their sizes multiplied; over
//! scattered ones, the caller permutes first.
//!
//! - Floats: [`sum`], [`mean`], [`prod`], [`amax`], [`amin`], [`sum_abs`], [`sum_squares`],
//!   [`max_abs`], [`var_mean`], [`std_mean`], [`logsumexp`].
//! - Halves, as float32: [`prod_stepwise`].
//! - Integers: [`sum_int`], [`prod_int`] in 64 bits, [`amax_int`], [`amin_int`].
//! - Every element type: [`argmax`], [`argmin`], [`max_with_index`], [`min_with_index`], [`any`],
//!   [`all`], [`count_nonzero`].
//! - Scans: [`cumsum`], [`cumprod`], [`cumsum_int`], [`cumprod_int`], [`cummax`], [`cummin`].
//! - Pairs of rows: [`distances`], [`distance_gradient`].
//!
//! A bool array is passed as its bytes, 0 or 1, that is as `u8`.
//!
//! # Accuracy
//!
//! Float sums are made of pairwise sums of blocks, which are added with what rounding loses kept
//! beside them (see [`fold`]): the error does not grow with the number of terms, and is mostly that
//! of the last rounding. Variances are two-pass with the mean's own rounding taken off.

mod axis;
mod distance;
mod extreme;
mod float;
pub mod fold;
mod integer;
mod logical;
pub(crate) mod moments;
mod number;
mod running;
mod scan;
mod stepwise;

pub use axis::Axis;
pub use distance::{Distance, Pairs, distance_gradient, distances};
pub use extreme::{amax_int, amin_int, argmax, argmin, max_with_index, min_with_index};
pub use float::{amax, amin, logsumexp, max_abs, mean, prod, sum, sum_abs, sum_squares};
pub use integer::{prod_int, sum_int};
pub use logical::{all, any, count_nonzero};
pub use moments::{std_mean, var_mean};
pub use number::{Int, Number};
pub use running::{cummax, cummin};
pub use scan::{cumprod, cumprod_int, cumsum, cumsum_int};
pub use stepwise::prod_stepwise;
