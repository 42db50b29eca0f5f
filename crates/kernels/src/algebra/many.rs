//! Integers several at a time, in arrays, of which LLVM makes vectors where it can.

use core::array::from_fn;

use super::{Bits, Ring};

/// `W` values of a ring, or `W` masks.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Many<R, const W: usize>(pub [R; W]);

impl<R: Copy, const W: usize> Many<R, W> {
    #[inline(always)]
    fn map<T>(self, f: impl Fn(R) -> T) -> Many<T, W> {
        Many(from_fn(|i| f(self.0[i])))
    }

    #[inline(always)]
    fn zip<T>(self, other: Self, f: impl Fn(R, R) -> T) -> Many<T, W> {
        Many(from_fn(|i| f(self.0[i], other.0[i])))
    }
}

/// A method of each value, or of each pair.
macro_rules! each {
    ($x:expr, $f:expr) => {
        $x.map($f)
    };
    ($x:expr, $f:expr, $y:expr) => {
        $x.zip($y, $f)
    };
}

macro_rules! operators {
    ($($code:ident $method:ident($($b:ident)?);)*) => {$(
        impl<R: Copy + core::ops::$code<Output = R>, const W: usize> core::ops::$code for Many<R, W> {
            type Output = Self;
            #[inline(always)]
            fn $method(self $(, $b: Self)?) -> Self {
                each!(self, R::$method $(, $b)?)
            }
        }
    )*};
}

macro_rules! methods {
    (
        operators { $($(#[$_od:meta])* $oc:ident $om:ident($oa:ident $(, $ob:ident)?) $_ot:tt)* }
        ring { $($(#[$_rd:meta])* $rc:ident $rm:ident($ra:ident $(, $rb:ident)?) $_rt:tt)* }
        rounding { $($(#[$_wd:meta])* $wc:ident $wm:ident($wa:ident) $_wt:tt)* }
        questions { $($(#[$_qd:meta])* $qc:ident $qm:ident($qa:ident $(, $qb:ident)?) $_qt:tt)* }
        float_operators $_d:tt fused $_m:tt float $_f:tt functions $_u:tt
        bit_operators { $($(#[$_cd:meta])* $cc:ident $cm:ident($ca:ident $(, $cb:ident)?) $_ct:tt)* }
        bits { $($(#[$_bd:meta])* $bc:ident $bm:ident($ba:ident $(, $bb:ident)?) $_bt:tt)* }
    ) => {
        operators! { $($oc $om($($ob)?);)* $($cc $cm($($cb)?);)* }

        impl<R: Ring, const W: usize> Ring for Many<R, W> {
            type Mask = Many<R::Mask, W>;

            #[inline(always)]
            fn c(v: f64) -> Self {
                Self([R::c(v); W])
            }

            #[inline(always)]
            fn select(mask: Self::Mask, a: Self, b: Self) -> Self {
                Self(from_fn(|i| R::select(mask.0[i], a.0[i], b.0[i])))
            }

            $(#[inline(always)]
            fn $rm(self $(, $rb: Self)?) -> Self {
                each!(self, R::$rm $(, $rb)?)
            })*

            $(#[inline(always)]
            fn $wm(self) -> Self {
                self.map(R::$wm)
            })*

            $(#[inline(always)]
            fn $qm(self $(, $qb: Self)?) -> Self::Mask {
                each!(self, R::$qm $(, $qb)?)
            })*
        }

        impl<R: Bits, const W: usize> Bits for Many<R, W> {
            $(#[inline(always)]
            fn $bm(self $(, $bb: Self)?) -> Self {
                each!(self, R::$bm $(, $bb)?)
            })*
        }
    };
}

crate::primitives!(methods);
