//! Formulas as text, for the reference pages.
//!
//! An [`Expression`] is an index into an arena of strings with their binding strength, so that it
//! is `Copy` as [`Algebra`] asks. The arena lives as long as the thread; formulas are printed by a
//! program that ends soon after.

use adjoint_kernels::algebra::{Algebra, Ring};
use std::cell::RefCell;
use std::fmt;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

/// A formula under construction.
#[derive(Clone, Copy, Debug)]
pub struct Expression(usize);

/// How tightly the outermost operator of a text binds.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binds {
    Or,
    And,
    Compare,
    Sum,
    Product,
    Atom,
}

thread_local! {
    static ARENA: RefCell<Vec<(String, Binds)>> = const { RefCell::new(Vec::new()) };
}

impl Expression {
    fn make(text: impl Into<String>, binds: Binds) -> Self {
        ARENA.with_borrow_mut(|a| {
            a.push((text.into(), binds));
            Expression(a.len() - 1)
        })
    }

    /// A variable.
    pub fn name(name: &str) -> Self {
        Expression::make(name, Binds::Atom)
    }

    /// Variables `p0`, `p1`, …, or just `p` where there is one.
    pub fn names<const N: usize>(prefix: &str) -> [Self; N] {
        std::array::from_fn(
            |i| if N == 1 { Expression::name(prefix) } else { Expression::name(&format!("{prefix}{i}")) },
        )
    }

    fn at_least(self, binds: Binds) -> String {
        ARENA.with_borrow(|a| {
            let (text, have) = &a[self.0];
            if *have >= binds { text.clone() } else { format!("({text})") }
        })
    }

    fn call(name: &str, args: &[Self]) -> Self {
        let args: Vec<String> = args.iter().map(|a| a.at_least(Binds::Or)).collect();
        Expression::make(format!("{name}({})", args.join(", ")), Binds::Atom)
    }

    fn infix(self, sign: &str, o: Self, left: Binds, right: Binds, binds: Binds) -> Self {
        Expression::make(format!("{} {sign} {}", self.at_least(left), o.at_least(right)), binds)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.at_least(Binds::Or))
    }
}

impl Add for Expression {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        self.infix("+", o, Binds::Sum, Binds::Sum, Binds::Sum)
    }
}

impl Sub for Expression {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self.infix("−", o, Binds::Sum, Binds::Product, Binds::Sum)
    }
}

impl Mul for Expression {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        self.infix("·", o, Binds::Product, Binds::Product, Binds::Product)
    }
}

impl Div for Expression {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        self.infix("/", o, Binds::Product, Binds::Atom, Binds::Product)
    }
}

impl Neg for Expression {
    type Output = Self;
    fn neg(self) -> Self {
        Expression::make(format!("−{}", self.at_least(Binds::Atom)), Binds::Product)
    }
}

impl BitAnd for Expression {
    type Output = Self;
    fn bitand(self, o: Self) -> Self {
        self.infix("and", o, Binds::And, Binds::And, Binds::And)
    }
}

impl BitOr for Expression {
    type Output = Self;
    fn bitor(self, o: Self) -> Self {
        self.infix("or", o, Binds::Or, Binds::Or, Binds::Or)
    }
}

impl Not for Expression {
    type Output = Self;
    fn not(self) -> Self {
        Expression::make(format!("not {}", self.at_least(Binds::Atom)), Binds::And)
    }
}

impl Ring for Expression {
    type Mask = Self;

