//! Softmax and log-softmax over one axis of a contiguous array, and their derivatives.
//!
//! An array is `[outer, n, inner]` ([`Axis`](crate::reduce::Axis)). Rows (`inner == 1`) are
//! finished one by one while they are in cache; otherwise columns are taken in tiles, memory being
//! read row after row.
//!
//! An axis that holds NaN or +∞, or only −∞, gives NaN throughout, as in PyTorch; an empty axis
//! gives nothing.

mod backward;
mod cross_entropy;
mod each;
mod exponential;
mod forward;

pub use backward::{log_softmax_backward, softmax_backward};
pub use cross_entropy::{ClassTargets, cross_entropy, cross_entropy_backward};
pub(crate) use each::each;
pub(crate) use exponential::exponentials;
pub use exponential::{ExpShifted, Exponential};
pub use forward::{log_softmax, softmax};

use crate::exec::{Grain, Outputs, for_range};
use crate::reduce::Axis;

/// Columns taken at once: they stay in cache from pass to pass.
const TILE: usize = 256;

/// Calls `f(start, width)` for each row of the axis (`inner == 1`, width 1) or each tile of at most
/// `TILE` columns; that part of `out` it may write.
fn each_tile(axis: Axis, out: &impl Outputs, f: impl Fn(usize, usize) + Sync) {
    let Axis { outer, n, inner } = axis;
    if n == 0 {
        return;
    }
    let tiles = inner.div_ceil(TILE);
    for_range(outer * tiles, Grain::of(10 * n * inner.min(TILE)), out, |range| {
        for tile in range {
            let (o, c) = if inner == 1 { (tile, 0) } else { (tile / tiles, tile % tiles * TILE) };
            f(o * n * inner + c, TILE.min(inner - c));
        }
    });
}
