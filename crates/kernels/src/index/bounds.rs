//! Are these indices valid?

/// The position of the first index outside `-n..n`, or `None` if all are good.
///
/// ```
/// use adjoint_kernels::index::first_bad_index;
/// assert_eq!(first_bad_index(&[0, -3, 2], 3), None);
/// assert_eq!(first_bad_index(&[0, 3, -4], 3), Some(1));
/// ```
pub fn first_bad_index(indices: &[i64], n: usize) -> Option<usize> {
    first_outside(indices, -(n as i64), n)
}

/// The position of the first index outside `low..n`, or `None` if all are good.
///
/// Blocks are looked at without a branch an index; only one that holds a bad index is searched.
pub fn first_outside(indices: &[i64], low: i64, n: usize) -> Option<usize> {
    let n = n as i64;
    let is_bad = |&i: &i64| (i < low) | (i >= n);
    let mut at = 0;
    for block in indices.chunks(BLOCK) {
        if block.iter().fold(false, |bad, i| bad | is_bad(i)) {
            return block.iter().position(is_bad).map(|i| at + i);
        }
        at += block.len();
    }
    None
}

/// Indices that are checked before they are used: they are still in the first-level cache then.
pub(super) const BLOCK: usize = 512;

/// Panics unless every index is in `-n..n`.
#[inline(always)]
pub(super) fn check_all(indices: &[i64], n: usize) {
    if let Some(at) = first_bad_index(indices, n) {
        outside(indices[at], n);
    }
}

#[cold]
#[inline(never)]
fn outside(index: i64, n: usize) -> ! {
    panic!("kernel: index {index} is outside an axis of {n}")
}

/// The position that an index in `-n..n` names, without a branch; for another index, any number.
#[inline(always)]
pub(super) fn wrap_good(index: i64, n: usize) -> usize {
    let index = index as isize;
    (index + (n as isize & (index >> (isize::BITS - 1)))) as usize
}

/// The position that an index in `-n..n` names; for a bad index, one outside `0..n`.
#[inline(always)]
pub(super) fn wrap(index: i64, n: usize) -> usize {
    let place = if index < 0 { index.wrapping_add(n as i64) } else { index };
    // Not `as`: where usize has 32 bits, that would make 2³² a good index.
    usize::try_from(place).unwrap_or(usize::MAX)
}
