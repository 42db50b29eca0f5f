//! A strided view on a storage.

use crate::batch::{self, BatchDim};
use crate::layout::Extent;
use crate::meta::Placement;
use crate::{Code, DType, Dims, Error, Layout, Meta, Result, Scalar, Storage, dims, layouts, order, scratch};
use adjoint_kernels::dtype::Element;
use adjoint_kernels::elementwise::{Operand, OperandMut, copy_strided, fill as fill_kernel};
use std::borrow::Borrow;
use std::ops::Deref;
use std::rc::Rc;

/// A tensor without derivatives: its facts, and shared storage. Cloning shares layout and storage,
/// so it is cheap.
///
/// What is asked of the facts alone is [`Meta`]'s, which it dereferences to: a function that takes
/// a `&Meta` can be given an array, and cannot read its values.
#[derive(Clone, Debug)]
pub struct Array {
    storage: Storage,
    /// What follows from storage and layout and is asked by every operation: the first element.
    start: *mut u8,
    meta: Meta,
}

impl Deref for Array {
    type Target = Meta;

    #[inline(always)]
    fn deref(&self) -> &Meta {
        &self.meta
    }
}

impl Borrow<Meta> for Array {
    fn borrow(&self) -> &Meta {
        self
    }
}

impl Array {
    /// A contiguous tensor whose values are not set.
    pub fn empty(shape: &[usize], dtype: DType) -> Result<Self> {
        let storage = Storage::uninit(bytes_for(shape, dtype)?)?;
        Ok(Array::fresh(storage, layouts::contiguous(shape), dims::numel(shape), dtype))
    }

    /// A contiguous tensor of the shape of this one, whose values are not set. It shares the layout
    /// where it can.
    #[inline(always)]
    pub fn like(&self, dtype: DType) -> Result<Self> {
        // What is no larger than what exists can be addressed.
        if dtype.size() > self.dtype().size() {
            bytes_for(self.shape(), dtype)?;
        }
        // Only the layout comes one way or another, so that the array need not be put into memory
        // to be handed on.
        let is_first = self.has_usual_strides() && self.layout().offset == 0;
        let layout = if is_first { self.shared_layout().clone() } else { layouts::contiguous(self.shape()) };
        let storage = Storage::uninit(self.numel() * dtype.size())?;
        Ok(Array::fresh(storage, layout, self.numel(), dtype))
    }

    #[inline(always)]
    fn fresh(storage: Storage, layout: Rc<Placement>, numel: usize, dtype: DType) -> Self {
        let start = storage.as_ptr();
        Array { storage, start, meta: Meta::fresh(layout, numel, dtype) }
    }

    /// A tensor whose values are not set, of a dense layout that starts its storage.
    pub fn laid_out(layout: Layout, dtype: DType) -> Result<Self> {
        debug_assert!(layout.is_dense() && layout.offset == 0);
        let storage = Storage::uninit(bytes_for(&layout.shape, dtype)?)?;
        let start = storage.as_ptr();
        Ok(Array { storage, start, meta: Meta::of(layout, dtype) })
    }

    /// An array of these facts on a storage that has space for it; its values are what is there.
    ///
    /// # Errors
    /// The storage is smaller.
    #[inline]
    pub fn on(storage: Storage, meta: Meta) -> Result<Self> {
        let (start, _) = place(&storage, meta.layout(), meta.dtype())?;
        Ok(Array { storage, start, meta })
    }

    /// The storage alone, to be used again.
    #[inline]
    pub fn into_storage(self) -> Storage {
        self.storage
    }

    /// A tensor of this shape, and of as many samples, whose values are not set, with the strides
    /// of this one without its gaps (`torch.empty_like`).
    pub fn empty_like(&self, dtype: DType) -> Result<Self> {
        if self.is_batched() {
            self.empty_like_samples(dtype)
        } else if self.has_usual_strides() {
            self.like(dtype)
        } else {
            Array::laid_out(order::preserved(self.layout()), dtype)
        }
    }

    /// A contiguous tensor of zeros.
    pub fn zeros(shape: &[usize], dtype: DType) -> Result<Self> {
        let storage = Storage::zeroed(bytes_for(shape, dtype)?)?;
        Ok(Array::fresh(storage, layouts::contiguous(shape), dims::numel(shape), dtype))
    }

