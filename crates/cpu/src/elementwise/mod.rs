//! Elementwise formulas over arrays: the safe way to [`adjoint_kernels::elementwise`].
//!
//! Three paths, cheapest first: inputs that are [`dense`] and of one shape, inputs *aligned* with
//! the output (the same, or single numbers beside few elements), and everything else, by strides.
//! Arrays of samples ([`batch`]) are of the last kind.

pub mod dense;

use crate::dtype::unsupported;
use adjoint_kernels::elementwise::{self, Operand};
use adjoint_tensor::batch;
use adjoint_tensor::meta::broadcast_shape;
use adjoint_tensor::{Array, DType, Layout, Result, Strides, order};
use smallvec::SmallVec;
use std::mem::MaybeUninit;

pub use adjoint_kernels::elementwise::{Blocks, MAX_INPUTS};

/// Elements up to which a single number is spread out on the stack, to be an operand like the
/// others.
const SHORT: usize = 256;

/// Computes `blocks` in `dtype` over broadcast inputs into a fresh array, as [`elementwise`] does.
/// The result keeps the order of the inputs' strides, see [`order`].
#[inline]
pub fn compute(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64]) -> Result<Array> {
    compute_with(blocks, dtype, inputs, params, 0)
}

/// [`compute`] where the first `uncast` inputs take no part in promotion (the condition of
/// `where`).
#[inline]
pub fn compute_with(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], uncast: usize) -> Result<Array> {
    let result = if blocks.out_bool { DType::Bool } else { dtype };
    if let Some(like) = aligned(blocks, dtype, inputs) {
        let out = like.like(result)?;
        run_aligned(blocks, dtype, inputs, params, &out);
        return Ok(out);
    }
    compute_broadcast(blocks, dtype, inputs, params, uncast)
}

/// The part of [`compute_with`] for inputs that are not aligned, one function for all places that
/// inline the other.
#[inline(never)]
fn compute_broadcast(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], uncast: usize) -> Result<Array> {
    if inputs.iter().any(|x| x.is_batched()) {
        return compute_samples(blocks, dtype, inputs, params, uncast);
    }
    let result = if blocks.out_bool { DType::Bool } else { dtype };
    let shape = broadcast_shape(inputs.iter().copied())?;
    let out = match order::of_fresh(&shape, inputs, dtype, uncast) {
        None => Array::empty(&shape, result)?,
        Some(layout) => Array::laid_out(layout, result)?,
    };
    write(blocks, dtype, inputs, params, &out)?;
    Ok(out)
}

/// Computes into `out`, one of the inputs or a tensor nothing reads, where that needs neither
/// strides nor buffers; false, and nothing done, where it does.
pub fn compute_into(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) -> bool {
    let fits = out.is_contiguous_of(dtype) && !blocks.out_bool;
    let fits = fits && aligned(blocks, dtype, inputs).is_some_and(|like| like.same_shape(out));
    if fits {
        run_aligned(blocks, dtype, inputs, params, out);
    }
    fits || compute_into_same_layout(blocks, dtype, inputs, params, out)
}

/// [`compute_into`] where all are dense in one order that is not the row-major one.
#[inline(never)]
fn compute_into_same_layout(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) -> bool {
    let same =
        |x: &Array| !x.is_batched() && x.dtype() == dtype && x.shape() == out.shape() && x.strides() == out.strides();
    let computes = blocks.loop_dtype(dtype) == dtype && blocks.supports(dtype) && !blocks.out_bool;
    let fits = computes && inputs.iter().all(|x| same(x)) && same(out) && out.is_dense();
    if fits {
        let mut pointers = [std::ptr::null(); MAX_INPUTS];
        for (pointer, x) in pointers.iter_mut().zip(inputs) {
            *pointer = x.as_ptr();
        }
        // SAFETY: all have `out`'s number of elements, dense, in one order and of the block's
        // dtype; what shares storage is the same, since the caller says nothing reads `out`
        // otherwise.
        unsafe {
            elementwise::run_dense(blocks, dtype, &pointers[..inputs.len()], params, out.as_mut_ptr(), out.numel());
        };
    }
    fits
}

/// The input whose shape the result has, where [`run_aligned`] serves: every input is contiguous,
/// of the block's dtype and of one shape, or a single number without dims beside few elements.
#[inline(always)]
fn aligned<'a>(blocks: &Blocks, dtype: DType, inputs: &[&'a Array]) -> Option<&'a Array> {
    let like = inputs.iter().find(|x| x.rank() > 0).or(inputs.first())?;
    let direct = |x: &Array| x.is_contiguous_of(dtype) && x.same_shape(like);
    let single = |x: &Array| x.rank() == 0 && like.numel() <= SHORT && !x.is_batched();
    let fits = blocks.loop_dtype(dtype) == dtype && blocks.supports(dtype);
    (fits && inputs.iter().all(|x| direct(x) || single(x))).then_some(like)
}

/// Runs the block straight on the inputs' memory, single numbers spread out on the stack. `out` is
/// contiguous, of the block's result dtype and the inputs' shape, and either fresh or exactly one
/// of them.
#[inline(always)]
fn run_aligned(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) {
    let mut pointers = [std::ptr::null(); MAX_INPUTS];
    let mut direct = true;
    for (pointer, x) in pointers.iter_mut().zip(inputs) {
        *pointer = x.as_ptr();
        direct &= is_direct(x, dtype, out);
    }
    if !direct {
        return run_spread(blocks, dtype, inputs, params, out);
    }
    // SAFETY: all inputs have `out`'s elements, contiguous and of the block's dtype; what shares
    // storage is the same.
    unsafe { elementwise::run_dense(blocks, dtype, &pointers[..inputs.len()], params, out.as_mut_ptr(), out.numel()) };
}

