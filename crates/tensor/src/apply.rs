//! Block kernels over arrays: the safe way from tensors to [`adjoint_kernels::elementwise`].

use crate::{Array, DType, Dims, Error, Meta, Result, Strides, dims, order};
use adjoint_kernels::elementwise::{self, Block, Operand};
use smallvec::SmallVec;
use std::borrow::Borrow;
use std::mem::MaybeUninit;

pub use adjoint_kernels::elementwise::{Blocks, MAX_INPUTS};

/// Elements up to which a single number is spread out on the stack, to be an operand like the others.
const SHORT: usize = 256;

/// Computes `blocks` in `dtype` over broadcast inputs into a fresh array, as [`elementwise`] does. The result keeps the order of the
/// inputs' strides, see [`order`].
#[inline]
pub fn compute(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64]) -> Result<Array> {
    compute_with(blocks, dtype, inputs, params, 0)
}

/// [`compute`] where the first `uncast` inputs take no part in promotion (the condition of `where`).
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

/// The part of [`compute_with`] for inputs that are not aligned, one function for all places that inline the other.
#[inline(never)]
fn compute_broadcast(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], uncast: usize) -> Result<Array> {
    let result = if blocks.out_bool { DType::Bool } else { dtype };
    let shape = broadcast_shape(inputs.iter().copied())?;
    let out = match order::of_fresh(&shape, inputs, dtype, uncast) {
        None => Array::empty(&shape, result)?,
        Some(layout) => Array::laid_out(layout, result)?,
    };
    elementwise(blocks, dtype, inputs, params, &out)?;
    Ok(out)
}

/// A formula of one input, and the number that is its parameter if it has one, on a contiguous f32 array; `None` where it is not that.
#[inline]
pub fn compute_by_number(blocks: &Blocks, x: &Array, number: f64) -> Option<Array> {
    let block = blocks.compiled_f32().filter(|_| blocks.n_inputs == 1 && blocks.n_params <= 1)?;
    if !x.is_contiguous_of(DType::Float32) {
        return None;
    }
    let out = x.like(DType::Float32).ok()?;
    let pointer = x.as_ptr();
    // SAFETY: one input of as many contiguous f32 elements as the fresh output, and at least as many parameters as the formula has.
    unsafe { block(&raw const pointer, &raw const number, out.as_mut_ptr(), out.numel()) };
    Some(out)
}

/// A formula of `N` inputs with its parameters, as it runs on plain arrays: contiguous f32 ones of one shape. What [`compute`] finds out call
/// after call is known here.
pub struct Plain<const N: usize> {
    block: Block,
    params: Box<[f64]>,
}

impl<const N: usize> Plain<N> {
    /// Where `blocks` makes f32 of `N` inputs and these parameters in a loop of its own.
    pub fn of(blocks: &Blocks, params: &[f64]) -> Option<Self> {
        let block = blocks.compiled_f32()?;
        (blocks.n_inputs == N && blocks.n_params == params.len()).then(|| Plain { block, params: params.into() })
    }

    /// A fresh array; `None` where the inputs are not plain, or there is no memory: [`compute`] then does it, or says why it cannot.
    #[inline(always)]
    pub fn compute(&self, inputs: [&Array; N]) -> Option<Array> {
        let like = *inputs.first()?;
        if !inputs.iter().all(|x| is_plain(x, like)) {
            return None;
        }
        let out = like.like(DType::Float32).ok()?;
        let pointers = inputs.map(Array::as_ptr);
        // SAFETY: as many inputs and parameters as the formula takes; each input holds `out`'s number of elements, contiguous and
        // f32, and nothing else looks at `out`.
        unsafe { (self.block)(pointers.as_ptr(), self.params.as_ptr(), out.as_mut_ptr(), out.numel()) };
        Some(out)
    }
}

impl Plain<2> {
    /// The same with a number as second operand, spread out on the stack.
    #[inline(always)]
    pub fn compute_number(&self, x: &Array, number: f32) -> Option<Array> {
        let n = x.numel();
        if !x.is_contiguous_of(DType::Float32) || n > SPREAD {
            return None;
        }
        let out = x.like(DType::Float32).ok()?;
        let mut copies = Spread::new();
        let pointers = [x.as_ptr(), copies.fill(number, n)];
        // SAFETY: as above; the first `n` copies are set.
        unsafe { (self.block)(pointers.as_ptr(), self.params.as_ptr(), out.as_mut_ptr(), n) };
        Some(out)
    }
}

/// Elements up to which a number beside a dense f32 array is spread out on the stack.
const SPREAD: usize = 1024;

/// Scratch on the stack for copies of one number, so that it is an operand like an array.
pub struct Spread([MaybeUninit<f32>; SPREAD]);

impl Spread {
    /// Scratch in which nothing is set.
    #[inline(always)]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "uninitialised memory is no default")]
    pub fn new() -> Self {
        Spread([const { MaybeUninit::uninit() }; SPREAD])
    }

    /// Sets the first `n` copies, at most [`SPREAD`], and returns where they are.
    #[inline(always)]
    fn fill(&mut self, number: f32, n: usize) -> *const u8 {
        self.0[..n].fill(MaybeUninit::new(number));
        self.0.as_ptr().cast()
    }
}

#[inline(always)]
fn is_plain(x: &Array, like: &Array) -> bool {
    x.is_contiguous_of(DType::Float32) && x.same_shape(like)
}