    fn c(v: f64) -> Self {
        let binds = if v < 0.0 { Binds::Product } else { Binds::Atom };
        Expression::make(v.to_string().replace('-', "−"), binds)
    }
    fn lt(self, o: Self) -> Self {
        self.infix("<", o, Binds::Sum, Binds::Sum, Binds::Compare)
    }
    fn le(self, o: Self) -> Self {
        self.infix("≤", o, Binds::Sum, Binds::Sum, Binds::Compare)
    }
    fn eq(self, o: Self) -> Self {
        self.infix("=", o, Binds::Sum, Binds::Sum, Binds::Compare)
    }
    fn select(m: Self, a: Self, b: Self) -> Self {
        if a.to_string() == b.to_string() {
            return a;
        }
        let text = format!("{} if {}, else {}", a.at_least(Binds::Sum), m.at_least(Binds::Or), b.at_least(Binds::Sum));
        Expression::make(format!("({text})"), Binds::Atom)
    }
    fn max(self, o: Self) -> Self {
        Expression::call("max", &[self, o])
    }
    fn min(self, o: Self) -> Self {
        Expression::call("min", &[self, o])
    }
    fn abs(self) -> Self {
        Expression::make(format!("|{}|", self.at_least(Binds::Or)), Binds::Atom)
    }
    fn is_nan(self) -> Self {
        Expression::make(format!("{} is NaN", self.at_least(Binds::Sum)), Binds::Compare)
    }
    fn div_trunc(self, o: Self) -> Self {
        Expression::call("trunc", &[self / o])
    }
    fn div_floor(self, o: Self) -> Self {
        Expression::call("floor", &[self / o])
    }
    fn fmod(self, o: Self) -> Self {
        Expression::call("fmod", &[self, o])
    }
    fn remainder(self, o: Self) -> Self {
        Expression::call("remainder", &[self, o])
    }
    fn floor(self) -> Self {
        Expression::call("floor", &[self])
    }
    fn ceil(self) -> Self {
        Expression::call("ceil", &[self])
    }
    fn trunc(self) -> Self {
        Expression::call("trunc", &[self])
    }
    fn round(self) -> Self {
        Expression::call("round", &[self])
    }
    fn pow(self, e: Self) -> Self {
        self.powf(e)
    }
}

impl Algebra for Expression {
    fn mul_add(self, b: Self, c: Self) -> Self {
        self * b + c
    }
    fn powf(self, e: Self) -> Self {
        Expression::make(format!("{}^{}", self.at_least(Binds::Atom), e.at_least(Binds::Atom)), Binds::Atom)
    }
    fn atan2(self, x: Self) -> Self {
        Expression::call("atan2", &[self, x])
    }
    fn recip(self) -> Self {
        Expression::make(format!("1 / {}", self.at_least(Binds::Atom)), Binds::Product)
    }
    fn sqrt(self) -> Self {
        Expression::call("sqrt", &[self])
    }
    fn exp(self) -> Self {
        Expression::call("exp", &[self])
    }
    fn exp2(self) -> Self {
        Expression::call("exp2", &[self])
    }
    fn expm1(self) -> Self {
        Expression::call("expm1", &[self])
    }
    fn log(self) -> Self {
        Expression::call("log", &[self])
    }
    fn log2(self) -> Self {
        Expression::call("log2", &[self])
    }
    fn log10(self) -> Self {
        Expression::call("log10", &[self])
    }
    fn log1p(self) -> Self {
        Expression::call("log1p", &[self])
    }
    fn sin(self) -> Self {
        Expression::call("sin", &[self])
    }
    fn cos(self) -> Self {
        Expression::call("cos", &[self])
    }
    fn tan(self) -> Self {
        Expression::call("tan", &[self])
    }
    fn asin(self) -> Self {
        Expression::call("asin", &[self])
    }
    fn acos(self) -> Self {
        Expression::call("acos", &[self])
    }
    fn atan(self) -> Self {
        Expression::call("atan", &[self])
    }
    fn sinh(self) -> Self {
        Expression::call("sinh", &[self])
    }
    fn cosh(self) -> Self {
        Expression::call("cosh", &[self])
    }
    fn tanh(self) -> Self {
        Expression::call("tanh", &[self])
    }
    fn asinh(self) -> Self {
        Expression::call("asinh", &[self])
    }
    fn acosh(self) -> Self {
        Expression::call("acosh", &[self])
    }
    fn atanh(self) -> Self {
        Expression::call("atanh", &[self])
    }
    fn sigmoid(self) -> Self {
        Expression::call("sigmoid", &[self])
    }
    fn erf(self) -> Self {
        Expression::call("erf", &[self])
    }
    fn erfc(self) -> Self {
        Expression::call("erfc", &[self])
    }
    fn erfinv(self) -> Self {
        Expression::call("erfinv", &[self])
    }
    fn lgamma(self) -> Self {
        Expression::call("lgamma", &[self])
    }
    fn digamma(self) -> Self {
        Expression::call("digamma", &[self])
    }
}
