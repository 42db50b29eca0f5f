//! Reductions and scans over one axis of a contiguous array.
//!
//! Every function sees its operand as `[outer, n, inner]` ([`Axis`]) and works along the middle. A reduction over several neighbouring dimensions
//! is the same with their sizes multiplied; over scattered ones, the caller permutes first.
//!
//! - Floats: [`sum`], [`mean`], [`prod`], [`amax`], [`amin`], [`sum_abs`], [`sum_squares`], [`max_abs`], [`var_mean`], [`logsumexp`].
//! - Integers: [`sum_int`], [`prod_int`] in 64 bits, [`amax_int`], [`amin_int`].
//! - Every element type: [`argmax`], [`argmin`], [`max_with_index`], [`min_with_index`], [`any`], [`all`], [`count_nonzero`].
//! - Scans: [`cumsum`], [`cumprod`], [`cumsum_int`], [`cumprod_int`].
//!
//! A bool array is passed as its bytes, 0 or 1, that is as `u8`.
//!
//! # Accuracy
//!
//! Float sums are cascaded (see [`fold`]): no term goes through more than `40 + log₂(n / 1024)` additions, so the error of a sum is at most
//! that many `ε · Σ|x|` and typically a few `ε`, as in PyTorch, instead of the `n · ε` of a plain loop.

mod axis;
mod extreme;
mod float;
pub mod fold;
mod integer;
mod logical;
mod number;
mod scan;

pub use axis::Axis;
pub use extreme::{amax_int, amin_int, argmax, argmin, max_with_index, min_with_index};
pub use float::{amax, amin, logsumexp, max_abs, mean, prod, sum, sum_abs, sum_squares, var_mean};
pub use integer::{prod_int, sum_int};
pub use logical::{all, any, count_nonzero};
pub use number::{Int, Number};
pub use scan::{cumprod, cumprod_int, cumsum, cumsum_int};
