//! Are these indices valid?

/// The position of the first index outside `-n..n`, or `None` if all are good.
///
/// ```
/// use adjoint_kernels::index::first_bad_index;
/// assert_eq!(first_bad_index(&[0, -3, 2], 3), None);
/// assert_eq!(first_bad_index(&[0, 3, -4], 3), Some(1));
/// ```
pub fn first_bad_index(indices: &[i64], n: usize) -> Option<usize> {
    let n = n as i64;
    indices.iter().position(|&i| i < -n || i >= n)
}

/// The position that an index in `-n..n` names; for a bad index, one outside `0..n`.
#[inline(always)]
pub(super) fn wrap(index: i64, n: usize) -> usize {
    let place = if index < 0 { index.wrapping_add(n as i64) } else { index };
    // Not `as`: where usize has 32 bits, that would make 2³² a good index.
    usize::try_from(place).unwrap_or(usize::MAX)
}
