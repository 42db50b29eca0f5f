//! Runs a recorded formula over contiguous memory, step by step.
//!
//! A chunk of elements goes through one step after the other, from register to register; a register
//! is a kilobyte of the stack, so all of them stay in the first-level cache and a step is a vector
//! loop like any other. Against a compiled loop it costs a load and a store for each step and
//! element; it saves a loop for each formula and dtype. The operations and their order are those of
//! the formula, so the bits are too.

use core::mem::MaybeUninit;
use core::ops::Div;

use super::code::function;
use super::{Code, Program, Step, primitives};
use crate::algebra::{Algebra, Bits};
use crate::dtype::{Bool, DType};
use crate::elementwise::MAX_INPUTS;
use crate::elementwise::lanes::{BoolLanes, F32Lanes, F64Lanes, I64Lanes, Lanes};

/// Bytes of a register.
const REGISTER: usize = 1024;

/// Registers there are. The formulas of the op table need at most half as many (a test in crate
/// `ops` runs them all).
const REGISTERS: usize = 24;

/// The most steps of a program.
const MAX_STEPS: usize = 128;

/// # Safety
/// As [`Block`](crate::elementwise::Block), for the inputs and parameters the program names.
#[inline(never)]
pub(crate) unsafe fn interpret(
    program: &Program,
    dtype: DType,
    out_bool: bool,
    ins: *const *const u8,
    params: *const f64,
    out: *mut u8,
    len: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match dtype {
            DType::Float32 => execute::<F32Lanes>(program, out_bool, ins, params, out, len),
            DType::Float64 => execute::<F64Lanes>(program, out_bool, ins, params, out, len),
            DType::Int64 => execute::<I64Lanes>(program, out_bool, ins, params, out, len),
            DType::Bool => execute::<BoolLanes>(program, out_bool, ins, params, out, len),
            _ => panic!("interpret: no formula is interpreted in {dtype:?}"),
        }
    }
}

/// Where a step finds an operand: a run of elements, or one iteration of equal ones over and over.
struct Operand<L: Lanes> {
    from: *const L::Element,
    /// Elements from one iteration to the next: `L::LEN` or 0.
    step: usize,
}

impl<L: Lanes> Clone for Operand<L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: Lanes> Copy for Operand<L> {}

impl<L: Lanes> Operand<L> {
    /// # Safety
    /// The operand must have iteration `iteration`.
    #[inline(always)]
    unsafe fn iteration(self, iteration: usize) -> L {
        // SAFETY: the caller's promise.
        unsafe { L::load(self.from.add(iteration * self.step)) }
    }
}

/// A register, wide enough for a chunk of any dtype.
type Register = [MaybeUninit<u64>; REGISTER / 8];

