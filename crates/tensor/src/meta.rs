//! What is known of an array without its bytes.

use crate::batch::BatchDim;
use crate::{DType, Dims, Layout, Result, array, dims, layouts};
use smallvec::SmallVec;
use std::borrow::Borrow;
use std::ops::Deref;
use std::rc::Rc;

/// Where the elements of an array are: its layout, and for one of samples the dims along which
/// those are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    layout: Layout,
    batch: Vec<BatchDim>,
}

impl Placement {
    pub(crate) fn of(layout: Layout) -> Self {
        Placement { layout, batch: Vec::new() }
    }

    /// The dims of samples, the outermost `vmap` first; most arrays have none.
    #[inline]
    pub fn batch(&self) -> &[BatchDim] {
        &self.batch
    }
}

impl Deref for Placement {
    type Target = Layout;

    #[inline(always)]
    fn deref(&self) -> &Layout {
        &self.layout
    }
}

/// Dtype, shape, strides and offset of an array: its facts. It has no bytes, so what is given this
/// cannot read values.
#[derive(Clone, Debug)]
pub struct Meta {
    layout: Rc<Placement>,
    /// What follows from the layout and is asked by every operation: the number of elements.
    numel: usize,
    form: Form,
}

/// The dtype of an array and whether it is contiguous, in one number, since most operations ask for
/// both at once. Contiguous arrays whose dims of size 1 have other strides than a fresh array's are
/// told from the others: results may take those strides over. Of four bytes, as its neighbours are:
/// what is written in pieces and read as a whole at once makes a processor wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form(u32);

impl Form {
    const DENSE: u32 = 1 << 8;
    const DENSE_WITH_OTHER_STRIDES: u32 = 1 << 9;
    /// An array of samples, which is neither.
    const BATCHED: u32 = 1 << 10;

    /// That of a fresh array.
    #[inline(always)]
    const fn dense(dtype: DType) -> Form {
        Form(dtype as u32 | Form::DENSE)
    }

    fn of(dtype: DType, layout: &Layout) -> Form {
        let bit = match layout.is_contiguous() {
            false => 0,
            true if layout.strides == dims::contiguous_strides(&layout.shape) => Form::DENSE,
            true => Form::DENSE_WITH_OTHER_STRIDES,
        };
        Form(dtype as u32 | bit)
    }

    #[inline(always)]
    fn dtype(self) -> DType {
        // SAFETY: the low byte is that of a dtype, and those are bytes.
        unsafe { std::mem::transmute::<u8, DType>(self.0 as u8) }
    }

    #[inline(always)]
    fn is_dense(self) -> bool {
        self.0 & (Form::DENSE | Form::DENSE_WITH_OTHER_STRIDES) != 0
    }
}

impl Meta {
    /// The facts of a row-major array of this shape.
    ///
    /// # Errors
    /// Its bytes cannot be addressed.
    pub fn contiguous(shape: &[usize], dtype: DType) -> Result<Self> {
        array::bytes_for(shape, dtype)?;
        Ok(Meta::fresh(layouts::contiguous(shape), dims::numel(shape), dtype))
    }

    /// The facts of an array of this layout, whose elements can be counted.
    pub fn of(layout: Layout, dtype: DType) -> Self {
        let numel = layout.numel();
        Meta::counted(layout, numel, dtype)
    }

    /// The facts of an array of samples, or of any other where there are no dims of them.
    pub(crate) fn batched(layout: Layout, numel: usize, dtype: DType, batch: &[BatchDim]) -> Self {
        if batch.is_empty() {
            return Meta::counted(layout, numel, dtype);
        }
        let form = Form(dtype as u32 | Form::BATCHED);
        Meta { layout: Rc::new(Placement { layout, batch: Vec::from(batch) }), numel, form }
    }

