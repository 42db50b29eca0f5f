//! A formula compiled into loops over contiguous memory.
//!
//! Four dtypes get a loop of their own: f32, f64, i64 and bool. The narrow integers compute in i64 and keep the low bits, which for wrapping
//! arithmetic, comparisons and shifts is the same value, and saves more than half of the code; [`run`](super::run) converts on the way.

use core::array::from_fn;

use super::lanes::{F32Lanes, F64Lanes, Lanes};
use super::{BitsFormula, Formula, MAX_INPUTS, MAX_PARAMS, Predicate, RingFormula};
use crate::algebra::Int;
use crate::dtype::{Bool, DType, Element};

/// A loop over `len` contiguous elements: `ins` points to as many pointers as the formula has inputs, `params` to its parameters.
///
/// # Safety
/// Every input and `out` must hold `len` elements. `out` may be one of the inputs, but may not overlap one otherwise.
pub type Block = unsafe fn(ins: *const *const u8, params: *const f64, out: *mut u8, len: usize);

/// The loops of one formula.
#[derive(Clone, Copy)]
pub struct Blocks {
    /// The loop for each dtype to compute in, by its discriminant.
    pub by_dtype: [Option<Block>; DType::COUNT],
    /// Whether the result is bool whatever the dtype computed in.
    pub out_bool: bool,
    /// Tensor operands.
    pub n_inputs: usize,
    /// Scalar parameters. They are f64: an int64 parameter is exact to 2^53.
    pub n_params: usize,
}

impl Blocks {
    const fn none(n_inputs: usize, n_params: usize) -> Self {
        assert!(n_inputs <= MAX_INPUTS && n_params <= MAX_PARAMS, "a formula has too many operands");
        Self { by_dtype: [None; DType::COUNT], out_bool: false, n_inputs, n_params }
    }

    /// Whether some loop serves `compute`.
    pub const fn supports(&self, compute: DType) -> bool {
        self.by_dtype[self.loop_dtype(compute) as usize].is_some()
    }

    /// The dtype the loop that serves `compute` writes: bool, or that of the loop (int64 for the narrow integers).
    #[inline]
    pub const fn result_dtype(&self, compute: DType) -> DType {
        if self.out_bool { DType::Bool } else { self.loop_dtype(compute) }
    }

    /// The dtype whose loop serves `compute`: int64 for the narrow integers.
    pub const fn loop_dtype(&self, compute: DType) -> DType {
        match compute {
            DType::Int32 | DType::Int16 | DType::Int8 | DType::UInt8 => DType::Int64,
            other => other,
        }
    }
}

/// Loops for f32 and f64.
pub const fn float_blocks<F: Formula<N, P>, const N: usize, const P: usize>() -> Blocks {
    let mut blocks = Blocks::none(N, P);
    blocks.by_dtype[DType::Float32 as usize] = Some(float_block_f32::<F, N, P>);
    blocks.by_dtype[DType::Float64 as usize] = Some(float_block_f64::<F, N, P>);
    blocks
}

/// Loops for every dtype that computes.
pub const fn ring_blocks<F: RingFormula<N, P>, const N: usize, const P: usize>() -> Blocks {
    let mut blocks = Blocks::none(N, P);
    blocks.by_dtype[DType::Float32 as usize] = Some(ring_block::<F32Lanes, F, N, P>);
    blocks.by_dtype[DType::Float64 as usize] = Some(ring_block::<F64Lanes, F, N, P>);
    blocks.by_dtype[DType::Int64 as usize] = Some(ring_block::<Int<i64>, F, N, P>);
    blocks.by_dtype[DType::Bool as usize] = Some(ring_block::<Bool, F, N, P>);
    blocks
}

/// Loops for integers and bool.
pub const fn bits_blocks<F: BitsFormula<N, P>, const N: usize, const P: usize>() -> Blocks {
    let mut blocks = Blocks::none(N, P);
    blocks.by_dtype[DType::Int64 as usize] = Some(bits_block_i64::<F, N, P>);
    blocks.by_dtype[DType::Bool as usize] = Some(bits_block_bool::<F, N, P>);
    blocks
}

/// Loops for every dtype that computes; the result is bool.
pub const fn predicate_blocks<F: Predicate<N, P>, const N: usize, const P: usize>() -> Blocks {
    let mut blocks = Blocks::none(N, P);
    blocks.out_bool = true;
    blocks.by_dtype[DType::Float32 as usize] = Some(predicate_block::<F32Lanes, F, N, P>);
    blocks.by_dtype[DType::Float64 as usize] = Some(predicate_block::<F64Lanes, F, N, P>);
    blocks.by_dtype[DType::Int64 as usize] = Some(predicate_block::<Int<i64>, F, N, P>);
    blocks.by_dtype[DType::Bool as usize] = Some(predicate_block::<Bool, F, N, P>);
    blocks
}