/// Runs a program over `len` elements.
///
/// # Safety
/// As [`Block`](crate::elementwise::Block), for the inputs and parameters the program names.
unsafe fn execute<L: Cells>(
    program: &Program,
    out_bool: bool,
    ins: *const *const u8,
    params: *const f64,
    out: *mut u8,
    len: usize,
) {
    let steps = program.steps();
    assert!(steps.len() <= MAX_STEPS, "a formula has more steps than the interpreter has room for");
    let mut registers = [const { [const { MaybeUninit::uninit() }; REGISTER / 8] as Register }; REGISTERS];
    // Parameters and constants are one iteration that is read over and over; space for each step's,
    // though few have one.
    let mut numbers = [const { MaybeUninit::<[u64; 4]>::uninit() }; MAX_STEPS];
    let mut operands = [Operand::<L> { from: core::ptr::null(), step: 0 }; MAX_STEPS];
    let mut free: u32 = (1 << REGISTERS) - 1;
    let result = steps.len() - 1;
    for (i, step) in steps.iter().enumerate().filter(|(_, step)| step.last_use != 0) {
        operands[i] = match step.code {
            Code::Input => Operand { from: core::ptr::null(), step: L::LEN },
            Code::Param | Code::Constant => {
                let at = usize::from(step.operands[0]);
                let v = if step.code == Code::Param {
                    // SAFETY: the program names parameters there are.
                    unsafe { *params.add(at) }
                } else {
                    program.constants()[at]
                };
                let to = numbers[i].as_mut_ptr().cast();
                // SAFETY: an iteration is two vectors at most.
                unsafe { L::c(v).store(to) };
                Operand { from: to, step: 0 }
            }
            _ => {
                // A step may write where it reads: it reads an iteration before it writes it.
                for operand in step.operands.map(usize::from) {
                    let register =
                        registers.iter().position(|r| core::ptr::eq(r.as_ptr().cast(), operands[operand].from));
                    if let Some(register) = register
                        && usize::from(steps[operand].last_use) == i
                    {
                        free |= 1 << register;
                    }
                }
                assert!(free != 0, "a formula needs more registers than the interpreter has");
                let register = free.trailing_zeros();
                free &= free - 1;
                Operand { from: registers[register as usize].as_mut_ptr().cast(), step: L::LEN }
            }
        };
    }
    // Answers about booleans are booleans.
    let is_direct = !out_bool || size_of::<L::Element>() == 1;
    // A program of one step needs no register, and so no chunks.
    let computed = steps.iter().filter(|step| step.last_use != 0 && !step.code.is_leaf()).count();
    let stretch = if computed == 1 && is_direct { len } else { REGISTER / size_of::<L::Element>() };
    let whole = len - len % L::LEN;
    // An iteration is 32 bytes in every dtype.
    let mut rest_in = [[0u64; 4]; MAX_INPUTS];
    let mut rest_out = [0u64; 4];
    let mut at = 0;
    while at < len {
        // What does not fill an iteration goes through a copy, as in a compiled loop.
        let in_rest = at >= whole;
        let n = if in_rest { len - at } else { stretch.min(whole - at) };
        let iterations = n.div_ceil(L::LEN);
        let size = if out_bool { 1 } else { size_of::<L::Element>() };
        let to = if in_rest { rest_out.as_mut_ptr().cast() } else { out.wrapping_add(at * size) };
        for (i, step) in steps.iter().enumerate().filter(|(_, step)| step.last_use != 0) {
            match step.code {
                Code::Input => {
                    let k = usize::from(step.operands[0]);
                    // SAFETY: the program names inputs there are, and each holds `len` elements.
                    unsafe {
                        let from = (*ins.add(k)).cast::<L::Element>().add(at);
                        operands[i].from = if in_rest {
                            core::ptr::copy_nonoverlapping(from, rest_in[k].as_mut_ptr().cast(), n);
                            rest_in[k].as_ptr().cast()
                        } else {
                            from
                        };
                    }
                }
                Code::Param | Code::Constant => {}
                _ => {
                    let to = if i == result && is_direct { to.cast() } else { operands[i].from.cast_mut() };
                    // SAFETY: each operand is an input, a number or a register an earlier step
                    // wrote, and `to` a register or a chunk of the output.
                    unsafe { run_step::<L>(step, &operands, to, iterations) };
                }
            }
        }
        let value = operands[result];
        // SAFETY: as above; a value that no step computed still has to be written.
        unsafe {
            if !is_direct {
                for iteration in 0..iterations {
                    L::store_mask(value.iteration(iteration).ne(L::c(0.0)), to.add(iteration * L::LEN));
                }
            } else if steps[result].code.is_leaf() {
                for iteration in 0..iterations {
                    value.iteration(iteration).store(to.cast::<L::Element>().add(iteration * L::LEN));
                }
            }
            if in_rest {
                core::ptr::copy_nonoverlapping(rest_out.as_ptr().cast(), out.add(at * size), n * size);
            }
        }
        at += n;
    }
}

