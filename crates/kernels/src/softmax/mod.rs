//! Softmax and log-softmax over one axis of a contiguous array, and their derivatives.
//!
//! An array is `[outer, n, inner]` ([`Axis`](crate::reduce::Axis)). Rows (`inner == 1`) are finished one by one while they are in cache; otherwise
//! columns are taken in tiles, memory being read row after row.
//!
//! An axis that holds NaN or +∞, or only −∞, gives NaN throughout, as in PyTorch; an empty axis gives nothing.

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

use crate::exec;
use crate::reduce::Axis;

/// Columns taken at once: they stay in cache from pass to pass.
const TILE: usize = 256;

/// Calls `f(start, width)` for each row of the axis (`inner == 1`, width 1) or each tile of at most `TILE` columns.
fn each_tile(axis: Axis, f: impl Fn(usize, usize)) {
    let Axis { outer, n, inner } = axis;
    if n == 0 {
        return;
    }
    exec::for_range(outer, 1, |range| {
        for o in range {
            for c in (0..inner).step_by(TILE) {
                f(o * n * inner + c, TILE.min(inner - c));
            }
        }
    });
}