/// Defines a [`Block`] as a call of [`sweep`]: the lanes, the element it writes, the formula and how a value is stored.
macro_rules! blocks {
    ($($name:ident [$($lanes:ident)?] $formula:ident: $t:ty => $out:ty, $eval:ident, $store:ident;)+) => {$(
        unsafe fn $name<$($lanes: Lanes,)? F: $formula<N, P>, const N: usize, const P: usize>(
            ins: *const *const u8,
            params: *const f64,
            out: *mut u8,
            len: usize,
        ) {
            // SAFETY: the caller's promise is that of `Block`, which is what `sweep` asks for, and it hands out room for LEN results.
            unsafe {
                sweep::<$t, $out, _, N, P>(ins, params, out.cast(), len, |x, p| F::$eval(x, p), |v, to| <$t as Lanes>::$store(v, to));
            }
        }
    )+};
}

blocks! {
    float_block_f32 [] Formula: F32Lanes => f32, eval, store;
    float_block_f64 [] Formula: F64Lanes => f64, eval, store;
    ring_block [L] RingFormula: L => L::Element, eval, store;
    bits_block_i64 [] BitsFormula: Int<i64> => i64, eval, store;
    bits_block_bool [] BitsFormula: Bool => Bool, eval, store;
    predicate_block [L] Predicate: L => u8, test, store_mask;
}

/// Runs `eval` over `len` elements, [`Lanes::LEN`] at a time.
///
/// The rest that does not fill the lanes goes through a copy on the stack and *the same* loop once more, so the formula is in the binary once.
/// It is not computed by an overlapping last turn: in place, that would apply the formula twice.
///
/// # Safety
/// As [`Block`]; `store` writes `LEN` elements.
#[inline(always)]
unsafe fn sweep<L: Lanes, O: Copy, V, const N: usize, const P: usize>(
    ins: *const *const u8,
    params: *const f64,
    out: *mut O,
    len: usize,
    eval: impl Fn([L; N], [L; P]) -> V,
    store: impl Fn(V, *mut O),
) {
    // SAFETY: the caller passes N inputs and P parameters.
    let (mut ins, params): ([*const L::Element; N], [L; P]) =
        unsafe { (from_fn(|k| (*ins.add(k)).cast()), from_fn(|k| L::c(*params.add(k)))) };
    // Room for one turn of the widest lanes, eight.
    let mut rest_in = [[L::Element::ZERO; 8]; N];
    let mut rest_out = [const { core::mem::MaybeUninit::<O>::uninit() }; 8];
    let rest = len % L::LEN;
    let mut to = out;
    let mut turns = len / L::LEN;
    let mut in_rest = false;
    loop {
        for turn in 0..turns {
            let at = turn * L::LEN;
            // SAFETY: `at + LEN` is at most the length of every operand, or one turn of the copies.
            store(eval(from_fn(|k| unsafe { L::load(ins[k].add(at)) }), params), unsafe { to.add(at) });
        }
        if in_rest || rest == 0 {
            break;
        }
        for k in 0..N {
            // SAFETY: the rest is the last `rest` of `len` elements, and one turn has room for it.
            unsafe {
                copy_rest(
                    ins[k].add(len - rest).cast(),
                    rest_in[k].as_mut_ptr().cast(),
                    rest * size_of::<L::Element>(),
                );
            };
            ins[k] = rest_in[k].as_ptr();
        }
        to = rest_out.as_mut_ptr().cast();
        turns = 1;
        in_rest = true;
    }
    if rest != 0 {
        // SAFETY: the turn over the rest wrote LEN > rest results; `out` holds `len` elements.
        unsafe { copy_rest(rest_out.as_ptr().cast(), out.add(len - rest).cast(), rest * size_of::<O>()) };
    }
}

/// Copies fewer bytes than a turn has: one function for all blocks, and a plain loop, because `memory.copy` costs more than all of it.
/// (Volatile reads keep LLVM from making the loop that.)
///
/// # Safety
/// As many bytes must be readable and writable, and the two may not overlap.
#[inline(never)]
unsafe fn copy_rest(from: *const u8, to: *mut u8, bytes: usize) {
    let words = bytes / 4;
    for i in 0..words {
        // SAFETY: the caller's; byte arrays have no alignment.
        unsafe { to.cast::<[u8; 4]>().add(i).write(from.cast::<[u8; 4]>().add(i).read_volatile()) };
    }
    for i in 4 * words..bytes {
        // SAFETY: the caller's.
        unsafe { to.add(i).write(from.add(i).read_volatile()) };
    }
}
