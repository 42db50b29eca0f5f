//! A value and its tangent: a formula that derives itself.
//!
//! Run with [`Dual`]s a formula gives, beside its value, the derivative in one direction: forward
//! mode of automatic differentiation, with the rules of the table of primitives. The direction is
//! the tangent that an operand is given, and what comes out is linear in it. With a gradient for
//! the tangent of one operand and none for the others, it is the gradient of that operand.
//!
//! A tangent is absent where no operand has one, so constants cost nothing, in a compiled loop, in
//! a program and in print.

use super::{Algebra, Ring};

/// A value and, where it depends on an operand that has one, its tangent.
#[derive(Clone, Copy, Debug)]
pub struct Dual<A> {
    /// The value.
    pub value: A,
    /// The tangent; absent where it is 0 whatever the operands are.
    pub tangent: Option<A>,
}

impl<A: Algebra> Dual<A> {
    /// A value without a tangent.
    #[inline(always)]
    pub const fn constant(value: A) -> Self {
        Self { value, tangent: None }
    }

    /// A value with one.
    #[inline(always)]
    pub const fn variable(value: A, tangent: A) -> Self {
        Self { value, tangent: Some(tangent) }
    }
}

// No closures below, of which a build that optimises little would make calls.

/// The sum of two shares of a tangent.
#[inline(always)]
fn sum<A: Algebra>(a: Option<A>, b: Option<A>) -> Option<A> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (Some(a), None) => Some(a),
        (None, b) => b,
    }
}

/// The tangent of a choice.
#[inline(always)]
fn choose<A: Algebra>(mask: A::Mask, a: Option<A>, b: Option<A>) -> Option<A> {
    match (a, b) {
        (Some(a), Some(b)) => Some(A::select(mask, a, b)),
        (Some(a), None) => Some(A::select(mask, a, A::c(0.0))),
        (None, Some(b)) => Some(A::select(mask, A::c(0.0), b)),
        (None, None) => None,
    }
}

/// The share of a tangent, where there is one.
macro_rules! share {
    ($tangent:expr, $g:ident => $share:expr) => {
        match $tangent {
            Some($g) => Some($share),
            None => None,
        }
    };
}

/// The body of a method: the value, and the sum of what each operand's tangent brings.
macro_rules! derived {
    ($self:ident $method:ident($a:ident) { flat }) => {
        Dual::constant($self.value.$method())
    };
    ($self:ident $method:ident($a:ident, $b:ident) { flat }) => {
        Dual::constant($self.value.$method($b.value))
    };
    // What a function is computed with is of no matter here.
    ($self:ident $method:ident($a:ident) { $kind:ident $width:ident $f:expr, |$g:ident, $y:tt| $d:tt }) => {
        derived!($self $method($a) { |$g, $y| $d })
    };
    ($self:ident $method:ident($a:ident) { |$g:ident, $y:tt| [$da:expr] }) => {{
        let (of_a, $a) = ($self.tangent, $self.value);
        let value = $a.$method();
        #[allow(unused_variables, reason = "few shares read the result")]
        let $y = value;
        Dual { value, tangent: share!(of_a, $g => $da) }
    }};
    ($self:ident $method:ident($a:ident, $b:ident) { |$g:ident, $y:tt| [$da:expr, $db:expr] }) => {{
        let (of_a, of_b) = ($self.tangent, $b.tangent);
        let ($a, $b) = ($self.value, $b.value);
        let value = $a.$method($b);
        #[allow(unused_variables, reason = "few shares read the result")]
        let $y = value;
        Dual { value, tangent: sum(share!(of_a, $g => $da), share!(of_b, $g => $db)) }
    }};
    ($self:ident $method:ident($a:ident, $b:ident, $c:ident) { |$g:ident, $y:tt| [$da:expr, $db:expr, $dc:expr] }) => {{
        let (of_a, of_b, of_c) = ($self.tangent, $b.tangent, $c.tangent);
        let ($a, $b, $c) = ($self.value, $b.value, $c.value);
        let tangent = sum(sum(share!(of_a, $g => $da), share!(of_b, $g => $db)), share!(of_c, $g => $dc));
        Dual { value: $a.$method($b, $c), tangent }
    }};
}