/// Whether an aligned input has all of `out`'s elements as the block wants them.
#[inline]
fn is_direct(x: &Array, dtype: DType, out: &Array) -> bool {
    x.dtype() == dtype && x.numel() == out.numel()
}

/// The part of [`run_aligned`] for calls with single numbers.
#[inline(never)]
fn run_spread(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) {
    let mut buffers = [[const { MaybeUninit::<u64>::uninit() }; SHORT]; MAX_INPUTS];
    let mut pointers = [std::ptr::null(); MAX_INPUTS];
    for ((pointer, x), buffer) in pointers.iter_mut().zip(inputs).zip(&mut buffers) {
        *pointer = x.as_ptr();
        if !is_direct(x, dtype, out) {
            let buffer = buffer.as_mut_ptr().cast::<u8>();
            // SAFETY: `x` has one element, and the buffer space for SHORT of the widest dtype, as
            // many as `out` may have.
            unsafe { elementwise::spread(x.dtype(), x.as_ptr(), dtype, buffer, out.numel()) };
            *pointer = buffer;
        }
    }
    // SAFETY: as in `run_aligned`; the buffers hold `out`'s number of elements.
    unsafe { elementwise::run_dense(blocks, dtype, &pointers[..inputs.len()], params, out.as_mut_ptr(), out.numel()) };
}

/// Computes `blocks` in `dtype` over inputs broadcast to `out`'s shape, casting on the way in and
/// out.
///
/// An input that shares storage with `out` under another layout would be read while it is written:
/// it is copied first.
pub fn write(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) -> Result<()> {
    if !blocks.supports(dtype) {
        return Err(unsupported(dtype));
    }
    if out.is_batched() || inputs.iter().any(|x| x.is_batched()) {
        return write_samples(blocks, dtype, inputs, params, out);
    }
    let overlapping = inputs.iter().any(|x| overlaps(x, out));
    if !overlapping
        && out.is_contiguous_of(blocks.result_dtype(dtype))
        && aligned(blocks, dtype, inputs).is_some_and(|like| like.same_shape(out))
    {
        run_aligned(blocks, dtype, inputs, params, out);
        return Ok(());
    }
    if overlapping {
        let separate: SmallVec<[Array; 4]> = inputs
            .iter()
            .map(|x| if overlaps(x, out) { x.copy(x.dtype()) } else { Ok((*x).clone()) })
            .collect::<Result<_>>()?;
        let separate: SmallVec<[&Array; 4]> = separate.iter().collect();
        run(blocks, dtype, &separate, params, out);
    } else {
        run(blocks, dtype, inputs, params, out);
    }
    Ok(())
}

/// [`compute_broadcast`] where samples take part.
#[cold]
#[inline(never)]
fn compute_samples(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], uncast: usize) -> Result<Array> {
    let result = if blocks.out_bool { DType::Bool } else { dtype };
    let shape = broadcast_shape(inputs.iter().copied())?;
    let layout = order::of_fresh(&shape, inputs, dtype, uncast).unwrap_or_else(|| Layout::contiguous(&shape));
    let all = batch::union(inputs.iter().map(|x| x.meta()), layout.numel());
    let out = Array::batched(layout, result, &all)?;
    write(blocks, dtype, inputs, params, &out)?;
    Ok(out)
}

/// [`write`] where samples take part: their dims are ordinary ones, in front, and what all samples
/// share is broadcast.
#[cold]
#[inline(never)]
fn write_samples(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) -> Result<()> {
    if inputs.iter().any(|x| !out.covers(x)) {
        return Err(batch::not_covered(out));
    }
    let all = out.batch();
    let physical: SmallVec<[Array; 4]> = inputs.iter().map(|x| x.physical(all, out.rank())).collect::<Result<_>>()?;
    let physical: SmallVec<[&Array; 4]> = physical.iter().collect();
    write(blocks, dtype, &physical, params, &out.physical(all, 0)?)
}

/// Whether `x` looks at bytes of `out` in another order.
fn overlaps(x: &Array, out: &Array) -> bool {
    x.shares_storage(out) && (x.layout() != out.layout() || x.dtype() != out.dtype()) && x.numel() > 0
}

fn run(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) {
    let shape = out.shape();
    let mut broadcast: SmallVec<[Strides; 2]> = SmallVec::new();
    for x in inputs.iter().filter(|x| x.shape() != shape) {
        broadcast.push(x.broadcast_strides(shape));
    }
    let mut broadcast = broadcast.iter();
    let mut operands: SmallVec<[Operand<'_>; 5]> = SmallVec::new();
    for x in inputs {
        let strides = if x.shape() == shape { x.strides() } else { broadcast.next().expect("one for each such input") };
        operands.push(Operand { ptr: x.as_ptr(), dtype: x.dtype(), strides });
    }
    // SAFETY: every layout is inside its storage (an invariant of `Array`), the inputs broadcast to
    // `out`'s shape, and inputs that share storage with `out` have the very same layout, so each
    // element is read before it is written.
    unsafe { elementwise::run(blocks, dtype, shape, &operands, params, out.operand_mut()) };
}
