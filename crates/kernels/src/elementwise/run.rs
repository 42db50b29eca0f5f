//! Applies the loops of a formula to tensors of any strides and dtypes.
//!
//! Four ways, the first that fits:
//! 1. everything contiguous and of the right dtype: one call of the block;
//! 2. an input transposed against the output: one call for each tile, see [`tiles`](super::tiles);
//! 3. long inner rows: one call for each chunk of a row, straight on the memory of operands that
//!    are contiguous there;
//! 4. short rows: chunks run across rows.
//!
//! In 3 and 4 an operand that is not contiguous there (another stride, another dtype, broadcast) is
//! copied into a buffer on the stack, a chunk at a time, and so is the result.

use core::array::from_fn;
use core::mem::MaybeUninit;
use core::ops::Range;

use super::layout::{Dims, MAX_OPERANDS, MAX_RANK, Row, is_contiguous};
use super::loops::Loop;
use super::raw::move_strided;
use super::{Block, Blocks, MAX_INPUTS, MAX_PARAMS, Operand, OperandMut, cast_contiguous};
use crate::dtype::DType;
use crate::exec::{Grain, Outputs, Shared, Span, for_range};

/// Elements a chunk, when some operand needs a buffer.
const CHUNK: usize = 512;

/// Rows shorter than this are joined (way 4).
const LONG_ROW: usize = 64;

/// A chunk of elements of up to 8 bytes.
type Buffer = [MaybeUninit<u64>; CHUNK];

const BUFFER: Buffer = [const { MaybeUninit::uninit() }; CHUNK];

/// Elementary operations of a formula, for want of knowing it.
pub(super) const COST: usize = 4;

/// Elements in which a range of a contiguous loop may start: an iteration of the widest lanes.
const UNIT: usize = 8;

/// Calls `f(ins, out, len)` for ranges of `len` contiguous elements, whose sizes in bytes are
/// `sizes` for inputs and output.
///
/// # Safety
/// `f` may be called for any part of the elements from any thread.
#[inline(always)]
unsafe fn in_ranges(
    ins: &[*const u8],
    out: *mut u8,
    sizes: (usize, usize),
    len: usize,
    f: impl Fn(*const *const u8, *mut u8, usize),
) {
    // SAFETY: the caller's promise; a range writes its own elements.
    let shared = unsafe { Shared::new((&f, ins.as_ptr(), ins.len(), out)) };
    let written = Span { ptr: out, size: sizes.1, shape: &[len], strides: &[1] };
    for_range(len, Grain::of(COST).in_units(UNIT), &written, |range| {
        let (f, ins, n, out) = shared.get();
        if range.start == 0 {
            return f(ins, out, range.len());
        }
        let mut part = [core::ptr::null(); MAX_INPUTS];
        for (k, x) in part.iter_mut().enumerate().take(n) {
            // SAFETY: there are `n` inputs.
            *x = unsafe { *ins.add(k) }.wrapping_add(range.start * sizes.0);
        }
        f(part.as_ptr(), out.wrapping_add(range.start * sizes.1), range.len());
    });
}

/// Evaluates a formula that has a loop of its own for f32 over `len` contiguous elements.
///
/// # Safety
/// As [`Block`].
#[inline(always)]
pub unsafe fn run_f32(block: Block, ins: &[*const u8], params: *const f64, out: *mut u8, len: usize) {
    // SAFETY: the caller's promise.
    unsafe { in_ranges(ins, out, (4, 4), len, |ins, out, len| block(ins, params, out, len)) };
}

/// Evaluates a formula over `numel` contiguous elements of the dtypes it computes with: what is
/// left of [`run`] where nothing has to be found out.
///
/// # Panics
/// If the formula does not support `compute`.
///
/// # Safety
/// There are as many inputs and parameters as the formula takes. Each input holds `numel` elements
/// of `compute`, `out` as many of [`Blocks::result_dtype`]. `out` may be one of the inputs and may
/// not overlap them otherwise.
#[inline]
pub unsafe fn run_dense(
    blocks: &Blocks,
    compute: DType,
    ins: &[*const u8],
    params: &[f64],
    out: *mut u8,
    numel: usize,
) {
    debug_assert!(ins.len() == blocks.n_inputs && params.len() == blocks.n_params);
    if numel > 0 {
        let block = blocks.in_dtype(compute);
        let sizes = (compute.size(), blocks.result_dtype(compute).size());
        // SAFETY: the caller's.
        unsafe { in_ranges(ins, out, sizes, numel, |ins, out, n| block.run(ins, params.as_ptr(), out, n)) };
    }
}

