//! Reading and writing by index: selecting, gathering, scattering, compacting, sorting.
//!
//! Arrays are contiguous, seen as `[outer, n, inner]` ([`Axis`](crate::reduce::Axis)) where an axis
//! is meant. Indices are `i64`, and may count from the end when negative.
//!
//! **Moving is not arithmetic.** A kernel that only moves elements is generic over any `Copy` type
//! and asks nothing of it: call it with the unsigned integer of the element's size, and four
//! instantiations serve every dtype, float16 included.
//!
//! **Check first.** [`first_bad_index`] looks at all indices before anything is written, so that an
//! error can name the index and leave outputs as they were. A kernel given a bad index all the same
//! panics; it never reads or writes out of bounds.

mod bounds;
mod flip;
mod gather;
mod mask;
mod offsets;
mod select;
mod selection;
mod sort;

pub use bounds::{first_bad_index, first_outside};
pub use flip::reverse_rows;
pub use gather::{gather, scatter, scatter_with};
pub use mask::{compact, expand, nonzero, nonzero_in};
pub use offsets::{add_index_offsets, put, put_with, take};
pub use select::{index_add, index_copy, index_select};
pub use sort::{SortKey, nth, sort, topk};