    /// A contiguous tensor with every element `value`, cast to `dtype`.
    pub fn full(shape: &[usize], dtype: DType, value: Scalar) -> Result<Self> {
        let out = Array::empty(shape, dtype)?;
        out.fill(value);
        Ok(out)
    }

    /// A contiguous tensor with these values.
    pub fn from_slice<T: Element>(values: &[T], shape: &[usize]) -> Result<Self> {
        let out = Array::empty(shape, T::DTYPE)?;
        assert_eq!(values.len(), out.numel(), "from_slice: {} values for shape {shape:?}", values.len());
        // SAFETY: the new storage holds numel elements of T and nothing else points into it.
        unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), out.as_mut_ptr().cast::<T>(), values.len()) };
        Ok(out)
    }

    /// Another view on the same storage, of the same samples. The layout must stay inside it.
    pub fn with_layout(&self, layout: Layout) -> Result<Self> {
        if self.is_batched() {
            return self.samples_with_layout(layout);
        }
        let (start, numel) = place(&self.storage, &layout, self.dtype())?;
        Ok(Array { storage: self.storage.clone(), start, meta: Meta::counted(layout, numel, self.dtype()) })
    }

    /// An array of these samples on a storage, inside of which all must stay.
    pub(crate) fn place(storage: Storage, layout: Layout, dtype: DType, batch: &[BatchDim]) -> Result<Self> {
        let (start, numel) = place(&storage, &layout, dtype)?;
        if !batch.is_empty() {
            let mut all = layout.clone();
            all.shape.extend(batch.iter().map(|dim| dim.size));
            all.strides.extend(batch.iter().map(|dim| dim.stride));
            place(&storage, &all, dtype)?;
        }
        Ok(Array { storage, start, meta: Meta::batched(layout, numel, dtype, batch) })
    }

    /// The same elements with a version counter of their own, which starts at `version`.
    pub fn alias(&self, version: u32) -> Result<Self> {
        Ok(Array { storage: self.storage.alias(version)?, ..self.clone() })
    }

    /// The shared bytes.
    #[inline]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// What is known of it without its bytes.
    #[inline]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Whether nothing else holds this storage, so that its bytes may be reused.
    pub fn is_unshared(&self) -> bool {
        self.storage.is_unshared()
    }

    /// Whether both look at the same storage.
    pub fn shares_storage(&self, other: &Array) -> bool {
        self.storage.is_same(&other.storage)
    }

    /// The first element. Valid for reads at every index the layout reaches, while the storage
    /// lives.
    #[inline]
    pub fn as_ptr(&self) -> *const u8 {
        self.as_mut_ptr()
    }

    /// Where the first element is, of the first sample where there are several: to tell arrays
    /// apart.
    #[inline]
    pub fn address(&self) -> *const u8 {
        self.start
    }

    /// The first element, for writing. Writers note the change with [`Storage::bump_version`] where
    /// the values were visible before.
    #[inline]
    pub fn as_mut_ptr(&self) -> *mut u8 {
        debug_assert!(!self.is_batched(), "a kernel looks at one of many samples: {self:?}");
        self.start
    }

    /// The elements of a contiguous tensor.
    ///
    /// # Panics
    /// If `T` is not the dtype or the tensor is not contiguous.
    pub fn as_slice<T: Element>(&self) -> &[T] {
        assert!(self.dtype() == T::DTYPE && self.is_contiguous(), "as_slice: {:?} of {self:?}", T::DTYPE);
        // SAFETY: contiguous, of this dtype, inside the storage; no writer runs while the borrow
        // lives (see Storage).
        unsafe { std::slice::from_raw_parts(self.as_ptr().cast::<T>(), self.numel()) }
    }

    /// The elements of a contiguous tensor that nothing else reads or writes meanwhile: a fresh
    /// output.
    ///
    /// # Panics
    /// If `T` is not the dtype, the tensor is not contiguous, or the storage is shared.
    pub fn as_mut_slice<T: Element>(&mut self) -> &mut [T] {
        assert!(self.is_contiguous(), "as_mut_slice: {self:?}");
        self.in_memory_order()
    }

    /// The elements of a dense tensor in the order of memory, under the same conditions as
    /// [`as_mut_slice`](Self::as_mut_slice).
    ///
    /// # Panics
    /// If `T` is not the dtype, the tensor has gaps, or the storage is shared.
    pub fn in_memory_order<T: Element>(&mut self) -> &mut [T] {
        assert!(self.dtype() == T::DTYPE && self.is_dense() && self.is_unshared(), "in_memory_order: {self:?}");
        // SAFETY: dense, of this dtype, inside a storage only `self` holds, and `self` is borrowed
        // mutably.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr().cast::<T>(), self.numel()) }
    }

    /// How kernels see this tensor when reading; strides padded in front to `rank` with
    /// broadcasting to `shape`.
    pub fn operand(&self) -> Operand<'_> {
        debug_assert!(!self.is_batched(), "a kernel reads one of many samples: {self:?}");
        Operand { ptr: self.as_ptr(), dtype: self.dtype(), strides: self.strides() }
    }

    /// How kernels see this tensor when writing.
    pub fn operand_mut(&self) -> OperandMut<'_> {
        debug_assert!(!self.is_batched(), "a kernel writes one of many samples: {self:?}");
        OperandMut { ptr: self.as_mut_ptr(), dtype: self.dtype(), strides: self.strides() }
    }

    /// Itself where contiguous, else a contiguous copy.
    pub fn contiguous(&self) -> Result<Self> {
        if self.is_contiguous() { Ok(self.clone()) } else { self.copy(self.dtype()) }
    }

    /// Itself where the dtype is this already, else a contiguous cast copy.
    pub fn cast(&self, dtype: DType) -> Result<Self> {
        if self.dtype() == dtype { Ok(self.clone()) } else { self.copy(dtype) }
    }

    /// A contiguous copy of dtype `dtype`.
    pub fn copy(&self, dtype: DType) -> Result<Self> {
        if self.is_batched() {
            return self.copy_samples(false, dtype);
        }
        let out = Array::empty(self.shape(), dtype)?;
        // SAFETY: both layouts are inside their storages, and the fresh one is not shared.
        unsafe { copy_strided(self.shape(), self.operand(), out.operand_mut()) };
        Ok(out)
    }

    /// A copy of dtype `dtype` with the strides of this tensor without its gaps.
    pub fn duplicate(&self, dtype: DType) -> Result<Self> {
        if self.is_batched() {
            return self.copy_samples(true, dtype);
        }
        let out = self.empty_like(dtype)?;
        // SAFETY: as above.
        unsafe { copy_strided(self.shape(), self.operand(), out.operand_mut()) };
        Ok(out)
    }

    /// Writes the values of `source`, broadcast and cast, into this tensor. Overlapping views are
    /// copied first.
    ///
    /// # Errors
    /// The values are those of samples that this tensor does not have.
    pub fn assign(&self, source: &Array) -> Result<()> {
        if self.is_batched() || source.is_batched() {
            return self.assign_samples(source);
        }
        let source = if self.shares_storage(source) && self.layout() != source.layout() {
            source.copy(source.dtype())?
        } else {
            source.clone()
        };
        let strides = source.broadcast_strides(self.shape());
        let operand = Operand { ptr: source.as_ptr(), dtype: source.dtype(), strides: &strides };
        // SAFETY: both layouts are inside their storages, and the views are equal or disjoint.
        unsafe { copy_strided(self.shape(), operand, self.operand_mut()) };
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn empty_like_samples(&self, dtype: DType) -> Result<Self> {
        Array::batched(order::preserved(self.layout()), dtype, self.batch())
    }

    #[cold]
    #[inline(never)]
    fn samples_with_layout(&self, layout: Layout) -> Result<Self> {
        Array::place(self.storage.clone(), layout, self.dtype(), self.batch())
    }

    /// A copy of all samples, each contiguous or with the order of the strides it has.
    #[cold]
    #[inline(never)]
    fn copy_samples(&self, preserves_order: bool, dtype: DType) -> Result<Self> {
        let layout = if preserves_order { order::preserved(self.layout()) } else { Layout::contiguous(self.shape()) };
        let out = Array::batched(layout, dtype, self.batch())?;
        out.assign_samples(self)?;
        Ok(out)
    }

    #[cold]
    #[inline(never)]
    fn fill_samples(&self, value: Scalar) {
        if let Ok(all) = self.physical(self.batch(), 0) {
            all.fill(value);
        }
    }

    /// The same where samples take part.
    #[cold]
    #[inline(never)]
    fn assign_samples(&self, source: &Array) -> Result<()> {
        if !self.covers(source) {
            return Err(batch::not_covered(self));
        }
        let all = self.batch();
        self.physical(all, 0)?.assign(&source.physical(all, self.rank())?)
    }

    /// Writes the values of the contiguous `row` over and over; for a fresh output of the same
    /// dtype, whose elements are a multiple of the row's.
    ///
    /// # Panics
    /// If that is not so.
    pub fn repeat<T: Element>(&mut self, row: &Array) {
        let (row, out) = (row.as_slice::<T>(), self.as_mut_slice::<T>());
        let (n, len) = (row.len(), out.len());
        if len == 0 {
            return;
        }
        assert!(n > 0 && len.is_multiple_of(n), "repeat: {len} elements of rows of {n}");
        out[..n].copy_from_slice(row);
        // Each copy doubles what there is: few large ones, where rows are short.
        let mut filled = n;
        while filled < len {
            let more = filled.min(len - filled);
            out.copy_within(..more, filled);
            filled += more;
        }
    }

    /// Writes `value`, cast, into every element.
    pub fn fill(&self, value: Scalar) {
        if self.is_batched() {
            return self.fill_samples(value);
        }
        let mut cell = [0u64; 1];
        let one = OperandMut { ptr: cell.as_mut_ptr().cast(), dtype: self.dtype(), strides: &[] };
        let (int, float) = (value.to_i64(), value.to_f64());
        let (ptr, dtype) = match value {
            Scalar::Float(_) => ((&raw const float).cast(), DType::Float64),
            _ => ((&raw const int).cast(), DType::Int64),
        };
        // SAFETY: the cell holds one element of any dtype, and the layout is inside the storage.
        unsafe {
            copy_strided(&[], Operand { ptr, dtype, strides: &[] }, one);
            fill_kernel(self.shape(), cell.as_ptr().cast(), self.operand_mut());
        }
    }

    /// The value of a one-element tensor.
    pub fn item(&self) -> Result<Scalar> {
        if self.numel() != 1 || self.is_batched() {
            return Err(no_number(self));
        }
        Ok(match self.dtype() {
            DType::Bool => Scalar::Bool(self.to_vec_f64()?[0] != 0.0),
            t if t.is_float() => Scalar::Float(self.to_vec_f64()?[0]),
            _ => Scalar::Int(self.cast(DType::Int64)?.contiguous()?.as_slice::<i64>()[0]),
        })
    }

    /// The first value, row-major and as a double and of any sample, for which `wrong` holds.
    /// Contiguous floats are read where they are.
    pub fn find(&self, wrong: impl Fn(f64) -> bool) -> Result<Option<f64>> {
        if self.is_batched() {
            return self.physical(self.batch(), 0)?.find(wrong);
        }
        let x = self.contiguous()?;
        Ok(match x.dtype() {
            DType::Float32 => x.as_slice::<f32>().iter().map(|&v| f64::from(v)).find(|&v| wrong(v)),
            DType::Float64 => x.as_slice::<f64>().iter().copied().find(|&v| wrong(v)),
            _ => x.cast(DType::Float64)?.as_slice::<f64>().iter().copied().find(|&v| wrong(v)),
        })
    }

    /// All values, row-major, as doubles.
    pub fn to_vec_f64(&self) -> Result<Vec<f64>> {
        if self.is_batched() {
            return Err(unread());
        }
        scratch::copied(self.cast(DType::Float64)?.contiguous()?.as_slice::<f64>())
    }

    /// All values, row-major, as 64-bit integers.
    pub fn to_vec_i64(&self) -> Result<Vec<i64>> {
        if self.is_batched() {
            return Err(unread());
        }
        scratch::copied(self.cast(DType::Int64)?.contiguous()?.as_slice::<i64>())
    }
}