/// Evaluates a formula at every element of `shape`, computing in `compute` and casting on the way
/// in and out.
///
/// Cost: one pass over memory; strided and converted operands pass through the cache once more.
///
/// # Panics
/// If the formula does not support `compute`, or the number of operands or parameters is not the
/// formula's.
///
/// # Safety
/// Every element of every operand, at its strides, must be readable, and that of `out` writable.
/// `out` may be exactly one of the inputs (same place, same strides and, if so, the same dtype) and
/// may not overlap them otherwise; no two elements of `out` may share memory.
pub unsafe fn run(blocks: &Blocks, compute: DType, shape: &[usize], ins: &[Operand], params: &[f64], out: OperandMut) {
    assert!(ins.len() == blocks.n_inputs && params.len() == blocks.n_params, "run: operands do not fit the formula");
    let computed = blocks.loop_dtype(compute);
    let block = blocks.in_dtype(computed);
    let result = if blocks.out_bool { DType::Bool } else { computed };
    let numel = crate::numel(shape);
    if numel == 0 {
        return;
    }
    if out.dtype == result
        && is_contiguous(shape, out.strides)
        && ins.iter().all(|x| x.dtype == computed && is_contiguous(shape, x.strides))
    {
        let mut pointers = [core::ptr::null(); MAX_INPUTS];
        for (pointer, x) in pointers.iter_mut().zip(ins) {
            *pointer = x.ptr;
        }
        let (ins, sizes) = (&pointers[..ins.len()], (computed.size(), result.size()));
        // SAFETY: all operands hold `numel` contiguous elements of the block's dtypes.
        unsafe { in_ranges(ins, out.ptr, sizes, numel, |ins, out, n| block.run(ins, params.as_ptr(), out, n)) };
        return;
    }
    // A narrow integer's parameters are brought to its own width before they are widened.
    let mut narrowed = [0.0; MAX_PARAMS];
    let params =
        if computed == compute || compute.is_float() { params } else { narrow(blocks, compute, params, &mut narrowed) };
    let Some(dims) = Dims::new(shape, out.strides, ins.iter().map(|x| x.strides)) else {
        // Too many dimensions to hold: loop over the outermost one here.
        for i in 0..shape[0] as isize {
            let mut rows = [Operand { ptr: core::ptr::null(), dtype: compute, strides: &[] }; MAX_INPUTS];
            for (row, x) in rows.iter_mut().zip(ins) {
                let ptr = x.ptr.wrapping_offset(i * x.strides[0] * x.dtype.size() as isize);
                *row = Operand { ptr, dtype: x.dtype, strides: &x.strides[1..] };
            }
            let ptr = out.ptr.wrapping_offset(i * out.strides[0] * out.dtype.size() as isize);
            let row = OperandMut { ptr, dtype: out.dtype, strides: &out.strides[1..] };
            // SAFETY: a part of what the caller vouches for.
            unsafe { run(blocks, compute, &shape[1..], &rows[..ins.len()], params, row) };
        }
        return;
    };
    let mut task = Task {
        dims: &dims,
        computed,
        result,
        pointers: [core::ptr::null(); MAX_OPERANDS],
        dtypes: [computed; MAX_OPERANDS],
        n: ins.len() + 1,
    };
    task.pointers[0] = out.ptr;
    task.dtypes[0] = out.dtype;
    for (k, x) in ins.iter().enumerate() {
        task.pointers[k + 1] = x.ptr;
        task.dtypes[k + 1] = x.dtype;
    }
    // SAFETY: the caller's promise, in the order of `dims`.
    unsafe {
        if task.suits_tiles() {
            task.by_tiles(&block, params);
        } else if task.dims.inner().extent >= LONG_ROW {
            task.by_rows(&block, params);
        } else {
            task.across_rows(&block, params, numel);
        }
    }
}

