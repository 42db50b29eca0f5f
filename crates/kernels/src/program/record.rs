//! A formula as a list of steps.
//!
//! Run with [`Recorded`] values a formula writes down what it does: a [`Program`]. One interpreter
//! then serves all formulas where a loop of their own would not be worth its bytes (`elementwise`,
//! every dtype but f32), and another one, above, runs them on tensors with history. A program does
//! the very operations the formula does, in its order.

use core::cell::RefCell;
use core::ops::{BitAnd, BitOr, Not};

use super::{Code, primitives};
use crate::algebra::{Algebra, Bits, Ring};

/// One step. Its value is referred to by its index in the program.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What it does.
    pub code: Code,
    /// The steps whose values it takes; those it has no use for repeat `a`.
    pub operands: [u16; 3],
    /// The last step that takes its value, itself for the result, 0 where none does: then it need
    /// not be run.
    pub last_use: u16,
}

/// The steps of a formula up to its result.
#[derive(Debug, Default)]
pub struct Program {
    steps: Vec<Step>,
    constants: Vec<f64>,
}

/// How a formula of `N` operands and `P` parameters writes itself down.
pub type Record = fn() -> Recorded;

thread_local! {
    static TAPE: RefCell<Program> = RefCell::default();
}

/// Makes the tape free again after a call that an exception ended.
///
/// # Safety
/// As [`unlock`](crate::abandoned::unlock).
pub unsafe fn unlock_tape() {
    // SAFETY: the caller's promise. `record` clears what the abandoned call wrote.
    unsafe { crate::abandoned::unlock(&TAPE) };
}

impl Program {
    /// Writes a formula down. Programs hand their memory on, so this allocates only at first.
    pub fn record(formula: Record) -> Self {
        TAPE.with_borrow_mut(|tape| {
            tape.steps.clear();
            tape.constants.clear();
            // Index 0 belongs to no register, so that `last_use` 0 can mean never.
            tape.steps.push(Step { code: Code::Constant, operands: [0; 3], last_use: 0 });
            tape.constants.push(0.0);
        });
        let result = formula().0;
        let mut program = TAPE.take();
        program.steps.truncate(usize::from(result) + 1);
        program.find_uses(result);
        program
    }

    /// The program in fewer steps, as the values of booleans allow: `x == 0` is `!x`, and `!!x` is
    /// `x`.
    #[inline(never)]
    pub fn for_bools(mut self) -> Self {
        let result = self.steps.len() - 1;
        for i in 1..=result {
            let Step { code, mut operands, .. } = self.steps[i];
            self.steps[i].last_use = 0;
            if code.is_leaf() {
                continue;
            }
            for operand in &mut operands {
                while let Some(value) = self.negated(*operand).and_then(|value| self.negated(value)) {
                    *operand = value;
                }
            }
            self.steps[i].operands = operands;
            let is_zero = |i: u16| {
                let Step { code, operands, .. } = self.steps[usize::from(i)];
                code == Code::Constant && self.constants[usize::from(operands[0])] == 0.0
            };
            if code == Code::Eq && is_zero(operands[1]) {
                self.steps[i] = Step { code: Code::Negate, operands: [operands[0]; 3], last_use: 0 };
            }
        }
        self.find_uses(result as u16);
        self
    }

    /// The value of which `step` is the negation.
    fn negated(&self, step: u16) -> Option<u16> {
        let Step { code, operands, .. } = self.steps[usize::from(step)];
        (code == Code::Negate).then_some(operands[0])
    }

    fn find_uses(&mut self, result: u16) {
        self.steps[usize::from(result)].last_use = result;
        for i in (1..=result).rev() {
            let Step { code, operands, last_use } = self.steps[usize::from(i)];
            if last_use == 0 || code.is_leaf() {
                continue;
            }
            for operand in operands {
                let operand = &mut self.steps[usize::from(operand)];
                operand.last_use = operand.last_use.max(i);
            }
        }
    }

    /// The steps in order; the last one gives the result.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The constants by index.
    pub fn constants(&self) -> &[f64] {
        &self.constants
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Where the thread is ending there is no tape any more.
        let _ = TAPE.try_with(|tape| {
            if let Ok(mut tape) = tape.try_borrow_mut()
                && tape.steps.capacity() < self.steps.capacity()
            {
                core::mem::swap(&mut tape.steps, &mut self.steps);
                core::mem::swap(&mut tape.constants, &mut self.constants);
            }
        });
    }
}

/// The value of a step.
#[derive(Clone, Copy, Debug)]
pub struct Recorded(u16);

/// The answer of a step.
#[derive(Clone, Copy, Debug)]
pub struct RecordedMask(u16);

#[inline(never)]
fn push(code: Code, a: u16, b: u16, c: u16) -> u16 {
    TAPE.with_borrow_mut(|tape| {
        tape.steps.push(Step { code, operands: [a, b, c], last_use: 0 });
        (tape.steps.len() - 1) as u16
    })
}

