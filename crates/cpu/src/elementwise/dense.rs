//! Formulas on dense arrays: contiguous f32 ones of one shape, where nothing is left to find out.

use super::{Blocks, MAX_INPUTS};
use adjoint_kernels::elementwise::{Block, run_f32};
use adjoint_tensor::{Array, DType};
use std::mem::MaybeUninit;

/// A formula of one input, and the number that is its parameter if it has one, on a contiguous f32
/// array; `None` where it is not that.
#[inline]
pub fn compute_by_number(blocks: &Blocks, x: &Array, number: f64) -> Option<Array> {
    let block = blocks.compiled_f32().filter(|_| blocks.n_inputs == 1 && blocks.n_params <= 1)?;
    if !x.is_contiguous_of(DType::Float32) {
        return None;
    }
    let out = x.like(DType::Float32).ok()?;
    let pointer = x.as_ptr();
    // SAFETY: one input of as many contiguous f32 elements as the fresh output, and at least as
    // many parameters as the formula has.
    unsafe { run_f32(block, &[pointer], &raw const number, out.as_mut_ptr(), out.numel()) };
    Some(out)
}

/// A formula of `N` inputs with its parameters, as it runs on dense arrays: contiguous f32 ones of
/// one shape. What [`compute`] finds out call after call is known here.
pub struct Dense<const N: usize> {
    block: Block,
    params: Box<[f64]>,
}

impl<const N: usize> Dense<N> {
    /// Where `blocks` makes f32 of `N` inputs and these parameters in a loop of its own.
    pub fn of(blocks: &Blocks, params: &[f64]) -> Option<Self> {
        let block = blocks.compiled_f32()?;
        (blocks.n_inputs == N && blocks.n_params == params.len()).then(|| Dense { block, params: params.into() })
    }

    /// A fresh array; `None` where the inputs are not dense, or there is no memory: [`compute`]
    /// then does it, or says why it cannot.
    #[inline(always)]
    pub fn compute(&self, inputs: [&Array; N]) -> Option<Array> {
        let like = *inputs.first()?;
        if !inputs.iter().all(|x| is_dense(x, like)) {
            return None;
        }
        let out = like.like(DType::Float32).ok()?;
        let pointers = inputs.map(Array::as_ptr);
        // SAFETY: as many inputs and parameters as the formula takes; each input holds `out`'s
        // number of elements, contiguous and f32, and nothing else looks at `out`.
        unsafe { run_f32(self.block, &pointers, self.params.as_ptr(), out.as_mut_ptr(), out.numel()) };
        Some(out)
    }
}

impl Dense<2> {
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
        unsafe { run_f32(self.block, &pointers, self.params.as_ptr(), out.as_mut_ptr(), n) };
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
fn is_dense(x: &Array, like: &Array) -> bool {
    x.is_contiguous_of(DType::Float32) && x.same_shape(like)
}

/// A call of a formula on dense arrays, see [`Dense`], that overwrites one of them. All its inputs
/// are that one until another is put instead.
pub struct Overwrite<'a> {
    out: &'a Array,
    pointers: [*const u8; MAX_INPUTS],
}

impl<'a> Overwrite<'a> {
    /// Overwrites `out`, unless that is not dense.
    #[inline(always)]
    pub fn of(out: &'a Array) -> Option<Self> {
        is_dense(out, out).then(|| Overwrite { out, pointers: [out.as_ptr(); MAX_INPUTS] })
    }

    /// Makes `x` an input; false where it is not dense, or cannot be at that index.
    #[inline(always)]
    pub fn put(&mut self, index: usize, x: &'a Array) -> bool {
        let fits = index < MAX_INPUTS && is_dense(x, self.out);
        if fits {
            self.pointers[index] = x.as_ptr();
        }
        fits
    }

    /// Makes a number an input, spread out in `scratch`; false where the array is too long for
    /// that.
    #[inline(always)]
    pub fn put_number(&mut self, index: usize, number: f32, scratch: &'a mut Spread) -> bool {
        let n = self.out.numel();
        let fits = index < MAX_INPUTS && n <= SPREAD;
        if fits {
            self.pointers[index] = scratch.fill(number, n);
        }
        fits
    }

    /// Computes; false, and nothing done, where the formula has no loop for f32.
    #[inline(always)]
    pub fn run(&self, blocks: &Blocks, params: &[f64]) -> bool {
        let (Some(block), true) = (blocks.compiled_f32(), blocks.n_params == params.len()) else { return false };
        let Overwrite { out, pointers } = self;
        // SAFETY: as in `Dense::compute`: all have `out`'s number of elements, contiguous and f32,
        // and live; what shares storage with `out` and is another array nothing reads.
        unsafe { run_f32(block, &pointers[..blocks.n_inputs], params.as_ptr(), out.as_mut_ptr(), out.numel()) };
        true
    }
}