/// Why an array is not a number.
#[cold]
fn no_number(x: &Array) -> Error {
    if x.is_batched() {
        return unread();
    }
    Error::usage(format!("a tensor with {} elements cannot be converted to a number", x.numel()))
}

/// Why values of samples are not read: no program may ask for them one by one.
#[cold]
fn unread() -> Error {
    batch::needs_one_sample();
    Error::usage(
        "it looks like you're calling item() on a tensor inside vmap, or something that has to read values, which is not \
         supported; try to rewrite what you're doing with other operations, such as where()",
    )
}

/// Where the first element of a layout is in a storage that has all of them, and how many there
/// are.
#[inline(never)]
fn place(storage: &Storage, layout: &Layout, dtype: DType) -> Result<(*mut u8, usize)> {
    let size = dtype.size();
    let inside = layout.extent().filter(|e| e.end.checked_mul(size).is_some_and(|end| end <= storage.bytes()));
    let Some(Extent { numel, .. }) = inside else { return Err(outside(layout, storage.bytes() / size)) };
    // An empty view may have any offset; its first element is never read.
    Ok((storage.as_ptr().wrapping_add(layout.offset.wrapping_mul(size)), numel))
}

/// Why a view with this layout on a storage of `len` elements is refused.
#[cold]
fn outside(layout: &Layout, len: usize) -> Error {
    let (shape, strides, offset) = (layout.shape.as_slice(), layout.strides.as_slice(), layout.offset);
    match dims::checked_numel(shape) {
        None => {
            Error::shape(format!("a view of shape {shape:?} has more elements than can be counted, {}", isize::MAX))
        }
        Some(_) => Error::index(format!(
            "a view of shape {shape:?}, strides {strides:?} and offset {offset} reaches outside of a storage of {len} elements"
        )),
    }
}

