//! A formula as a list of steps.
//!
//! Run with [`Recorded`] values a formula writes down what it does: a [`Program`]. One interpreter
//! then serves all formulas where a loop of their own would not be worth its bytes (`elementwise`,
//! every dtype but f32), and another one, above, runs them on tensors with history. A program does
//! the very operations the formula does, in its order.

use core::cell::RefCell;
use core::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

use super::{Algebra, Bits, Ring};

/// What a step does with its operands `a`, `b` and `c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is the method of Ring, Algebra or Bits of that name")]
pub enum Code {
    /// Operand `a` of the formula.
    Input,
    /// Parameter `a`.
    Param,
    /// Constant `a`.
    Constant,
    Add,
    Sub,
    Mul,
    Div,
    Neg,
    /// Both masks.
    Both,
    /// Either mask.
    Either,
    /// The other answer.
    Negate,
    Lt,
    Le,
    Eq,
    /// Where mask `a` holds `b`, elsewhere `c`.
    Select,
    Max,
    Min,
    Abs,
    IsNan,
    DivTrunc,
    DivFloor,
    Fmod,
    Remainder,
    Pow,
    BitAnd,
    BitOr,
    BitXor,
    BitNot,
    Shl,
    Shr,
    /// `a · b + c`.
    MulAdd,
    Sqrt,
    Recip,
    Floor,
    Ceil,
    Trunc,
    Round,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    /// The angle of the point (`b`, `a`).
    Atan2,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Sigmoid,
    Erf,
    Erfc,
    Erfinv,
    Lgamma,
    Digamma,
}

impl Code {
    /// Whether the step brings a value in rather than compute one; then `a` says which.
    pub const fn is_leaf(self) -> bool {
        matches!(self, Code::Input | Code::Param | Code::Constant)
    }
}

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

    fn one(self, code: Code) -> Self {
        Self(push(code, self.0, self.0, self.0))
    }

    fn two(self, code: Code, other: Self) -> Self {
        Self(push(code, self.0, other.0, self.0))
    }

    fn ask(self, code: Code, other: Self) -> RecordedMask {
        RecordedMask(push(code, self.0, other.0, self.0))
    }
}

impl RecordedMask {
    /// The answers as the values 1 and 0.
    pub const fn as_value(self) -> Recorded {
        Recorded(self.0)
    }
}

macro_rules! operators {
    ($($t:ident: $trait:ident $method:ident $code:ident;)+) => {$(
        impl $trait for $t {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Self(push(Code::$code, self.0, other.0, self.0))
            }
        }
    )+};
}

operators! {
    Recorded: Add add Add;
    Recorded: Sub sub Sub;
    Recorded: Mul mul Mul;
    Recorded: Div div Div;
    Recorded: BitAnd bitand BitAnd;
    Recorded: BitOr bitor BitOr;
    Recorded: BitXor bitxor BitXor;
    RecordedMask: BitAnd bitand Both;
    RecordedMask: BitOr bitor Either;
}

impl Neg for Recorded {
    type Output = Self;
    fn neg(self) -> Self {
        self.one(Code::Neg)
    }
}

impl Not for Recorded {
    type Output = Self;
    fn not(self) -> Self {
        self.one(Code::BitNot)
    }
}

impl Not for RecordedMask {
    type Output = Self;
    fn not(self) -> Self {
        Self(push(Code::Negate, self.0, self.0, self.0))
    }
}

impl Ring for Recorded {
    type Mask = RecordedMask;

    fn c(v: f64) -> Self {
        Self(constant(v))
    }
    fn lt(self, other: Self) -> RecordedMask {
        self.ask(Code::Lt, other)
    }
    fn le(self, other: Self) -> RecordedMask {
        self.ask(Code::Le, other)
    }
    fn eq(self, other: Self) -> RecordedMask {
        self.ask(Code::Eq, other)
    }
    fn select(mask: RecordedMask, a: Self, b: Self) -> Self {
        Self(push(Code::Select, mask.0, a.0, b.0))
    }
    fn max(self, other: Self) -> Self {
        self.two(Code::Max, other)
    }
    fn min(self, other: Self) -> Self {
        self.two(Code::Min, other)
    }
    fn abs(self) -> Self {
        self.one(Code::Abs)
    }
    fn is_nan(self) -> RecordedMask {
        self.ask(Code::IsNan, self)
    }
    fn div_trunc(self, other: Self) -> Self {
        self.two(Code::DivTrunc, other)
    }
    fn div_floor(self, other: Self) -> Self {
        self.two(Code::DivFloor, other)
    }
    fn fmod(self, other: Self) -> Self {
        self.two(Code::Fmod, other)
    }
    fn remainder(self, other: Self) -> Self {
        self.two(Code::Remainder, other)
    }
    fn floor(self) -> Self {
        self.one(Code::Floor)
    }
    fn ceil(self) -> Self {
        self.one(Code::Ceil)
    }
    fn trunc(self) -> Self {
        self.one(Code::Trunc)
    }
    fn round(self) -> Self {
        self.one(Code::Round)
    }
    fn pow(self, e: Self) -> Self {
        self.two(Code::Pow, e)
    }
}

macro_rules! functions {
    ($($name:ident = $code:ident),+ $(,)?) => {
        impl Algebra for Recorded {
            fn mul_add(self, b: Self, c: Self) -> Self {
                Self(push(Code::MulAdd, self.0, b.0, c.0))
            }
            fn powf(self, e: Self) -> Self {
                self.two(Code::Pow, e)
            }
            fn atan2(self, x: Self) -> Self {
                self.two(Code::Atan2, x)
            }
            $(fn $name(self) -> Self {
                self.one(Code::$code)
            })+
        }
    };
}

functions! {
    sqrt = Sqrt, recip = Recip,
    exp = Exp, exp2 = Exp2, expm1 = Expm1, log = Log, log2 = Log2, log10 = Log10, log1p = Log1p,
    sin = Sin, cos = Cos, tan = Tan, asin = Asin, acos = Acos, atan = Atan,
    sinh = Sinh, cosh = Cosh, tanh = Tanh, asinh = Asinh, acosh = Acosh, atanh = Atanh,
    sigmoid = Sigmoid, erf = Erf, erfc = Erfc, erfinv = Erfinv, lgamma = Lgamma, digamma = Digamma,
}

impl Bits for Recorded {
    fn shl(self, count: Self) -> Self {
        self.two(Code::Shl, count)
    }
    fn shr(self, count: Self) -> Self {
        self.two(Code::Shr, count)
    }
}
