//! Shapes and strides of several operands at once, brought to the fewest and longest runs.

use core::mem::MaybeUninit;

use super::MAX_INPUTS;
use crate::dtype::DType;

/// A tensor to read: strides in elements, one for each dimension of the common shape, 0 where it is
/// broadcast.
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
pub(super) const MAX_RANK: usize = 8;

/// The output and the inputs.
pub(super) const MAX_OPERANDS: usize = MAX_INPUTS + 1;

/// One dimension of all operands; operand 0 is the output.
#[derive(Clone, Copy)]
pub(super) struct Dim {
    pub extent: usize,
    pub strides: [isize; MAX_OPERANDS],
}

/// The dimensions of all operands, outermost first, sorted so that the output is traversed in the
/// order of its memory, merged where every operand allows.
pub(super) struct Dims {
    /// Those below `rank` are set, and the first one always. The others are not even zeroed: that
    /// would cost more than a small tensor's arithmetic.
    dims: [MaybeUninit<Dim>; MAX_RANK],
    rank: usize,
    n_operands: usize,
}

impl Dims {
    /// Sorts and merges; `None` if more than [`MAX_RANK`] dimensions remain to be sorted.
    pub fn new<'a>(
        shape: &[usize],
        out: &[isize],
        ins: impl ExactSizeIterator<Item = &'a [isize]> + Clone,
    ) -> Option<Self> {
        let mut this = Self { dims: [MaybeUninit::uninit(); MAX_RANK], rank: 0, n_operands: ins.len() + 1 };
        this.dims[0].write(Dim { extent: 1, strides: [0; MAX_OPERANDS] });
        for (d, &extent) in shape.iter().enumerate() {
            if extent == 1 {
                continue;
            }
            let mut dim = Dim { extent, strides: [0; MAX_OPERANDS] };
            dim.strides[0] = out[d];
            for (stride, input) in dim.strides[1..].iter_mut().zip(ins.clone()) {
                *stride = input[d];
            }
            this.push(dim)?;
        }
        let step = |dim: &Dim| dim.strides[0].unsigned_abs();
        if !this.all().is_sorted_by(|a, b| step(a) >= step(b)) {
            // Insertion: there are few, and equal ones stay in order.
            for i in 1..this.rank {
                for j in (0..i).rev() {
                    if step(&this.all()[j]) >= step(&this.all()[j + 1]) {
                        break;
                    }
                    this.dims.swap(j, j + 1);
                }
            }
            let rank = core::mem::replace(&mut this.rank, 0);
            for i in 0..rank {
                // SAFETY: it is below the old rank; merging writes at most at the indices already
                // read.
                let dim = unsafe { this.dims[i].assume_init() };
                this.push(dim)?;
            }
        }
        Some(this)
    }

    /// Adds an inner dimension, merging it into the last where every operand's last stride spans it
    /// exactly.
    fn push(&mut self, dim: Dim) -> Option<()> {
        let n = self.n_operands;
        if let Some(last) = self.all().last()
            && (0..n).all(|k| last.strides[k] == dim.strides[k] * dim.extent as isize)
        {
            let extent = last.extent * dim.extent;
            self.dims[self.rank - 1].write(Dim { extent, ..dim });
            return Some(());
        }
        self.dims.get_mut(self.rank)?.write(dim);
        self.rank += 1;
        Some(())
    }

    /// The innermost dimension; one element if there is none.
    pub fn inner(&self) -> Dim {
        // SAFETY: the first is always set, and all below the rank.
        unsafe { self.dims[self.rank.max(1) - 1].assume_init() }
    }

    /// All dimensions but the innermost.
    pub fn outer(&self) -> &[Dim] {
        &self.all()[..self.rank.max(1) - 1]
    }

    /// Rows: elements of all dimensions but the innermost.
    pub fn rows(&self) -> usize {
        self.outer().iter().map(|dim| dim.extent).product()
    }

    /// All dimensions.
    pub fn all(&self) -> &[Dim] {
        // SAFETY: those below the rank are set, and `MaybeUninit` is laid out as what it may hold.
        unsafe { core::slice::from_raw_parts(self.dims.as_ptr().cast(), self.rank) }
    }
}

/// A position in the outer dimensions: where each operand's current row begins, in elements.
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

    /// Row number `index`, counted as [`advance_in`](Self::advance_in) does.
    #[inline(always)]
    pub fn at(index: usize, outer: &[Dim], n_operands: usize) -> Self {
        let mut row = Self::first();
        if index > 0 {
            row.move_to(index, outer, n_operands);
        }
        row
    }

    #[inline(never)]
    fn move_to(&mut self, mut index: usize, outer: &[Dim], n_operands: usize) {
        for (d, dim) in outer.iter().enumerate().rev() {
            self.index[d] = index % dim.extent;
            index /= dim.extent;
            for (offset, stride) in self.offsets[..n_operands].iter_mut().zip(&dim.strides) {
                *offset += self.index[d] as isize * stride;
            }
        }
    }

    /// Moves on to the next row, as an odometer does; false after the last, where it starts anew.
    #[inline]
    pub fn advance(&mut self, dims: &Dims) -> bool {
        self.advance_in(dims.outer(), dims.n_operands)
    }

    /// [`advance`](Self::advance) over only some of the dimensions.
    #[inline]
    pub fn advance_in(&mut self, outer: &[Dim], n_operands: usize) -> bool {
        for (d, dim) in outer.iter().enumerate().rev() {
            self.index[d] += 1;
            let turns_over = self.index[d] == dim.extent;
            let steps = if turns_over { 1 - dim.extent as isize } else { 1 };
            for (offset, stride) in self.offsets[..n_operands].iter_mut().zip(&dim.strides) {
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