/// The parameters as a dtype has them, wrapped or, where they are bounds, held within what it
/// holds.
#[inline(never)]
fn narrow<'a>(blocks: &Blocks, dtype: DType, params: &[f64], narrowed: &'a mut [f64; MAX_PARAMS]) -> &'a [f64] {
    let (low, high) = match dtype {
        _ if !blocks.saturates => (f64::NEG_INFINITY, f64::INFINITY),
        DType::Int32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
        DType::Int16 => (f64::from(i16::MIN), f64::from(i16::MAX)),
        DType::Int8 => (f64::from(i8::MIN), f64::from(i8::MAX)),
        DType::UInt8 => (0.0, f64::from(u8::MAX)),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    };
    for (to, &from) in narrowed.iter_mut().zip(params) {
        *to = dtype.nearest(from.clamp(low, high));
    }
    &narrowed[..params.len()]
}

/// The operands of one call, the output first.
pub(super) struct Task<'a> {
    pub(super) dims: &'a Dims,
    computed: DType,
    result: DType,
    pointers: [*const u8; MAX_OPERANDS],
    pub(super) dtypes: [DType; MAX_OPERANDS],
    pub(super) n: usize,
}

/// The output.
impl Outputs for Task<'_> {
    fn each(&self, f: &mut dyn FnMut(*mut u8, usize)) {
        let dims = self.dims.all();
        let shape: [usize; MAX_RANK] = from_fn(|d| dims.get(d).map_or(1, |dim| dim.extent));
        let strides: [isize; MAX_RANK] = from_fn(|d| dims.get(d).map_or(0, |dim| dim.strides[0]));
        let (ptr, size) = (self.pointers[0].cast_mut(), self.dtypes[0].size());
        Span { ptr, size, shape: &shape, strides: &strides }.each(f);
    }
}

/// What way 4 knows of the operands: whether they are read where they are stored, whether they
/// repeat themselves in a chunk, whether any is neither, and how long a chunk is.
struct Across {
    direct: [bool; MAX_OPERANDS],
    periodic: [bool; MAX_OPERANDS],
    is_strided: bool,
    chunk: usize,
}