/// Puts `$value` of the operands of each iteration where `$to` is.
macro_rules! each {
    ($operands:expr, $to:expr, $iterations:expr, |$($x:ident),+| $value:expr) => {{
        let [$($x,)+ ..] = $operands;
        for iteration in 0..$iterations {
            // SAFETY: the caller vouches for all iterations of the operands and of the target.
            unsafe {
                $(let $x = $x.iteration(iteration);)+
                Lanes::store($value, $to.add(iteration * length(&$operands)));
            }
        }
    }};
}

/// Elements of an iteration of these operands.
#[inline(always)]
const fn length<L: Lanes>(_: &[Operand<L>; 3]) -> usize {
    L::LEN
}

/// The answers as the values 1 and 0, which is how registers hold them.
#[inline(always)]
fn value<L: Lanes>(mask: L::Mask) -> L {
    L::select(mask, L::c(1.0), L::c(0.0))
}

/// Lanes of a dtype that is interpreted.
trait Cells: Lanes {
    /// Runs a step that not every ring has.
    ///
    /// # Safety
    /// As [`run_step`].
    unsafe fn special(code: Code, operands: [Operand<Self>; 3], to: *mut Self::Element, iterations: usize);

    /// Runs a step.
    ///
    /// # Safety
    /// As [`run_step`].
    #[inline(always)]
    unsafe fn ring(code: Code, operands: [Operand<Self>; 3], to: *mut Self::Element, iterations: usize) {
        macro_rules! steps {
            (
                operators { $($(#[$_od:meta])* $oc:ident $om:ident($oa:ident $(, $ob:ident)*) $_ot:tt)* }
                ring { $($(#[$_rd:meta])* $rc:ident $rm:ident($ra:ident $(, $rb:ident)*) $_rt:tt)* }
                rounding { $($(#[$_wd:meta])* $wc:ident $wm:ident($wa:ident) $_wt:tt)* }
                questions { $($(#[$_qd:meta])* $qc:ident $qm:ident($qa:ident $(, $qb:ident)*) $_qt:tt)* }
                $($rest:tt)*
            ) => {
                match code {
                    $(Code::$oc => each!(operands, to, iterations, |$oa $(, $ob)*| $oa.$om($($ob)*)),)*
                    $(Code::$qc => each!(operands, to, iterations, |$qa $(, $qb)*| value::<Self>($qa.$qm($($qb)*))),)*
                    Code::Both => each!(operands, to, iterations, |a, b| a * b),
                    Code::Either => each!(operands, to, iterations, |a, b| a.max(b)),
                    Code::Negate => each!(operands, to, iterations, |a| value::<Self>(a.eq(Self::c(0.0)))),
                    Code::Select => {
                        each!(operands, to, iterations, |a, b, c| Self::select(a.ne(Self::c(0.0)), b, c));
                    }
                    $(Code::$rc => each!(operands, to, iterations, |$ra $(, $rb)*| $ra.$rm($($rb)*)),)*
                    $(Code::$wc => each!(operands, to, iterations, |$wa| $wa.$wm()),)*
                    // SAFETY: the caller's promise.
                    _ => unsafe { Self::special(code, operands, to, iterations) },
                }
            };
        }
        primitives!(steps);
    }
}

/// Runs one step.
///
/// # Safety
/// The operands of the step must hold, and `to` have space for, `iterations` iterations.
#[inline(never)]
unsafe fn run_step<L: Cells>(step: &Step, operands: &[Operand<L>; MAX_STEPS], to: *mut L::Element, iterations: usize) {
    let [a, b, c] = step.operands.map(|i| operands[usize::from(i)]);
    // SAFETY: the caller's promise.
    unsafe { L::ring(step.code, [a, b, c], to, iterations) };
}

macro_rules! floats {
    (
        operators $_o:tt ring $_r:tt rounding $_w:tt questions $_q:tt
        float_operators { $($(#[$_dd:meta])* $dc:ident $dm:ident($da:ident, $db:ident) $_dt:tt)* }
        fused { $($(#[$_md:meta])* $mc:ident $mm:ident($ma:ident, $mb:ident, $me:ident) $_mt:tt)* }
        float { $($(#[$_fd:meta])* $fc:ident $fm:ident($fa:ident $(, $fb:ident)?) $_ft:tt)* }
        functions { $($(#[$_ud:meta])* $uc:ident $um:ident($ua:ident) $_ut:tt)* }
        $($rest:tt)*
    ) => {
        impl Cells for F32Lanes {
            unsafe fn special(code: Code, operands: [Operand<Self>; 3], to: *mut f32, iterations: usize) {
                match code {
                    $(Code::$dc => each!(operands, to, iterations, |$da, $db| $da.$dm($db)),)*
                    $(Code::$mc => each!(operands, to, iterations, |$ma, $mb, $me| $ma.$mm($mb, $me)),)*
                    $(Code::$fc => each!(operands, to, iterations, |$fa $(, $fb)?| $fa.$fm($($fb)?)),)*
                    $(Code::$uc => each!(operands, to, iterations, |$ua| $ua.$um()),)*
                    _ => unreachable!("a formula for floats has no steps on bits"),
                }
            }
        }

        impl Cells for F64Lanes {
            unsafe fn special(code: Code, operands: [Operand<Self>; 3], to: *mut f64, iterations: usize) {
                match code {
                    $(Code::$dc => each!(operands, to, iterations, |$da, $db| $da.$dm($db)),)*
                    $(Code::$mc => each!(operands, to, iterations, |$ma, $mb, $me| $ma.$mm($mb, $me)),)*
                    $(Code::$fc => each!(operands, to, iterations, |$fa $(, $fb)?| $fa.$fm($($fb)?)),)*
                    // One loop for all of a kind, which takes the function as a pointer.
                    code => match function(code) {
                        Some(f) => each!(operands, to, iterations, |a| a.map(f)),
                        None => unreachable!("a formula for floats has no steps on bits"),
                    },
                }
            }
        }
    };
}

primitives!(floats);

macro_rules! integers {
    (
        operators $_o:tt ring $_r:tt rounding $_w:tt questions $_q:tt
        float_operators $_d:tt fused $_m:tt float $_f:tt functions $_u:tt
        bit_operators { $($(#[$_od:meta])* $oc:ident $om:ident($oa:ident $(, $ob:ident)?) $_ot:tt)* }
        bits { $($(#[$_bd:meta])* $bc:ident $bm:ident($ba:ident, $bb:ident) $_bt:tt)* }
    ) => {
        /// What integers and booleans have besides.
        ///
        /// # Safety
        /// As [`run_step`].
        #[inline(always)]
        unsafe fn bitwise<L: Lanes + Bits>(
            code: Code,
            operands: [Operand<L>; 3],
            to: *mut L::Element,
            iterations: usize,
        ) {
            match code {
                $(Code::$oc => each!(operands, to, iterations, |$oa $(, $ob)?| $oa.$om($($ob)?)),)*
                $(Code::$bc => each!(operands, to, iterations, |$ba, $bb| $ba.$bm($bb)),)*
                _ => unreachable!("a formula for integers has no steps on floats"),
            }
        }
    };
}

primitives!(integers);

impl Cells for I64Lanes {
    unsafe fn special(code: Code, operands: [Operand<Self>; 3], to: *mut i64, iterations: usize) {
        // SAFETY: the caller's promise.
        unsafe { bitwise(code, operands, to, iterations) };
    }
}

impl Cells for BoolLanes {
    unsafe fn special(code: Code, operands: [Operand<Self>; 3], to: *mut Bool, iterations: usize) {
        // SAFETY: the caller's promise.
        unsafe { bitwise(code, operands, to, iterations) };
    }
}