#[inline(never)]
fn constant(v: f64) -> u16 {
    let at = TAPE.with_borrow_mut(|tape| {
        tape.constants.push(v);
        (tape.constants.len() - 1) as u16
    });
    push(Code::Constant, at, 0, 0)
}

impl Recorded {
    /// The operands of a formula.
    pub fn inputs<const N: usize>() -> [Self; N] {
        core::array::from_fn(|i| Self(push(Code::Input, i as u16, 0, 0)))
    }

    /// Its parameters.
    pub fn params<const P: usize>() -> [Self; P] {
        core::array::from_fn(|i| Self(push(Code::Param, i as u16, 0, 0)))
    }
}

/// Writes a step down; operands it has no use for repeat the first.
macro_rules! step {
    ($code:ident, $a:expr) => {
        push(Code::$code, $a.0, $a.0, $a.0)
    };
    ($code:ident, $a:expr, $b:expr) => {
        push(Code::$code, $a.0, $b.0, $a.0)
    };
    ($code:ident, $a:expr, $b:expr, $c:expr) => {
        push(Code::$code, $a.0, $b.0, $c.0)
    };
}

impl RecordedMask {
    /// The answers as the values 1 and 0.
    pub const fn as_value(self) -> Recorded {
        Recorded(self.0)
    }
}

impl BitAnd for RecordedMask {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(step!(Both, self, other))
    }
}

impl BitOr for RecordedMask {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(step!(Either, self, other))
    }
}

impl Not for RecordedMask {
    type Output = Self;
    fn not(self) -> Self {
        Self(step!(Negate, self))
    }
}

macro_rules! recorder {
    (
        operators { $($(#[$_od:meta])* $oc:ident $om:ident($oa:ident $(, $ob:ident)*) $_ot:tt)* }
        ring { $($(#[$_rd:meta])* $rc:ident $rm:ident($ra:ident $(, $rb:ident)*) $_rt:tt)* }
        rounding { $($(#[$_wd:meta])* $wc:ident $wm:ident($wa:ident) $_wt:tt)* }
        questions { $($(#[$_qd:meta])* $qc:ident $qm:ident($qa:ident $(, $qb:ident)*) $_qt:tt)* }
        float_operators { $($(#[$_dd:meta])* $dc:ident $dm:ident($da:ident $(, $db:ident)*) $_dt:tt)* }
        fused { $($(#[$_md:meta])* $mc:ident $mm:ident($ma:ident $(, $mb:ident)*) $_mt:tt)* }
        float { $($(#[$_fd:meta])* $fc:ident $fm:ident($fa:ident $(, $fb:ident)*) $_ft:tt)* }
        functions { $($(#[$_ud:meta])* $uc:ident $um:ident($ua:ident) $_ut:tt)* }
        bit_operators { $($(#[$_cd:meta])* $cc:ident $cm:ident($ca:ident $(, $cb:ident)*) $_ct:tt)* }
        bits { $($(#[$_bd:meta])* $bc:ident $bm:ident($ba:ident $(, $bb:ident)*) $_bt:tt)* }
    ) => {
        operators! { $($oc $om($($ob),*);)* $($dc $dm($($db),*);)* $($cc $cm($($cb),*);)* }

        impl Ring for Recorded {
            type Mask = RecordedMask;

            fn c(v: f64) -> Self {
                Self(constant(v))
            }
            fn select(mask: RecordedMask, a: Self, b: Self) -> Self {
                Self(step!(Select, mask, a, b))
            }
            $(fn $rm(self $(, $rb: Self)*) -> Self {
                Self(step!($rc, self $(, $rb)*))
            })*
            $(fn $wm(self) -> Self {
                Self(step!($wc, self))
            })*
            $(fn $qm(self $(, $qb: Self)*) -> RecordedMask {
                RecordedMask(step!($qc, self $(, $qb)*))
            })*
        }

        impl Algebra for Recorded {
            $(fn $mm(self $(, $mb: Self)*) -> Self {
                Self(step!($mc, self $(, $mb)*))
            })*
            $(fn $fm(self $(, $fb: Self)*) -> Self {
                Self(step!($fc, self $(, $fb)*))
            })*
            $(fn $um(self) -> Self {
                Self(step!($uc, self))
            })*
        }

        impl Bits for Recorded {
            $(fn $bm(self $(, $bb: Self)*) -> Self {
                Self(step!($bc, self $(, $bb)*))
            })*
        }
    };
}

macro_rules! operators {
    ($($code:ident $method:ident($($b:ident),*);)*) => {$(
        impl core::ops::$code for Recorded {
            type Output = Self;
            fn $method(self $(, $b: Self)*) -> Self {
                Self(step!($code, self $(, $b)*))
            }
        }
    )*};
}

primitives!(recorder);