impl Task<'_> {
    /// The dtype in which the block meets operand `k`.
    pub(super) fn wanted(&self, k: usize) -> DType {
        if k == 0 { self.result } else { self.computed }
    }

    /// Where operand `k` has the element `offset`.
    pub(super) fn at(&self, k: usize, offset: isize) -> *const u8 {
        self.pointers[k].wrapping_offset(offset * self.dtypes[k].size() as isize)
    }

    /// Way 3.
    #[inline(never)]
    unsafe fn by_rows(&self, block: &Loop, params: &[f64]) {
        let inner = self.dims.inner();
        let mut direct = [false; MAX_OPERANDS];
        for (k, direct) in direct[..self.n].iter_mut().enumerate() {
            *direct = inner.strides[k] == 1 && self.dtypes[k] == self.wanted(k);
        }
        // SAFETY: a range writes its own rows.
        let shared = unsafe { Shared::new((self, block, params, &direct)) };
        for_range(self.dims.rows(), Grain::of(COST * inner.extent), self, |rows| {
            let (task, block, params, direct) = shared.get();
            // SAFETY: the caller's promise.
            unsafe { task.rows(rows, block, params, direct) };
        });
    }

    /// Some rows, with what is known of the operands: whether they are read where they are stored.
    #[inline(always)]
    unsafe fn rows(&self, rows: Range<usize>, block: &Loop, params: &[f64], direct: &[bool; MAX_OPERANDS]) {
        let inner = self.dims.inner();
        let chunk = if direct[..self.n].iter().all(|&d| d) { inner.extent } else { CHUNK };
        let mut buffers = [BUFFER; MAX_OPERANDS];
        let mut repeated = [core::ptr::null(); MAX_OPERANDS];
        let mut row = Row::at(rows.start, self.dims.outer(), self.n);
        let mut left = rows.len();
        loop {
            let mut at = 0;
            while at < inner.extent {
                let len = chunk.min(inner.extent - at);
                let mut ins = [core::ptr::null(); MAX_INPUTS];
                for k in 1..self.n {
                    let from = self.at(k, row.offsets[k] + at as isize * inner.strides[k]);
                    ins[k - 1] = if direct[k] {
                        from
                    } else {
                        let buffer = buffers[k].as_mut_ptr().cast::<u8>();
                        // A broadcast element stays in its buffer for as long as it is the same
                        // one.
                        if inner.strides[k] != 0 || repeated[k] != from {
                            let len = if inner.strides[k] == 0 { CHUNK.min(inner.extent) } else { len };
                            repeated[k] = from;
                            // SAFETY: a chunk of the operand, and a buffer for a chunk of the
                            // widest elements.
                            unsafe { self.gather(k, from, inner.strides[k], buffer, len) };
                        }
                        buffer
                    };
                }
                let to = self.at(0, row.offsets[0] + at as isize * inner.strides[0]).cast_mut();
                // SAFETY: every pointer is a chunk in memory or in its buffer.
                unsafe {
                    if direct[0] {
                        block.run(ins.as_ptr(), params.as_ptr(), to, len);
                    } else {
                        let buffer = buffers[0].as_mut_ptr().cast::<u8>();
                        block.run(ins.as_ptr(), params.as_ptr(), buffer, len);
                        self.scatter(buffer, to, inner.strides[0], len);
                    }
                }
                at += len;
            }
            left -= 1;
            if left == 0 {
                return;
            }
            row.advance(self.dims);
        }
    }

    /// Way 4.
    #[inline(never)]
    unsafe fn across_rows(&self, block: &Loop, params: &[f64], numel: usize) {
        // An operand needs no buffer if it is contiguous over all dimensions, in the order they are
        // traversed in. A broadcast one repeats itself: if chunks are multiples of its period, it
        // stays in its buffer for all of them. Periods are products of the inner extents, so each
        // divides the longest.
        let mut known =
            Across { direct: [false; MAX_OPERANDS], periodic: [false; MAX_OPERANDS], is_strided: false, chunk: CHUNK };
        let mut longest = 1;
        for k in 0..self.n {
            let (mut dense, mut period, mut extent) = (self.dtypes[k] == self.wanted(k), 1, 1);
            for dim in self.dims.all().iter().rev() {
                dense &= dim.strides[k] == extent as isize;
                extent *= dim.extent;
                if dim.strides[k] != 0 {
                    period = extent;
                }
            }
            known.direct[k] = dense;
            known.periodic[k] = !dense && k > 0 && period <= CHUNK && period < numel;
            if known.periodic[k] {
                longest = longest.max(period);
            }
            known.is_strided |= !dense && !known.periodic[k];
        }
        if numel > CHUNK {
            known.chunk = CHUNK / longest * longest;
        }
        // SAFETY: a range writes its own elements.
        let shared = unsafe { Shared::new((self, block, params, &known)) };
        for_range(numel, Grain::of(2 * COST).in_units(known.chunk), self, |elements| {
            let (task, block, params, known) = shared.get();
            // SAFETY: the caller's promise; ranges start at whole chunks.
            unsafe { task.chunks(elements, block, params, known) };
        });
    }

    /// Some chunks of the elements.
    #[inline(always)]
    unsafe fn chunks(&self, elements: Range<usize>, block: &Loop, params: &[f64], known: &Across) {
        let inner = self.dims.inner();
        let Across { direct, periodic, is_strided, chunk } = known;
        let mut buffers = [BUFFER; MAX_OPERANDS];
        let (from, mut done) = (elements.start, elements.start);
        let mut column = if from == 0 { 0 } else { from % inner.extent };
        let mut row = Row::at(if from == 0 { 0 } else { from / inner.extent }, self.dims.outer(), self.n);
        while done < elements.end {
            let len = (*chunk).min(elements.end - done);
            let mut ins = [core::ptr::null(); MAX_INPUTS];
            for k in 1..self.n {
                ins[k - 1] = if direct[k] {
                    self.at(k, done as isize)
                } else {
                    let buffer = buffers[k].as_mut_ptr().cast::<u8>();
                    if !periodic[k] || done == from {
                        let size = self.dtypes[k].size();
                        // SAFETY: the parts are `len` elements in all, of the operand and of the
                        // buffer.
                        unsafe {
                            self.parts(&mut row.clone(), &mut column.clone(), len, |row, column, filled, n| {
                                let from = self.at(k, row.offsets[k] + column as isize * inner.strides[k]);
                                move_strided(size, from, inner.strides[k], buffer.add(filled * size), 1, n);
                            });
                            convert_in_place(self.dtypes[k], self.computed, buffer, len);
                        }
                    }
                    buffer
                };
            }
            // SAFETY: as for the inputs; every input of the chunk is read before the first result
            // is written.
            unsafe {
                if direct[0] {
                    block.run(ins.as_ptr(), params.as_ptr(), self.at(0, done as isize).cast_mut(), len);
                    if *is_strided {
                        self.parts(&mut row, &mut column, len, |_, _, _, _| {});
                    }
                } else {
                    let buffer = buffers[0].as_mut_ptr().cast::<u8>();
                    block.run(ins.as_ptr(), params.as_ptr(), buffer, len);
                    convert_in_place(self.result, self.dtypes[0], buffer, len);
                    let size = self.dtypes[0].size();
                    self.parts(&mut row, &mut column, len, |row, column, filled, n| {
                        let to = self.at(0, row.offsets[0] + column as isize * inner.strides[0]).cast_mut();
                        move_strided(size, buffer.add(filled * size), 1, to, inner.strides[0], n);
                    });
                }
            }
            done += len;
        }
    }

    /// Cuts `len` elements from (`row`, `column`) on into parts of rows: calls `part(row, column,
    /// filled so far, length)`, and moves past them.
    #[inline(always)]
    fn parts(&self, row: &mut Row, column: &mut usize, len: usize, mut part: impl FnMut(&Row, usize, usize, usize)) {
        let extent = self.dims.inner().extent;
        let mut filled = 0;
        while filled < len {
            let n = (extent - *column).min(len - filled);
            part(row, *column, filled, n);
            filled += n;
            *column += n;
            if *column == extent {
                *column = 0;
                row.advance(self.dims);
            }
        }
    }

    /// Brings a chunk of operand `k` into a buffer, converted.
    #[inline(never)]
    unsafe fn gather(&self, k: usize, from: *const u8, stride: isize, buffer: *mut u8, len: usize) {
        let dtype = self.dtypes[k];
        // SAFETY: the caller vouches for the chunk and the buffer.
        unsafe {
            if stride == 0 && dtype != self.computed {
                cast_contiguous(dtype, from, self.computed, buffer, 1);
                move_strided(self.computed.size(), buffer, 0, buffer, 1, len);
            } else if stride == 1 {
                cast_contiguous(dtype, from, self.computed, buffer, len);
            } else {
                move_strided(dtype.size(), from, stride, buffer, 1, len);
                convert_in_place(dtype, self.computed, buffer, len);
            }
        }
    }

    /// Brings a chunk of results from the buffer to the output, converted.
    unsafe fn scatter(&self, buffer: *mut u8, to: *mut u8, stride: isize, len: usize) {
        let dtype = self.dtypes[0];
        // SAFETY: the caller vouches for the chunk and the buffer.
        unsafe {
            if stride == 1 {
                cast_contiguous(self.result, buffer, dtype, to, len);
            } else {
                convert_in_place(self.result, dtype, buffer, len);
                move_strided(dtype.size(), buffer, 1, to, stride, len);
            }
        }
    }
}

/// Casts a chunk within its buffer, which is wide enough for either dtype.
#[inline(never)]
unsafe fn convert_in_place(from: DType, to: DType, buffer: *mut u8, len: usize) {
    if from == to {
        return;
    }
    let mut copy = BUFFER;
    let copy = copy.as_mut_ptr().cast::<u8>();
    // SAFETY: both buffers hold a chunk of the widest elements, and `len` is at most a chunk.
    unsafe {
        core::ptr::copy_nonoverlapping(buffer, copy, len * from.size());
        cast_contiguous(from, copy, to, buffer, len);
    }
}