macro_rules! operators {
    ($($code:ident $method:ident($a:ident $(, $b:ident)?) $rule:tt)*) => {$(
        impl<A: Algebra> core::ops::$code for Dual<A> {
            type Output = Self;
            #[inline(always)]
            fn $method(self $(, $b: Self)?) -> Self {
                derived!(self $method($a $(, $b)?) $rule)
            }
        }
    )*};
}

macro_rules! duals {
    (
        operators { $($(#[$_od:meta])* $oc:ident $om:ident($oa:ident $(, $ob:ident)?) $ot:tt)* }
        ring { $($(#[$_rd:meta])* $rc:ident $rm:ident($ra:ident $(, $rb:ident)?) $rt:tt)* }
        rounding { $($(#[$_wd:meta])* $wc:ident $wm:ident($wa:ident) $wt:tt)* }
        questions { $($(#[$_qd:meta])* $qc:ident $qm:ident($qa:ident $(, $qb:ident)?) $qt:tt)* }
        float_operators { $($(#[$_dd:meta])* $dc:ident $dm:ident($da:ident, $db:ident) $dt:tt)* }
        fused { $($(#[$_md:meta])* $mc:ident $mm:ident($ma:ident $(, $mb:ident)*) $mt:tt)* }
        float { $($(#[$_fd:meta])* $fc:ident $fm:ident($fa:ident $(, $fb:ident)?) $ft:tt)* }
        functions { $($(#[$_ud:meta])* $uc:ident $um:ident($ua:ident) $ut:tt)* }
        $($rest:tt)*
    ) => {
        operators! { $($oc $om($oa $(, $ob)?) $ot)* $($dc $dm($da, $db) $dt)* }

        impl<A: Algebra> Ring for Dual<A> {
            type Mask = A::Mask;

            #[inline(always)]
            fn c(v: f64) -> Self {
                Dual::constant(A::c(v))
            }

            #[inline(always)]
            fn select(mask: A::Mask, a: Self, b: Self) -> Self {
                Dual { value: A::select(mask, a.value, b.value), tangent: choose(mask, a.tangent, b.tangent) }
            }

            // As selections, but the values are had for one instruction.
            #[inline(always)]
            fn at_least(self, low: Self) -> Self {
                let tangent = choose(self.value.lt(low.value), low.tangent, self.tangent);
                Dual { value: self.value.at_least(low.value), tangent }
            }

            #[inline(always)]
            fn at_most(self, high: Self) -> Self {
                let tangent = choose(high.value.lt(self.value), high.tangent, self.tangent);
                Dual { value: self.value.at_most(high.value), tangent }
            }

            $(#[inline(always)]
            fn $qm(self $(, $qb: Self)?) -> A::Mask {
                self.value.$qm($($qb.value)?)
            })*

            $(#[inline(always)]
            fn $rm(self $(, $rb: Self)?) -> Self {
                derived!(self $rm($ra $(, $rb)?) $rt)
            })*

            $(#[inline(always)]
            fn $wm(self) -> Self {
                derived!(self $wm($wa) $wt)
            })*
        }

        impl<A: Algebra> Algebra for Dual<A> {
            #[inline(always)]
            fn log1p_exp(self) -> Self {
                let x = self.value;
                Dual { value: x.log1p_exp(), tangent: share!(self.tangent, g => g * x.sigmoid()) }
            }

            #[inline(always)]
            fn ndtr(self) -> Self {
                let x = self.value;
                Dual { value: x.ndtr(), tangent: share!(self.tangent, g => g * x.normal_density()) }
            }

            #[inline(always)]
            fn normal_density(self) -> Self {
                let (x, value) = (self.value, self.value.normal_density());
                Dual { value, tangent: share!(self.tangent, g => -(g * x * value)) }
            }

            $(#[inline(always)]
            fn $mm(self $(, $mb: Self)*) -> Self {
                derived!(self $mm($ma $(, $mb)*) $mt)
            })*

            $(#[inline(always)]
            fn $fm(self $(, $fb: Self)?) -> Self {
                derived!(self $fm($fa $(, $fb)?) $ft)
            })*

            $(#[inline(always)]
            fn $um(self) -> Self {
                derived!(self $um($ua) $ut)
            })*
        }
    };
}

crate::primitives!(duals);