pub(crate) fn bytes_for(shape: &[usize], dtype: DType) -> Result<usize> {
    // No elements need no bytes, however large the other sizes are.
    if shape.contains(&0) {
        return Ok(0);
    }
    let mut bytes = dtype.size();
    for &n in shape {
        bytes = match bytes.checked_mul(n) {
            Some(b) if b <= isize::MAX as usize => b,
            _ => {
                return Err(Error::new(
                    Code::OutOfMemory,
                    format!(
                        "shape {shape:?} of {} needs more bytes than can be addressed; use a smaller shape",
                        dtype.name()
                    ),
                ));
            }
        };
    }
    Ok(bytes)
}

/// A shape from sizes given by a caller.
pub fn checked_shape(sizes: &[i64]) -> Result<Dims> {
    let size = |&n: &i64| held(n, "size", || no_size(format_args!("{n} in {sizes:?}")));
    sizes.iter().map(size).collect()
}

/// One size given by a caller.
pub fn checked_size(n: i64) -> Result<usize> {
    held(n, "size", || no_size(format_args!("{n}")))
}

/// The error of a negative size.
#[cold]
fn no_size(got: std::fmt::Arguments<'_>) -> Error {
    Error::shape(format!("sizes must be non-negative, got {got}"))
}

/// A size, count or offset given by a caller, as shapes hold it. A negative one is the caller's to
/// explain; one beyond an address, which PyTorch may take beside a size of 0, is refused as that
/// and not cut off.
pub fn held(n: i64, what: &str, negative: impl FnOnce() -> Error) -> Result<usize> {
    match usize::try_from(n) {
        Ok(n) => Ok(n),
        Err(_) if n < 0 => Err(negative()),
        Err(_) => Err(Error::shape(format!(
            "a {what} of {n} is more than a shape holds here, which is {} at most; use a smaller one",
            usize::MAX
        ))
        .with("given", n)),
    }
}

