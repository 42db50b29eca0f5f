//! What the ranges of a loop share, and what they write.

use std::marker::PhantomData;
use std::ops::Range;

/// What a loop writes: a debug build copies and compares it. Nothing is asked in a release build.
pub trait Outputs {
    /// Calls `f` with the start and the bytes of each piece of memory that is written. Bytes
    /// between elements that are written may belong to it.
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize));
}

/// An output of which every range writes a part of its own.
#[derive(Clone, Copy)]
pub struct Part<'a, T> {
    ptr: *mut T,
    len: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: the pointer is used by `slice` alone, whose callers keep their parts apart.
unsafe impl<T: Send> Sync for Part<'_, T> {}

impl<'a, T> Part<'a, T> {
    /// The elements of `out`, to be handed out in parts.
    #[inline(always)]
    pub fn new(out: &'a mut [T]) -> Self {
        Part { ptr: out.as_mut_ptr(), len: out.len(), borrow: PhantomData }
    }

    /// The elements in `range`.
    ///
    /// # Panics
    /// If there are fewer.
    ///
    /// # Safety
    /// No two slices in use at the same time overlap.
    #[expect(clippy::mut_from_ref, reason = "the caller keeps parts apart")]
    #[inline(always)]
    pub unsafe fn slice(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.len, "exec: a part outside its output");
        // SAFETY: inside the slice this was made from, and apart from others by the caller's
        // promise.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.add(range.start), range.len()) }
    }

    /// The first element, for kernels that go by pointers.
    #[inline(always)]
    pub fn as_mut_ptr(&self) -> *mut T {
        self.ptr
    }
}

impl<T> Outputs for Part<'_, T> {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        f(self.ptr.cast(), self.len * size_of::<T>());
    }
}

/// Pointers, or structures with pointers in them, that all ranges use.
pub struct Shared<P>(P);

// SAFETY: `new` has its caller promise that.
unsafe impl<P> Sync for Shared<P> {}

impl<P: Copy> Shared<P> {
    /// # Safety
    /// What is reached through `pointers` may be read from every thread, and is written by one
    /// range alone.
    #[inline(always)]
    pub unsafe fn new(pointers: P) -> Self {
        Shared(pointers)
    }

    /// The pointers.
    #[inline(always)]
    pub fn get(&self) -> P {
        self.0
    }
}

/// The memory from the first to the last element of a strided output.
#[derive(Clone, Copy)]
pub struct Span<'a> {
    /// The element whose indices are all 0.
    pub ptr: *mut u8,
    /// Bytes of an element.
    pub size: usize,
    /// Elements in each dim.
    pub shape: &'a [usize],
    /// Distances between neighbours, in elements.
    pub strides: &'a [isize],
}

impl Outputs for Span<'_> {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        if self.shape.contains(&0) {
            return;
        }
        let (mut low, mut high) = (0, 0);
        for (&n, &stride) in self.shape.iter().zip(self.strides) {
            let reach = (n as isize - 1) * stride;
            low += reach.min(0);
            high += reach.max(0);
        }
        let size = self.size as isize;
        f(self.ptr.wrapping_offset(low * size), ((high - low + 1) * size) as usize);
    }
}

/// Of nothing, for loops that run for what they find.
impl Outputs for () {
    fn each(&self, _: &mut dyn FnMut(*mut u8, usize)) {}
}

impl<O: Outputs> Outputs for Option<O> {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        if let Some(out) = self {
            out.each(f);
        }
    }
}

impl<O: Outputs, const N: usize> Outputs for [O; N] {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        self.iter().for_each(|out| out.each(f));
    }
}

impl<A: Outputs, B: Outputs> Outputs for (A, B) {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        self.0.each(f);
        self.1.each(f);
    }
}

impl<A: Outputs, B: Outputs, C: Outputs> Outputs for (A, B, C) {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        self.0.each(f);
        self.1.each(f);
        self.2.each(f);
    }
}
