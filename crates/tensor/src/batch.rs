//! Arrays of samples: dims that an array has besides its own, one a `vmap` at work.
//!
//! A *batched* array is to all that ask for shape, strides and offset the array of the first
//! sample. Where the other samples are is in its [`BatchDim`]s, which views keep. So shapes are
//! checked, views are made and calls are recorded as for one sample, and only what reads elements
//! has to know: it reads [`Array::physical`], in which the dims are ordinary ones, or one
//! [`Array::sample`] after the other. Kernels that know nothing of it find no batched array
//! contiguous or dense, and fail.

use crate::array::bytes_for;
use crate::{Array, DType, Dims, Error, Layout, Meta, Result, Storage, dims};
use smallvec::SmallVec;
use std::cell::Cell;

/// One `vmap` at work, by when it began: see where the gradients of samples are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// The number of the transform; inner ones have higher numbers.
    pub number: u32,
    /// How many operations were recorded before it began.
    pub since: u64,
}

/// The dim of an array along which the samples of a `vmap` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchDim {
    /// Whose samples.
    pub level: Level,
    /// How many there are.
    pub size: usize,
    /// From one to the next, in elements; 0 where they are the same.
    pub stride: isize,
}

/// The dims of samples of an array, or of those that take part in a call, the outermost `vmap`
/// first.
pub type Batch = SmallVec<[BatchDim; 2]>;

/// The dims that any of some arrays has, with the strides of a fresh array whose samples have
/// `numel` elements.
pub fn union<'a>(arrays: impl Iterator<Item = &'a Meta>, numel: usize) -> Batch {
    let mut all = Batch::new();
    for dim in arrays.flat_map(Meta::batch) {
        insert(&mut all, *dim);
    }
    restride(&mut all, numel);
    all
}

/// Puts a dim where it belongs, unless there is one of its level.
pub fn insert(all: &mut Batch, dim: BatchDim) {
    match all.iter().position(|other| other.level.number >= dim.level.number) {
        Some(at) if all[at].level.number == dim.level.number => {}
        Some(at) => all.insert(at, dim),
        None => all.push(dim),
    }
}

/// Gives the dims the strides they have outside of samples of `numel` elements.
pub fn restride(all: &mut Batch, numel: usize) {
    let mut step = numel.max(1);
    for dim in all.iter_mut().rev() {
        dim.stride = isize::try_from(step).unwrap_or(isize::MAX);
        step = step.saturating_mul(dim.size.max(1));
    }
}

/// How many samples there are.
pub fn count(all: &[BatchDim]) -> usize {
    all.iter().map(|dim| dim.size).product()
}

/// The layout in which the dims of `all` are ordinary ones, in front, with a stride of 0 where
/// `batch` lacks one.
pub fn with_dims(layout: &Layout, batch: &[BatchDim], all: &[BatchDim], rank: usize) -> Layout {
    let mut out = Layout { shape: Dims::new(), strides: SmallVec::new(), offset: layout.offset };
    for dim in all {
        let own = batch.iter().find(|own| own.level.number == dim.level.number);
        out.shape.push(dim.size);
        out.strides.push(own.map_or(0, |own| own.stride));
    }
    for _ in layout.rank()..rank {
        out.shape.push(1);
        out.strides.push(0);
    }
    out.shape.extend_from_slice(&layout.shape);
    out.strides.extend_from_slice(&layout.strides);
    out
}

impl Array {
    /// A fresh array of samples with this layout, which is dense and starts at 0; values are not
    /// set. Samples are one after the other, those of the outermost `vmap` furthest apart.
    pub fn batched(layout: Layout, dtype: DType, batch: &[BatchDim]) -> Result<Self> {
        let mut batch = Batch::from_slice(batch);
        restride(&mut batch, layout.numel());
        let sizes: Dims = batch.iter().map(|dim| dim.size).chain(layout.shape.iter().copied()).collect();
        let storage = Storage::uninit(bytes_for(&sizes, dtype)?)?;
        Array::place(storage, layout, dtype, &batch)
    }

    /// The samples with their dims as ordinary ones in front, which are those of `all`: what this
    /// lacks of them it repeats. With `rank`, the dims of a sample are led by as many of size 1 as
    /// it has fewer.
    pub fn physical(&self, all: &[BatchDim], rank: usize) -> Result<Self> {
        let layout = with_dims(self.layout(), self.batch(), all, rank);
        Array::place(self.storage().clone(), layout, self.dtype(), &[])
    }

    /// One sample, by its index in each dim of `all`.
    pub fn sample(&self, all: &[BatchDim], index: &[usize]) -> Result<Self> {
        if !self.is_batched() {
            return Ok(self.clone());
        }
        let mut layout = self.layout().clone();
        for (dim, &i) in all.iter().zip(index) {
            if let Some(own) = self.batch().iter().find(|own| own.level.number == dim.level.number) {
                layout.offset = (layout.offset as isize + i as isize * own.stride) as usize;
            }
        }
        Array::place(self.storage().clone(), layout, self.dtype(), &[])
    }

    /// Dim `d` as that of the samples of `level`.
    pub fn hide(&self, d: usize, level: Level) -> Result<Self> {
        let mut layout = self.layout().clone();
        let (size, stride) = (layout.shape.remove(d), layout.strides.remove(d));
        let mut batch = Batch::from_slice(self.batch());
        insert(&mut batch, BatchDim { level, size, stride });
        Array::place(self.storage().clone(), layout, self.dtype(), &batch)
    }