/// The error of so many elements that their number is no size.
#[cold]
pub fn too_many(elements: i128) -> Error {
    Error::new(Code::OutOfMemory, format!("{elements} elements are too many; use a smaller shape"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_of_0_leaves_no_elements_whatever_the_other_sizes_are() {
        for shape in [[0, usize::MAX, 3], [usize::MAX, 0, usize::MAX], [usize::MAX / 2, usize::MAX / 2, 0]] {
            for made in [Array::empty(&shape, DType::Float64), Array::zeros(&shape, DType::Bool)] {
                let made = made.unwrap();
                assert_eq!((made.numel(), made.shape(), made.storage().bytes()), (0, &shape[..], 0));
                assert!(made.copy(DType::Int64).unwrap().is_contiguous());
            }
        }
        assert!(Array::empty(&[usize::MAX, 3], DType::Bool).is_err());
    }

    #[test]
    fn a_row_is_repeated_as_often_as_it_fits() {
        for rows in [0, 1, 2, 3, 8, 13] {
            let row = Array::from_slice(&[1.0f32, 2.0, 3.0], &[3]).unwrap();
            let mut out = Array::empty(&[rows, 3], DType::Float32).unwrap();
            out.repeat::<f32>(&row);
            assert_eq!(out.as_slice::<f32>(), [1.0, 2.0, 3.0].repeat(rows));
        }
    }
}
