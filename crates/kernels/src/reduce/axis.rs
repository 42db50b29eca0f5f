//! One axis of a contiguous array.

/// A contiguous array seen as `[outer, n, inner]`, to be worked on along the middle.
///
/// Element (o, i, c) is at `(o·n + i)·inner + c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Positions before the axis: the product of the leading sizes.
    pub outer: usize,
    /// Length of the axis.
    pub n: usize,
    /// Positions after the axis: the product of the trailing sizes, which is also the stride of the
    /// axis.
    pub inner: usize,
}

impl Axis {
    /// The axis `dim` of a contiguous array of this shape.
    ///
    /// ```
    /// use adjoint_kernels::reduce::Axis;
    /// assert_eq!(Axis::of(&[2, 3, 5, 7], 1), Axis { outer: 2, n: 3, inner: 35 });
    /// ```
    pub fn of(shape: &[usize], dim: usize) -> Self {
        Self { outer: crate::numel(&shape[..dim]), n: shape[dim], inner: crate::numel(&shape[dim + 1..]) }
    }

    /// The whole of a contiguous array as one axis.
    pub fn whole(numel: usize) -> Self {
        Self { outer: 1, n: numel, inner: 1 }
    }

    /// The last axis: rows of `n`.
    pub fn rows(outer: usize, n: usize) -> Self {
        Self { outer, n, inner: 1 }
    }

    /// Elements of the array.
    pub fn numel(self) -> usize {
        self.outer * self.n * self.inner
    }

    /// Elements that are left when the axis is reduced to one.
    pub fn reduced(self) -> usize {
        self.outer * self.inner
    }

    /// Panics unless an array has exactly the elements of this axis.
    pub(crate) fn check_full(self, len: usize) {
        assert!(len == self.numel(), "kernel: array has {len} elements, axis {self:?} needs {}", self.numel());
    }

    /// Panics unless an array has exactly one element for each position beside the axis.
    pub(crate) fn check_reduced(self, len: usize) {
        assert!(len == self.reduced(), "kernel: array has {len} elements, axis {self:?} reduces to {}", self.reduced());
    }
}