/// A call of a formula on plain arrays, see [`Plain`], that overwrites one of them. All its inputs are that one until another is put in their place.
pub struct Overwrite<'a> {
    out: &'a Array,
    pointers: [*const u8; MAX_INPUTS],
}

impl<'a> Overwrite<'a> {
    /// Overwrites `out`, unless that is not plain.
    #[inline(always)]
    pub fn of(out: &'a Array) -> Option<Self> {
        is_plain(out, out).then(|| Overwrite { out, pointers: [out.as_ptr(); MAX_INPUTS] })
    }

    /// Makes `x` an input; false where it is not plain, or cannot be at that place.
    #[inline(always)]
    pub fn put(&mut self, place: usize, x: &'a Array) -> bool {
        let fits = place < MAX_INPUTS && is_plain(x, self.out);
        if fits {
            self.pointers[place] = x.as_ptr();
        }
        fits
    }

    /// Makes a number an input, spread out in `scratch`; false where the array is too long for that.
    #[inline(always)]
    pub fn put_number(&mut self, place: usize, number: f32, scratch: &'a mut Spread) -> bool {
        let n = self.out.numel();
        let fits = place < MAX_INPUTS && n <= SPREAD;
        if fits {
            self.pointers[place] = scratch.fill(number, n);
        }
        fits
    }

    /// Computes; false, and nothing done, where the formula has no loop for f32.
    #[inline(always)]
    pub fn run(&self, blocks: &Blocks, params: &[f64]) -> bool {
        let (Some(block), true) = (blocks.compiled_f32(), blocks.n_params == params.len()) else { return false };
        let Overwrite { out, pointers } = self;
        // SAFETY: as in `Plain::compute`: all have `out`'s number of elements, contiguous and f32, and live; what shares storage with `out` and is
        // another array nobody reads.
        unsafe { block(pointers.as_ptr(), params.as_ptr(), out.as_mut_ptr(), out.numel()) };
        true
    }
}

/// Computes into `out`, one of the inputs or a tensor nobody reads, where that needs neither strides nor buffers; false,
/// and nothing done, where it does.
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
    let same = |x: &Array| x.dtype() == dtype && x.shape() == out.shape() && x.strides() == out.strides();
    let computes = blocks.loop_dtype(dtype) == dtype && blocks.supports(dtype) && !blocks.out_bool;
    let fits = computes && inputs.iter().all(|x| same(x)) && same(out) && out.is_dense();
    if fits {
        let mut pointers = [std::ptr::null(); MAX_INPUTS];
        for (pointer, x) in pointers.iter_mut().zip(inputs) {
            *pointer = x.as_ptr();
        }
        // SAFETY: all have `out`'s number of elements, dense, in one order and of the block's dtype; what shares storage is the same, since
        // the caller says nobody reads `out` otherwise.
        unsafe {
            elementwise::run_dense(blocks, dtype, &pointers[..inputs.len()], params, out.as_mut_ptr(), out.numel());
        };
    }
    fits
}

/// The input whose shape the result has, where [`run_aligned`] serves: every input is contiguous, of the block's dtype
/// and of one shape, or a single number without dims beside few elements.
#[inline(always)]
fn aligned<'a>(blocks: &Blocks, dtype: DType, inputs: &[&'a Array]) -> Option<&'a Array> {
    let like = inputs.iter().find(|x| x.rank() > 0).or(inputs.first())?;
    let direct = |x: &Array| x.is_contiguous_of(dtype) && x.same_shape(like);
    let single = |x: &Array| x.rank() == 0 && like.numel() <= SHORT;
    let fits = blocks.loop_dtype(dtype) == dtype && blocks.supports(dtype);
    (fits && inputs.iter().all(|x| direct(x) || single(x))).then_some(like)
}

/// Runs the block straight on the inputs' memory, single numbers spread out on the stack. `out` is contiguous, of the
/// block's result dtype and the inputs' shape, and either fresh or exactly one of them.
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
    // SAFETY: all inputs have `out`'s elements, contiguous and of the block's dtype; what shares storage is the same.
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
            // SAFETY: `x` has one element, and the buffer room for SHORT of the widest dtype, as many as `out` may have.
            unsafe { elementwise::spread(x.dtype(), x.as_ptr(), dtype, buffer, out.numel()) };
            *pointer = buffer;
        }
    }
    // SAFETY: as in `run_aligned`; the buffers hold `out`'s number of elements.
    unsafe { elementwise::run_dense(blocks, dtype, &pointers[..inputs.len()], params, out.as_mut_ptr(), out.numel()) };
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

/// Computes `blocks` in `dtype` over inputs broadcast to `out`'s shape, casting on the way in and out.
///
/// An input that shares storage with `out` under another layout would be read while it is written: it is copied first.
pub fn elementwise(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) -> Result<()> {
    if !blocks.supports(dtype) {
        return Err(Error::dtype(format!("not implemented for {}; cast with to() first", dtype.name()))
            .with("dtype", dtype.name()));
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
    // SAFETY: every layout lies inside its storage (an invariant of `Array`), the inputs broadcast to `out`'s shape, and
    // inputs that share storage with `out` have the very same layout, so each element is read before it is written.
    unsafe { elementwise::run(blocks, dtype, shape, &operands, params, out.operand_mut()) };
}
