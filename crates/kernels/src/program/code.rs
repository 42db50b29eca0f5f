//! What a step does.

use adjoint_simd::F64x2;

use super::primitives;
use crate::algebra::{Algebra, F64s, Ring};
use crate::vecmath::f64::Function;

macro_rules! codes {
    ($($section:ident { $($(#[$doc:meta])* $code:ident $method:ident($($a:ident),+) $tail:tt)* })*) => {
        /// What a step does with its operands, which are `a`, `b` and `c` in order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(rustdoc::broken_intra_doc_links, reason = "the rows name methods of the traits")]
        pub enum Code {
            /// Operand `a` of the formula.
            Input,
            /// Parameter `a`.
            Param,
            /// Constant `a`.
            Constant,
            /// Both masks.
            Both,
            /// Either mask.
            Either,
            /// The other answer.
            Negate,
            /// Where mask `a` holds `b`, elsewhere `c`.
            Select,
            $($($(#[$doc])* $code,)*)*
        }

        impl Code {
            /// The method of a formula that takes this step.
            pub const fn name(self) -> &'static str {
                match self {
                    Code::Input => "input",
                    Code::Param => "param",
                    Code::Constant => "c",
                    Code::Both => "and",
                    Code::Either => "or",
                    Code::Negate => "not",
                    Code::Select => "select",
                    $($(Code::$code => stringify!($method),)*)*
                }
            }

            /// How many operands it takes.
            pub const fn operands(self) -> usize {
                match self {
                    Code::Input | Code::Param | Code::Constant => 0,
                    Code::Negate => 1,
                    Code::Both | Code::Either => 2,
                    Code::Select => 3,
                    $($(Code::$code => [$(stringify!($a)),+].len(),)*)*
                }
            }
        }
    };
}

primitives!(codes);

impl Code {
    /// Whether the step brings a value in rather than compute one; then `a` says which.
    pub const fn is_leaf(self) -> bool {
        matches!(self, Code::Input | Code::Param | Code::Constant)
    }
}

macro_rules! function {
    (
        operators $_o:tt ring $_r:tt rounding $_w:tt questions $_q:tt float_operators $_fo:tt fused $_m:tt float $_f:tt
        functions { $($(#[$doc:meta])* $code:ident $method:ident($a:ident)
            { $kind:ident $width:ident $f:expr, |$g:ident, $y:tt| $d:tt })* }
        $($rest:tt)*
    ) => {
        /// The function of one number that `code` stands for.
        pub const fn function(code: Code) -> Option<Function> {
            match code {
                $(Code::$code => Some(width!($width $f)),)*
                _ => None,
            }
        }
    };
}

/// The function in f64, of as many numbers as its row says.
macro_rules! width {
    (numbers $f:expr) => {
        Function::Number($f)
    };
    (pairs $f:expr) => {
        Function::Pair($f)
    };
}

primitives!(function);

macro_rules! number {
    (
        operators { $($(#[$_od:meta])* $oc:ident $om:ident($oa:ident $(, $ob:ident)?) $_ot:tt)* }
        ring { $($(#[$_rd:meta])* $rc:ident $rm:ident($ra:ident $(, $rb:ident)?) $_rt:tt)* }
        rounding { $($(#[$_wd:meta])* $wc:ident $wm:ident($wa:ident) $_wt:tt)* }
        questions $_q:tt
        float_operators { $($(#[$_dd:meta])* $dc:ident $dm:ident($da:ident, $db:ident) $_dt:tt)* }
        fused $_m:tt
        float { $($(#[$_fd:meta])* $fc:ident $fm:ident($fa:ident $(, $fb:ident)?) $_ft:tt)* }
        $($rest:tt)*
    ) => {
        /// What a step makes of two numbers in f64, of which a function of one takes the first;
        /// `None` where the answer is no number.
        pub fn number(code: Code, x: f64, y: f64) -> Option<f64> {
            use core::ops::{Add, Div, Mul, Neg, Sub};
            let (a, b) = (F64s::<1>::c(x), F64s::<1>::c(y));
            let value = match code {
                $(Code::$oc => operand!(a, b, $om $(, $ob)?),)*
                $(Code::$rc => operand!(a, b, $rm $(, $rb)?),)*
                $(Code::$wc => a.$wm(),)*
                $(Code::$dc => a.$dm(b),)*
                $(Code::$fc => operand!(a, b, $fm $(, $fb)?),)*
                code => return function(code).map(|f| f.of(F64x2::splat(x)).to_array()[0]),
            };
            Some(value.to_array()[0][0])
        }
    };
}

/// A method with as many operands as its row names.
macro_rules! operand {
    ($a:ident, $b:ident, $method:ident) => {
        $a.$method()
    };
    ($a:ident, $b:ident, $method:ident, $named:ident) => {
        $a.$method($b)
    };
}

primitives!(number);
