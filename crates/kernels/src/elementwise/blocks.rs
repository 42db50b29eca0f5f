//! What computes a formula over contiguous memory.
//!
//! f32 gets a loop of its own, compiled from the formula. The other dtypes interpret the recorded
//! formula ([`program`](crate::program)): loops for them were two thirds of all kernels' bytes
//! for a hundredth of the work. The narrow integers compute in i64 and keep the low bits, which for
//! wrapping arithmetic, comparisons and shifts is the same value, and the half-precision floats
//! compute in f32; [`run`](super::run) converts on the way.

use core::array::from_fn;

use super::lanes::{F32Lanes, Lanes};
use super::loops::Loop;
use super::{BitsFormula, Formula, MAX_INPUTS, MAX_PARAMS, Predicate, RingFormula};
use crate::dtype::{DType, Element};
use crate::program::{Program, Record, Recorded};

/// A loop over `len` contiguous elements: `ins` points to as many pointers as the formula has
/// inputs, `params` to its parameters.
///
/// # Safety
/// Every input and `out` must hold `len` elements. `out` may be one of the inputs, but may not
/// overlap one otherwise.
pub type Block = unsafe fn(ins: *const *const u8, params: *const f64, out: *mut u8, len: usize);

/// One formula, ready to run.
#[derive(Clone, Copy)]
pub struct Blocks {
    /// The loop for f32.
    f32: Option<Block>,
    /// How the formula is written down, for the other dtypes.
    record: Record,
    /// The dtypes to compute in, a bit for each discriminant.
    dtypes: u16,
    /// Whether the result is bool whatever the dtype computed in.
    pub out_bool: bool,
    /// Tensor operands.
    pub n_inputs: usize,
    /// Whether the parameters are bounds, of which one beyond what a narrow integer holds is the
    /// last one it does; others wrap.
    pub saturates: bool,
    /// Scalar parameters. They are f64: an int64 parameter is exact to 2^53.
    pub n_params: usize,
}

const FLOATS: u16 = 1 << DType::Float32 as u16 | 1 << DType::Float64 as u16;
const INTEGERS: u16 = 1 << DType::Int64 as u16 | 1 << DType::Bool as u16;

impl Blocks {
    const fn new(f32: Option<Block>, record: Record, dtypes: u16, n_inputs: usize, n_params: usize) -> Self {
        assert!(n_inputs <= MAX_INPUTS && n_params <= MAX_PARAMS, "a formula has too many operands");
        Self { f32, record, dtypes, out_bool: false, n_inputs, saturates: false, n_params }
    }

    /// The same with parameters that are bounds.
    #[must_use]
    pub const fn with_bounds(self) -> Self {
        Self { saturates: true, ..self }
    }

    /// The same without a loop of its own for f32.
    #[must_use]
    pub const fn interpreted(self) -> Self {
        Self { f32: None, ..self }
    }

    /// Whether the formula can be computed in `compute`.
    pub const fn supports(&self, compute: DType) -> bool {
        self.dtypes & (1 << self.loop_dtype(compute) as u16) != 0
    }

    /// The dtype of what is computed in `compute`: bool, or that of the loop.
    #[inline]
    pub const fn result_dtype(&self, compute: DType) -> DType {
        if self.out_bool { DType::Bool } else { self.loop_dtype(compute) }
    }

    /// The dtype that serves `compute`: int64 for the narrow integers, float32 for the
    /// half-precision floats.
    #[inline]
    pub const fn loop_dtype(&self, compute: DType) -> DType {
        match compute {
            DType::Int32 | DType::Int16 | DType::Int8 | DType::UInt8 => DType::Int64,
            other => other.widened(),
        }
    }

    /// The loop that makes f32 of f32, where the formula has one.
    #[inline]
    pub const fn compiled_f32(&self) -> Option<Block> {
        if self.out_bool { None } else { self.f32 }
    }

    /// The formula as a list of steps.
    pub fn program(&self) -> Program {
        Program::record(self.record)
    }

    /// What computes in `dtype`, which is the dtype of a loop.
    ///
    /// # Panics
    /// If the formula does not support it.
    #[inline]
    pub(super) fn in_dtype(&self, dtype: DType) -> Loop {
        match self.f32 {
            Some(block) if dtype == DType::Float32 => Loop::Compiled(block),
            _ => self.interpret(dtype),
        }
    }

    #[inline(never)]
    fn interpret(&self, dtype: DType) -> Loop {
        assert!(self.supports(dtype), "the formula cannot be computed in this dtype");
        let program = self.program();
        let program = if dtype == DType::Bool { program.for_bools() } else { program };
        Loop::Interpreted(program, dtype, self.out_bool)
    }
}

/// Computes in f32 and f64.
pub const fn float_blocks<F: Formula<N, P>, const N: usize, const P: usize>() -> Blocks {
    Blocks::new(Some(float_block::<F, N, P>), record_float::<F, N, P>, FLOATS, N, P)
}

