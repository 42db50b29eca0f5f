//! Shapes and strides of several operands at once, brought to the fewest and longest runs.

use core::cmp::Reverse;

use super::MAX_INPUTS;
use crate::dtype::DType;

/// A tensor to read: strides in elements, one for each dimension of the common shape, 0 where it is broadcast.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'a> {
    /// The first element.
    pub ptr: *const u8,
    /// Its dtype, which need not be the one computed in.
    pub dtype: DType,
    /// Distance between neighbours in each dimension, in elements.
    pub strides: &'a [isize],
}

/// A tensor to write.
#[derive(Clone, Copy, Debug)]
pub struct OperandMut<'a> {
    /// The first element.
    pub ptr: *mut u8,
    /// Its dtype, which need not be the one computed in.
    pub dtype: DType,
    /// Distance between neighbours in each dimension, in elements; 0 only where the extent is 1.
    pub strides: &'a [isize],
}

/// Whether elements of this layout follow each other without gaps in row-major order.
#[inline]
pub(super) fn is_contiguous(shape: &[usize], strides: &[isize]) -> bool {
    let mut expected = 1isize;
    for (&extent, &stride) in shape.iter().zip(strides).rev() {
        if extent != 1 {
            if stride != expected {
                return false;
            }
            expected *= extent as isize;
        }
    }
    true
}

/// More dimensions than this, after merging, are looped over outside.
pub(super) const MAX_RANK: usize = 12;

/// The output and the inputs.
pub(super) const MAX_OPERANDS: usize = MAX_INPUTS + 1;

/// One dimension of all operands; operand 0 is the output.
#[derive(Clone, Copy)]
pub(super) struct Dim {
    pub extent: usize,
    pub strides: [isize; MAX_OPERANDS],
}

/// The dimensions of all operands, outermost first, sorted so that the output is walked in the order of its memory, merged where every operand allows.
#[derive(Clone, Copy)]
pub(super) struct Dims {
    dims: [Dim; MAX_RANK],
    rank: usize,
}

impl Dims {
    /// Sorts and merges; `None` if more than [`MAX_RANK`] dimensions larger than 1 remain to be sorted.
    pub fn new(shape: &[usize], out: &[isize], ins: impl Iterator<Item = impl AsRef<[isize]>> + Clone) -> Option<Self> {
        let empty = Dim { extent: 1, strides: [0; MAX_OPERANDS] };
        let mut this = Self { dims: [empty; MAX_RANK], rank: 0 };
        for (d, &extent) in shape.iter().enumerate() {
            if extent == 1 {
                continue;
            }
            let mut dim = Dim { extent, strides: [0; MAX_OPERANDS] };
            dim.strides[0] = out[d];
            for (stride, input) in dim.strides[1..].iter_mut().zip(ins.clone()) {
                *stride = input.as_ref()[d];
            }
            this.push(dim)?;
        }
        let sorted = &mut this.dims[..this.rank];
        if !sorted.is_sorted_by_key(|dim| Reverse(dim.strides[0].unsigned_abs())) {
            sorted.sort_by_key(|dim| Reverse(dim.strides[0].unsigned_abs()));
            let mut merged = Self { dims: [empty; MAX_RANK], rank: 0 };
            for &dim in &*sorted {
                merged.push(dim)?;
            }
            this = merged;
        }
        Some(this)
    }

    /// Adds an inner dimension, merging it into the last where every operand's last stride spans it exactly.
    fn push(&mut self, dim: Dim) -> Option<()> {
        if let Some(last) = self.dims[..self.rank].last_mut()
            && (0..MAX_OPERANDS).all(|k| last.strides[k] == dim.strides[k] * dim.extent as isize)
        {
            *last = Dim { extent: last.extent * dim.extent, ..dim };
            return Some(());
        }
        *self.dims.get_mut(self.rank)? = dim;
        self.rank += 1;
        Some(())
    }

    /// The innermost dimension; one element if there is none.
    pub fn inner(&self) -> Dim {
        if self.rank == 0 { self.dims[0] } else { self.dims[self.rank - 1] }
    }

    /// All dimensions but the innermost.
    pub fn outer(&self) -> &[Dim] {
        &self.dims[..self.rank.max(1) - 1]
    }

    /// All dimensions.
    pub fn all(&self) -> &[Dim] {
        &self.dims[..self.rank]
    }
}

/// A place in the outer dimensions: where each operand's current row begins, in elements.
#[derive(Clone, Copy)]
pub(super) struct Row {
    index: [usize; MAX_RANK],
    pub offsets: [isize; MAX_OPERANDS],
}

impl Row {
    /// The first row.
    pub fn first() -> Self {
        Self { index: [0; MAX_RANK], offsets: [0; MAX_OPERANDS] }
    }

    /// Moves on to the next row of `outer`, as an odometer does; false after the last, where it starts anew.
    #[inline]
    pub fn advance(&mut self, outer: &[Dim]) -> bool {
        for (d, dim) in outer.iter().enumerate().rev() {
            self.index[d] += 1;
            let turns_over = self.index[d] == dim.extent;
            let steps = if turns_over { 1 - dim.extent as isize } else { 1 };
            for (offset, stride) in self.offsets.iter_mut().zip(&dim.strides) {
                *offset += steps * stride;
            }
            if !turns_over {
                return true;
            }
            self.index[d] = 0;
        }
        false
    }
}
