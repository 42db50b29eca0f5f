//! Copies between strided tensors, with a cast on the way.

use core::ops::Range;

use super::layout::{Dims, Row, is_contiguous};
use super::raw::move_strided;
use super::transpose::transpose;
use super::{Operand, OperandMut, cast_contiguous};
use crate::exec::{Grain, Shared, Span, for_range};

/// Elements in which a range of a contiguous copy may start.
const UNIT: usize = 64;

/// Elements a chunk of a copy that both casts and strides.
const CHUNK: usize = 512;

/// Copies `from` to `to`, casting as [`Element::cast`](crate::dtype::Element::cast) does.
///
/// Cost: one pass; a plain memory copy where both are contiguous, row by row where rows are, and a
/// blocked transpose where the fast dimension of one is the slow one of the other.
///
/// # Safety
/// Every element of `from`, at its strides, must be readable, and that of `to` writable; the two
/// may not overlap.
pub unsafe fn copy_strided(shape: &[usize], from: Operand, to: OperandMut) {
    let numel = crate::numel(shape);
    if numel == 0 {
        return;
    }
    if is_contiguous(shape, from.strides) && is_contiguous(shape, to.strides) {
        let written = Span { ptr: to.ptr, size: to.dtype.size(), shape: &[numel], strides: &[1] };
        // SAFETY: a range writes its own elements.
        let pointers = unsafe { Shared::new((from.ptr, to.ptr)) };
        for_range(numel, Grain::of(1).in_units(UNIT), &written, |range| {
            let (source, target) = pointers.get();
            let source = source.wrapping_add(range.start * from.dtype.size());
            let target = target.wrapping_add(range.start * to.dtype.size());
            // SAFETY: both hold `numel` contiguous elements.
            unsafe { cast_contiguous(from.dtype, source, to.dtype, target, range.len()) };
        });
        return;
    }
    let (from_size, to_size) = (from.dtype.size() as isize, to.dtype.size() as isize);
    let Some(dims) = Dims::new(shape, to.strides, core::iter::once(from.strides)) else {
        for i in 0..shape[0] as isize {
            let row = Operand {
                ptr: from.ptr.wrapping_offset(i * from.strides[0] * from_size),
                strides: &from.strides[1..],
                ..from
            };
            let to = OperandMut {
                ptr: to.ptr.wrapping_offset(i * to.strides[0] * to_size),
                strides: &to.strides[1..],
                ..to
            };
            // SAFETY: a part of what the caller vouches for.
            unsafe { copy_strided(&shape[1..], row, to) };
        }
        return;
    };
    let inner = dims.inner();
    // A transpose: the next dimension out is the one in which the source is dense.
    let plane = match dims.outer().last() {
        Some(rows) if from.dtype == to.dtype => {
            let [to_stride, from_stride, ..] = inner.strides;
            to_stride == 1 && rows.strides[1] == 1 && from_stride != 0
        }
        _ => false,
    };
    let outer = &dims.outer()[..dims.outer().len() - usize::from(plane)];
    let written = Span { ptr: to.ptr, size: to.dtype.size(), shape, strides: to.strides };
    // SAFETY: a range writes its own rows or planes.
    let shared = unsafe { Shared::new((&dims, from, to)) };
    for_range(outer.iter().map(|dim| dim.extent).product(), Grain::of(inner.extent), &written, |range| {
        let (dims, from, to) = shared.get();
        // SAFETY: the caller's promise, in the order of `dims`.
        unsafe { copy_rows(dims, plane, from, to, range) };
    });
}

/// Copies some rows, or where `plane` is set some planes of the two innermost dimensions.
///
/// # Safety
/// As [`copy_strided`], whose dimensions these are.
#[inline(always)]
unsafe fn copy_rows(dims: &Dims, plane: bool, from: Operand, to: OperandMut, range: Range<usize>) {
    let (inner, outer) = (dims.inner(), dims.outer());
    let [to_stride, from_stride, ..] = inner.strides;
    let (size, to_size) = (from.dtype.size(), to.dtype.size() as isize);
    let (outer, plane) = match outer {
        [outer @ .., rows] if plane => (outer, Some(rows)),
        _ => (outer, None),
    };
    let mut row = Row::at(range.start, outer, 2);
    let mut left = range.len();
    loop {
        let source = from.ptr.wrapping_offset(row.offsets[1] * size as isize);
        let target = to.ptr.wrapping_offset(row.offsets[0] * to_size);
        // SAFETY: a row or a plane of what the caller vouches for.
        unsafe {
            if let Some(rows) = plane {
                transpose(size, source, from_stride, target, rows.strides[0], rows.extent, inner.extent);
            } else if from.dtype == to.dtype {
                move_strided(size, source, from_stride, target, to_stride, inner.extent);
            } else {
                cast_row(from, source, from_stride, to, target, to_stride, inner.extent);
            }
        }
        left -= 1;
        if left == 0 {
            return;
        }
        row.advance_in(outer, 2);
    }
}

/// Copies one row with a cast, through two buffers where a stride is in the way.
#[allow(clippy::too_many_arguments, reason = "a row is two pointers, two strides and a length")]
unsafe fn cast_row(
    from: Operand,
    source: *const u8,
    from_stride: isize,
    to: OperandMut,
    target: *mut u8,
    to_stride: isize,
    len: usize,
) {
    let (mut before, mut after) = ([0u64; CHUNK], [0u64; CHUNK]);
    let (before, after) = (before.as_mut_ptr().cast::<u8>(), after.as_mut_ptr().cast::<u8>());
    let mut at = 0;
    while at < len {
        let n = CHUNK.min(len - at);
        let source = source.wrapping_offset(at as isize * from_stride * from.dtype.size() as isize);
        let target = target.wrapping_offset(at as isize * to_stride * to.dtype.size() as isize);
        // SAFETY: a chunk of the row; the buffers hold a chunk of the widest elements.
        unsafe {
            move_strided(from.dtype.size(), source, from_stride, before, 1, n);
            cast_contiguous(from.dtype, before, to.dtype, after, n);
            move_strided(to.dtype.size(), after, 1, target, to_stride, n);
        }
        at += n;
    }
}

/// Sets every element of `to` to the value of dtype `to.dtype` at `value`.
///
/// # Safety
/// `value` must be readable, every element of `to`, at its strides, writable; `value` may not are
/// in `to`.
pub unsafe fn fill(shape: &[usize], value: *const u8, to: OperandMut) {
    const ZEROS: [isize; 64] = [0; 64];
    if shape.len() > ZEROS.len() {
        for i in 0..shape[0] as isize {
            let ptr = to.ptr.wrapping_offset(i * to.strides[0] * to.dtype.size() as isize);
            // SAFETY: a part of what the caller vouches for.
            unsafe { fill(&shape[1..], value, OperandMut { ptr, strides: &to.strides[1..], ..to }) };
        }
        return;
    }
    // SAFETY: the source is one element, repeated by strides of 0.
    unsafe { copy_strided(shape, Operand { ptr: value, dtype: to.dtype, strides: &ZEROS[..shape.len()] }, to) };
}