/// Computes in every dtype that computes.
pub const fn ring_blocks<F: RingFormula<N, P>, const N: usize, const P: usize>() -> Blocks {
    Blocks::new(Some(ring_block::<F, N, P>), record_ring::<F, N, P>, FLOATS | INTEGERS, N, P)
}

/// Computes in integers and bool.
pub const fn bits_blocks<F: BitsFormula<N, P>, const N: usize, const P: usize>() -> Blocks {
    Blocks::new(None, record_bits::<F, N, P>, INTEGERS, N, P)
}

/// Asks every dtype that computes; the result is bool.
pub const fn predicate_blocks<F: Predicate<N, P>, const N: usize, const P: usize>() -> Blocks {
    let blocks = Blocks::new(Some(predicate_block::<F, N, P>), record_predicate::<F, N, P>, FLOATS | INTEGERS, N, P);
    Blocks { out_bool: true, ..blocks }
}

fn record_float<F: Formula<N, P>, const N: usize, const P: usize>() -> Recorded {
    F::eval(Recorded::inputs(), Recorded::params())
}

fn record_ring<F: RingFormula<N, P>, const N: usize, const P: usize>() -> Recorded {
    F::eval(Recorded::inputs(), Recorded::params())
}

fn record_bits<F: BitsFormula<N, P>, const N: usize, const P: usize>() -> Recorded {
    F::eval(Recorded::inputs(), Recorded::params())
}

fn record_predicate<F: Predicate<N, P>, const N: usize, const P: usize>() -> Recorded {
    F::test(Recorded::inputs(), Recorded::params()).as_value()
}

/// Defines a [`Block`] for f32 as a call of [`sweep`]: the formula, the element it writes and how a
/// value is stored.
macro_rules! blocks {
    ($($name:ident $formula:ident => $out:ty, $eval:ident, $store:ident;)+) => {$(
        unsafe fn $name<F: $formula<N, P>, const N: usize, const P: usize>(
            ins: *const *const u8,
            params: *const f64,
            out: *mut u8,
            len: usize,
        ) {
            // SAFETY: the caller's promise is that of `Block`, which is what `sweep` asks for, and
            // it hands out space for LEN results.
            unsafe {
                sweep::<F32Lanes, $out, _, N, P>(
                    ins,
                    params,
                    out.cast(),
                    len,
                    |x, p| F::$eval(x, p),
                    |v, to| F32Lanes::$store(v, to),
                );
            }
        }
    )+};
}

blocks! {
    float_block Formula => f32, eval, store;
    ring_block RingFormula => f32, eval, store;
    predicate_block Predicate => u8, test, store_mask;
}

/// Runs `eval` over `len` elements, [`Lanes::LEN`] at a time.
///
/// The tail that does not fill the lanes goes through a copy on the stack and *the same* loop once
/// more, so the formula is in the binary once. It is not computed by an overlapping last iteration:
/// in place, that would apply the formula twice.
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
    // Space for one iteration of the widest lanes, eight.
    let mut tail_in = [const { core::mem::MaybeUninit::<[L::Element; 8]>::uninit() }; N];
    let mut tail_out = [const { core::mem::MaybeUninit::<O>::uninit() }; 8];
    let tail = len % L::LEN;
    let mut to = out;
    let mut iterations = len / L::LEN;
    let mut in_tail = false;
    loop {
        for iteration in 0..iterations {
            let at = iteration * L::LEN;
            // SAFETY: `at + LEN` is at most the length of every operand, or one iteration of the
            // copies.
            store(eval(from_fn(|k| unsafe { L::load(ins[k].add(at)) }), params), unsafe { to.add(at) });
        }
        if in_tail || tail == 0 {
            break;
        }
        for k in 0..N {
            // Not before there is a tail: most calls have none, and a call on few elements takes
            // little longer than this.
            let copy = tail_in[k].write([L::Element::ZERO; 8]);
            // SAFETY: the tail is the last `tail` of `len` elements, and one iteration has space
            // for it.
            unsafe {
                copy_tail(ins[k].add(len - tail).cast(), copy.as_mut_ptr().cast(), tail * size_of::<L::Element>());
            };
            ins[k] = copy.as_ptr();
        }
        to = tail_out.as_mut_ptr().cast();
        iterations = 1;
        in_tail = true;
    }
    if tail != 0 {
        // SAFETY: the iteration over the tail wrote LEN > tail results; `out` holds `len` elements.
        unsafe { copy_tail(tail_out.as_ptr().cast(), out.add(len - tail).cast(), tail * size_of::<O>()) };
    }
}

/// Copies fewer bytes than an iteration has: one function for all blocks, and a scalar loop,
/// because `memory.copy` costs more than all of it. (Volatile reads keep LLVM from making the loop
/// that.)
///
/// # Safety
/// As many bytes must be readable and writable, and the two may not overlap.
#[inline(never)]
unsafe fn copy_tail(from: *const u8, to: *mut u8, bytes: usize) {
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