    /// The same where the number of elements is known.
    pub(crate) fn counted(layout: Layout, numel: usize, dtype: DType) -> Self {
        let form = Form::of(dtype, &layout);
        Meta { layout: layouts::shared(layout), numel, form }
    }

    /// The facts of a fresh array with a layout that is shared.
    #[inline(always)]
    pub(crate) fn fresh(layout: Rc<Placement>, numel: usize, dtype: DType) -> Self {
        Meta { layout, numel, form: Form::dense(dtype) }
    }

    /// Shape, strides and offset.
    #[inline]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The layout, to share it.
    #[inline]
    pub fn shared_layout(&self) -> &Rc<Placement> {
        &self.layout
    }

    /// The dims of samples, the outermost `vmap` first; most arrays have none.
    #[inline]
    pub fn batch(&self) -> &[BatchDim] {
        &self.layout.batch
    }

    /// Whether it is an array of samples, each of these facts.
    #[inline(always)]
    pub fn is_batched(&self) -> bool {
        self.form.0 & Form::BATCHED != 0
    }

    /// Sizes, outermost first.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.layout.shape
    }

    /// Strides in elements.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        &self.layout.strides
    }

    /// The number of dims.
    #[inline]
    pub fn rank(&self) -> usize {
        self.layout.rank()
    }

    /// The number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        self.numel
    }

    /// The type of the elements.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.form.dtype()
    }

    /// Whether the elements are row-major without gaps; never those of samples.
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.form.is_dense()
    }

    /// Whether the elements are of this type and the strides those of a fresh array: contiguous,
    /// and dims of size 1 have no others.
    #[inline(always)]
    pub fn is_contiguous_of(&self, dtype: DType) -> bool {
        self.form == Form::dense(dtype)
    }

    /// Whether the elements fill a range of memory in whatever order, see [`Layout::is_dense`].
    #[inline]
    pub fn is_dense(&self) -> bool {
        self.is_contiguous() || (!self.is_batched() && self.layout.is_dense())
    }

    /// Whether the strides are those of a fresh array.
    #[inline(always)]
    pub fn has_usual_strides(&self) -> bool {
        self.form.0 & Form::DENSE != 0
    }

    /// Whether both have the same shape; quick where they share the layout.
    #[inline(always)]
    pub fn same_shape(&self, other: &Meta) -> bool {
        Rc::ptr_eq(&self.layout, &other.layout) || self.same_sizes(other)
    }

    /// Apart, since arrays of one shape mostly share the layout.
    #[inline(never)]
    fn same_sizes(&self, other: &Meta) -> bool {
        dims::same(self.shape(), other.shape())
    }

    /// Whether both are the same facts; quick where they share the layout.
    #[inline]
    pub fn is_same(&self, other: &Meta) -> bool {
        self.form == other.form && (Rc::ptr_eq(&self.layout, &other.layout) || self.layout == other.layout)
    }

    /// Bytes of the elements, where they have no gaps.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.numel * self.dtype().size()
    }

    /// Strides that read an array of these facts as if it had `shape`, to which it must broadcast.
    pub fn broadcast_strides(&self, shape: &[usize]) -> SmallVec<[isize; 6]> {
        let lead = shape.len() - self.rank();
        let mut strides = SmallVec::from_elem(0, shape.len());
        for d in 0..self.rank() {
            if self.layout.shape[d] != 1 {
                strides[lead + d] = self.layout.strides[d];
            }
        }
        strides
    }
}

/// The shape all inputs broadcast to.
pub fn broadcast_shape<'a, T: Borrow<Meta> + 'a>(inputs: impl IntoIterator<Item = &'a T>) -> Result<Dims> {
    let mut inputs = inputs.into_iter().map(T::borrow);
    let mut shape = inputs.next().map_or_else(Dims::new, |x| Dims::from_slice(x.shape()));
    for x in inputs {
        if !dims::same(&shape, x.shape()) {
            shape = dims::broadcast(&shape, x.shape())?;
        }
    }
    Ok(shape)
}