    /// The samples of `level` along an ordinary dim `d`; where there is no such dim, what all of
    /// `size` samples share, repeated.
    pub fn reveal(&self, d: usize, level: Level, size: usize) -> Result<Self> {
        let mut batch = Batch::from_slice(self.batch());
        let own = batch.iter().position(|dim| dim.level.number == level.number).map(|at| batch.remove(at));
        let mut layout = self.layout().clone();
        layout.shape.insert(d, own.map_or(size, |own| own.size));
        layout.strides.insert(d, own.map_or(0, |own| own.stride));
        Array::place(self.storage().clone(), layout, self.dtype(), &batch)
    }

    /// The same with the dims of `all` that it lacks, along which it repeats.
    pub fn spread(&self, all: &[BatchDim]) -> Result<Self> {
        let mut batch = Batch::from_slice(self.batch());
        for dim in all {
            insert(&mut batch, BatchDim { stride: 0, ..*dim });
        }
        Array::place(self.storage().clone(), self.layout().clone(), self.dtype(), &batch)
    }

    /// Whether every dim of samples that `other` has is one of this array too.
    #[inline]
    pub fn covers(&self, other: &Meta) -> bool {
        !other.is_batched() || self.covers_samples(other)
    }

    #[cold]
    #[inline(never)]
    fn covers_samples(&self, other: &Meta) -> bool {
        other.batch().iter().all(|dim| self.batch().iter().any(|own| own.level.number == dim.level.number))
    }
}

/// Why `to`, which no `vmap` batches, cannot be written.
#[cold]
pub fn not_covered(to: &Meta) -> Error {
    Error::usage(format!(
        "vmap: writing in place into a tensor of shape {:?} is not possible because what is written was vmapped over and the \
         tensor was not: it would need as many values as there are samples; use the out-of-place form, or clone() a tensor of \
         the samples",
        to.shape()
    ))
}

thread_local! {
    static NEEDS_ONE: Cell<bool> = const { Cell::new(false) };
}

/// Notes that what fails now would not on one sample alone.
#[cold]
pub fn needs_one_sample() {
    NEEDS_ONE.set(true);
}

/// Whether something failed for that reason since this was asked last.
pub fn take_needs_one_sample() -> bool {
    NEEDS_ONE.take()
}

/// Calls `each` with the index of every sample, the outermost `vmap` slowest.
pub fn each_index(all: &[BatchDim], mut each: impl FnMut(&[usize]) -> Result<()>) -> Result<()> {
    let sizes: Dims = all.iter().map(|dim| dim.size).collect();
    let mut index: Dims = Dims::from_elem(0, sizes.len());
    for _ in 0..dims::numel(&sizes) {
        each(&index)?;
        for (i, &n) in index.iter_mut().zip(&sizes).rev() {
            *i += 1;
            if *i < n {
                break;
            }
            *i = 0;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTER: Level = Level { number: 1, since: 0 };
    const INNER: Level = Level { number: 2, since: 3 };

    fn counted(shape: &[usize]) -> Array {
        let values: Vec<f64> = (0..dims::numel(shape)).map(|v| v as f64).collect();
        Array::from_slice(&values, shape).unwrap()
    }

    #[test]
    fn a_hidden_dim_comes_back_where_it_is_wanted() {
        let x = counted(&[2, 3, 4]).hide(1, OUTER).unwrap();
        assert_eq!((x.shape(), x.batch().len(), x.numel()), (&[2usize, 4][..], 1, 8));
        assert!(x.is_batched() && !x.is_contiguous() && !x.is_dense());
        let back = x.reveal(0, OUTER, 3).unwrap();
        assert_eq!((back.shape(), back.strides()), (&[3usize, 2, 4][..], &[4isize, 12, 1][..]));
        assert_eq!(
            x.sample(x.batch(), &[2]).unwrap().to_vec_f64().unwrap(),
            [8.0, 9.0, 10.0, 11.0, 20.0, 21.0, 22.0, 23.0]
        );
        assert!(x.item().is_err() && x.to_vec_f64().is_err());
    }

    #[test]
    fn views_and_copies_keep_the_samples() {
        let x = counted(&[3, 2, 4]).hide(0, INNER).unwrap().hide(0, OUTER).unwrap();
        let y = x.with_layout(x.layout().slice(0, 1, 2, 2)).unwrap();
        let levels: Vec<u32> = y.batch().iter().map(|dim| dim.level.number).collect();
        assert_eq!((y.shape(), levels), (&[2usize][..], vec![1, 2]));
        let copy = y.copy(DType::Float32).unwrap();
        assert_eq!(
            copy.physical(copy.batch(), 0).unwrap().to_vec_f64().unwrap(),
            y.physical(y.batch(), 0).unwrap().to_vec_f64().unwrap()
        );
        assert_eq!(copy.sample(copy.batch(), &[1, 2]).unwrap().to_vec_f64().unwrap(), [21.0, 23.0]);
        assert!(copy.with_layout(Layout::contiguous(&[3])).is_err());
    }

    #[test]
    fn only_what_has_the_samples_can_take_their_values() {
        let x = counted(&[3, 2]).hide(0, OUTER).unwrap();
        let one = Array::zeros(&[2], DType::Float64).unwrap();
        assert!(one.assign(&x).is_err());
        let all = Array::batched(Layout::contiguous(&[2]), DType::Float64, x.batch()).unwrap();
        all.assign(&one).unwrap();
        assert_eq!(all.reveal(0, OUTER, 3).unwrap().to_vec_f64().unwrap(), [0.0; 6]);
        all.assign(&x).unwrap();
        assert_eq!(all.reveal(1, OUTER, 3).unwrap().to_vec_f64().unwrap(), [0.0, 2.0, 4.0, 1.0, 3.0, 5.0]);
        assert_eq!(one.spread(x.batch()).unwrap().find(|v| v != 0.0), Ok(None));
        assert_eq!(x.find(|v| v > 3.0), Ok(Some(4.0)));
    }
}
