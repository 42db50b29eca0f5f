//! Shape, strides and offset of a tensor in its storage, and what can be done by changing only
//! them.

use crate::dims::{checked_numel, contiguous_strides, numel, sort_few, wrap_dim};
use crate::{Dims, Error, Result, Strides};

/// Where the elements of a tensor are stored: element `i` is at `offset + Σ i[d]·strides[d]`, all
/// in elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Sizes, outermost first.
    pub shape: Dims,
    /// Strides in elements.
    pub strides: Strides,
    /// First element, in elements from the start of the storage.
    pub offset: usize,
}

/// What [`Layout::extent`] finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The number of elements.
    pub numel: usize,
    /// One past the largest element reached, in elements from the start of the storage; 0 when
    /// empty.
    pub end: usize,
}

impl Layout {
    /// A row-major layout at offset 0.
    pub fn contiguous(shape: &[usize]) -> Self {
        Layout { shape: Dims::from_slice(shape), strides: contiguous_strides(shape), offset: 0 }
    }

    /// The number of dims.
    #[inline]
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// The number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        numel(&self.shape)
    }

    /// Whether the elements are row-major without gaps. Dims of size 1 may have any stride; empty
    /// tensors are contiguous.
    pub fn is_contiguous(&self) -> bool {
        let mut step = 1isize;
        for d in (0..self.rank()).rev() {
            let n = self.shape[d];
            if n != 1 {
                if self.strides[d] != step {
                    return self.shape.contains(&0);
                }
                step = step.wrapping_mul(n as isize);
            }
        }
        true
    }

    /// Whether two indices may reach the same element: some dim larger than 1 has stride 0, or
    /// strides interleave.
    ///
    /// Sorting dims by stride, each stride must exceed the extent of all smaller ones. That is
    /// exact for layouts made by views; a few overlap-free `as_strided` layouts are reported as
    /// overlapping.
    pub fn has_internal_overlap(&self) -> bool {
        if self.is_contiguous() {
            return false;
        }
        let mut dims: smallvec::SmallVec<[(isize, usize); 6]> =
            self.strides.iter().map(|s| s.abs()).zip(self.shape.iter().copied()).filter(|&(_, n)| n > 1).collect();
        if self.numel() == 0 {
            return false;
        }
        sort_few(&mut dims, |dim| dim);
        let mut extent = 0isize;
        for (stride, n) in dims {
            if stride <= extent {
                return true;
            }
            extent += stride * (n as isize - 1);
        }
        false
    }

    /// Whether the elements fill a range of the storage, each once and without gaps, in whatever
    /// order: PyTorch's `is_non_overlapping_and_dense`.
    pub fn is_dense(&self) -> bool {
        if self.is_contiguous() {
            return true;
        }
        let mut dims: smallvec::SmallVec<[(isize, usize); 6]> =
            self.strides.iter().copied().zip(self.shape.iter().copied()).filter(|&(_, n)| n != 1).collect();
        sort_few(&mut dims, |dim| dim);
        let mut expected = 1;
        dims.iter().all(|&(stride, n)| {
            let fits = stride == expected;
            expected *= n as isize;
            fits
        })
    }

    /// How this view on a storage and another one on the same overlap, as far as PyTorch tells:
    /// `None` for those with gaps or repeated elements, which are not looked at, and for those
    /// apart; else whether they are the same view.
    pub fn overlap(&self, other: &Layout) -> Option<bool> {
        if self.numel() == 0 || other.numel() == 0 || !self.is_dense() || !other.is_dense() {
            return None;
        }
        let [a, b] = [self, other].map(|l| l.offset..l.offset + l.numel());
        if a == b {
            return Some(self.strides == other.strides);
        }
        (a.start < b.end && b.start < a.end).then_some(false)
    }

    /// The elements and where they are stored, by checked arithmetic: the one look at a layout
    /// before anything is read through it. `None` where there are more elements than can be
    /// counted, or some are before the storage or beyond any memory.
    pub fn extent(&self) -> Option<Extent> {
        let numel = checked_numel(&self.shape)?;
        if numel == 0 {
            return Some(Extent { numel, end: 0 });
        }
        let (mut least, mut greatest) = (self.offset, self.offset);
        for (&n, &stride) in self.shape.iter().zip(&self.strides) {
            let reach = (n - 1).checked_mul(stride.unsigned_abs())?;
            if stride < 0 {
                least = least.checked_sub(reach)?;
            } else {
                greatest = greatest.checked_add(reach)?;
            }
        }
        Some(Extent { numel, end: greatest.checked_add(1)? })
    }

    /// Exchanges two dims.
    #[must_use]
    pub fn transpose(&self, a: usize, b: usize) -> Self {
        let mut out = self.clone();
        if self.rank() > 0 {
            out.shape.swap(a, b);
            out.strides.swap(a, b);
        }
        out
    }

    /// Puts dim `dims[i]` at index `i`. `dims` must be a permutation.
    #[must_use]
    pub fn permute(&self, dims: &[usize]) -> Self {
        Layout {
            shape: dims.iter().map(|&d| self.shape[d]).collect(),
            strides: dims.iter().map(|&d| self.strides[d]).collect(),
            offset: self.offset,
        }
    }

    /// Elements `start..start + len·step` of dim `d`, every `step`-th.
    #[must_use]
    pub fn slice(&self, d: usize, start: usize, len: usize, step: usize) -> Self {
        let mut out = self.clone();
        if len > 0 {
            out.offset += start * self.strides[d] as usize;
        }
        out.shape[d] = len;
        out.strides[d] *= step as isize;
        out
    }

    /// Index `index` of dim `d`, which disappears.
    #[must_use]
    pub fn select(&self, d: usize, index: usize) -> Self {
        let mut out = self.slice(d, index, 1, 1);
        out.shape.remove(d);
        out.strides.remove(d);
        out
    }

    /// Inserts a dim of size 1 at index `d`. Its stride, which nothing is read at, is PyTorch's.
    #[must_use]
    pub fn unsqueeze(&self, d: usize) -> Self {
        let mut out = self.clone();
        let stride = if d < self.rank() { (self.shape[d] as isize).wrapping_mul(self.strides[d]) } else { 1 };
        out.shape.insert(d, 1);
        out.strides.insert(d, stride);
        out
    }

    /// Broadcasts to `shape`: new dims and dims of size 1 get stride 0.
    pub fn expand(&self, shape: &[usize]) -> Result<Self> {
        let lead = shape.len().checked_sub(self.rank()).ok_or_else(|| {
            Error::shape(format!(
                "cannot expand shape {:?} to {shape:?}, which has fewer dims; squeeze or select first",
                self.shape.as_slice()
            ))
        })?;
        let mut strides = Strides::from_elem(0, shape.len());
        for (d, stride) in strides.iter_mut().enumerate().skip(lead) {
            let (have, want) = (self.shape[d - lead], shape[d]);
            if have == want {
                *stride = self.strides[d - lead];
            } else if have != 1 {
                return Err(Error::shape(format!(
                    "cannot expand shape {:?} to {shape:?}, dim {d} has size {have} which is neither 1 nor {want}",
                    self.shape.as_slice()
                )));
            }
        }
        Ok(Layout { shape: Dims::from_slice(shape), strides, offset: self.offset })
    }

    /// Strides that show the same elements, in the same order, under another shape; `None` where
    /// only a copy can.
    ///
    /// The rule is PyTorch's `computeStride`: group old dims that are contiguous with each other,
    /// and let the new dims split or join within a group but not across groups.
    pub fn view(&self, shape: &[usize]) -> Option<Self> {
        debug_assert_eq!(self.numel(), numel(shape));
        if self.numel() == 0 {
            return Some(Layout { strides: contiguous_strides(shape), ..Layout::contiguous(shape) }.at(self.offset));
        }
        let mut strides = Strides::from_elem(1, shape.len());
        let mut new_dim = shape.len();
        let mut base_stride = self.strides.last().copied().unwrap_or(1);
        let mut group = 1usize; // elements of the old dims joined so far
        let mut filled = 1usize; // elements of the new dims placed in this group
        for d in (0..self.rank()).rev() {
            group *= self.shape[d];
            let joins_next = d > 0 && (self.shape[d - 1] == 1 || self.strides[d - 1] == group as isize * base_stride);
            if joins_next {
                continue;
            }
            while new_dim > 0 && (filled < group || shape[new_dim - 1] == 1) {
                new_dim -= 1;
                strides[new_dim] = filled as isize * base_stride;
                filled *= shape[new_dim];
            }
            if filled != group {
                return None;
            }
            if d > 0 {
                base_stride = self.strides[d - 1];
                group = 1;
                filled = 1;
            }
        }
        // What is left is leading dims of size 1.
        while new_dim > 0 {
            new_dim -= 1;
            strides[new_dim] = filled as isize * base_stride;
        }
        Some(Layout { shape: Dims::from_slice(shape), strides, offset: self.offset })
    }

    /// Dim `dim`, wrapped.
    pub fn dim(&self, dim: i64) -> Result<usize> {
        wrap_dim(dim, self.rank())
    }

    fn at(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smallvec::smallvec;

    fn indices(l: &Layout) -> Vec<usize> {
        let mut out = Vec::new();
        let mut index = vec![0usize; l.rank()];
        for _ in 0..l.numel() {
            let at: isize = index.iter().zip(&l.strides).map(|(&i, &s)| i as isize * s).sum();
            out.push((l.offset as isize + at) as usize);
            for d in (0..l.rank()).rev() {
                index[d] += 1;
                if index[d] < l.shape[d] {
                    break;
                }
                index[d] = 0;
            }
        }
        out
    }

    #[test]
    fn without_elements_every_layout_is_contiguous() {
        let one = Layout::contiguous(&[0, 1, 1]);
        assert!(one.expand(&[0, 70000, 70000]).unwrap().is_contiguous());
        assert!(Layout::contiguous(&[2, 0, 3]).permute(&[2, 1, 0]).is_contiguous());
        let most = usize::MAX / 2;
        assert!(
            Layout::contiguous(&[0, most, most]).is_contiguous()
                && Layout::contiguous(&[most, most, 0]).is_contiguous()
        );
        assert!(!Layout::contiguous(&[2, 3]).transpose(0, 1).is_contiguous());
    }

    #[test]
    fn view_keeps_the_order_of_elements_or_declines() {
        let base = Layout::contiguous(&[4, 3, 2]);
        for l in [
            base.clone(),
            base.transpose(0, 1),
            base.transpose(1, 2),
            base.slice(0, 1, 2, 1),
            base.slice(2, 0, 1, 1),
            base.unsqueeze(1),
        ] {
            let n = l.numel();
            for a in 1..=n {
                for b in 1..=n {
                    if n % (a * b) != 0 {
                        continue;
                    }
                    let shape = [a, b, n / (a * b)];
                    if let Some(v) = l.view(&shape) {
                        assert_eq!(indices(&v), indices(&l), "{l:?} as {shape:?}");
                    } else {
                        assert!(!l.is_contiguous(), "{l:?} as {shape:?} must be a view");
                    }
                }
            }
        }
    }

    #[test]
    fn view_of_a_transposed_matrix_as_a_vector_needs_a_copy() {
        let t = Layout::contiguous(&[2, 3]).transpose(0, 1);
        assert_eq!(t.view(&[6]), None);
        assert!(t.view(&[3, 1, 2]).is_some());
    }

    #[test]
    fn overlap_is_seen_in_expanded_layouts_only() {
        let l = Layout::contiguous(&[3, 1]);
        assert!(!l.has_internal_overlap());
        assert!(l.expand(&[3, 4]).unwrap().has_internal_overlap());
        assert!(!l.expand(&[3, 1]).unwrap().has_internal_overlap());
        assert!(!Layout::contiguous(&[4, 5]).slice(1, 0, 2, 2).transpose(0, 1).has_internal_overlap());
    }

    #[test]
    fn the_extent_ends_one_past_the_last_element() {
        let end = |l: Layout| l.extent().map(|e| e.end);
        assert_eq!(end(Layout::contiguous(&[2, 3])), Some(6));
        assert_eq!(end(Layout::contiguous(&[4, 5]).slice(0, 1, 2, 1).select(1, 2)), Some(13));
        assert_eq!(end(Layout::contiguous(&[0])), Some(0));
    }

    #[test]
    fn the_extent_of_any_layout_is_that_of_exact_arithmetic_or_refused() {
        let sizes = [0usize, 1, 2, 3, 1 << 16, 1 << 31, isize::MAX as usize, usize::MAX];
        let strides = [0isize, 1, -1, 2, -3, 1 << 16, 1 << 31, isize::MAX, isize::MIN];
        let offsets = [0usize, 1, 7, 1 << 31, usize::MAX];
        for (&n, &m) in sizes.iter().flat_map(|n| sizes.iter().map(move |m| (n, m))) {
            for (&s, &t) in strides.iter().flat_map(|s| strides.iter().map(move |t| (s, t))) {
                for &offset in &offsets {
                    let l = Layout { shape: smallvec![n, m], strides: smallvec![s, t], offset };
                    let reach = |n: usize, s: isize| (n as i128 - 1) * s as i128;
                    // Sizes above 2^64 need more than 128 bits only where one of them is refused
                    // anyway.
                    let numel = n as u128 * m as u128;
                    let (a, b) = (reach(n, s), reach(m, t));
                    let least = offset as i128 + a.min(0).saturating_add(b.min(0));
                    let end = (offset as i128 + 1).saturating_add(a.max(0).saturating_add(b.max(0)));
                    match l.extent() {
                        Some(e) if numel == 0 => assert_eq!((e.numel, e.end), (0, 0)),
                        Some(e) => {
                            assert_eq!((e.numel as u128, e.end as i128), (numel, end), "{l:?}");
                            assert!(least >= 0, "{l:?} begins before its storage");
                        }
                        None => assert!(
                            numel > isize::MAX as u128 || least < 0 || end > usize::MAX as i128,
                            "{l:?} was refused"
                        ),
                    }
                }
            }
        }
    }
}
