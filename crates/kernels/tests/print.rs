//! Recorded formulas in print.

use adjoint_kernels::algebra::Algebra;
use adjoint_kernels::program::{Program, Recorded, print};

macro_rules! prints {
    ($($text:literal: |$x:ident, $y:ident, $p:ident| $value:expr;)+) => {$({
        fn formula<A: Algebra>($x: A, $y: A, $p: A) -> A {
            $value
        }
        let program = Program::record(|| {
            let ([x, y], [p]) = (Recorded::inputs(), Recorded::params());
            formula(x, y, p)
        });
        assert_eq!(print(&program, &["x", "y"], &["p"]), $text);
    })+};
}

#[test]
fn operators_are_written_as_in_mathematics() {
    prints! {
        "x + y − p": |x, y, p| x + y - p;
        "x − (y − p)": |x, y, p| x - (y - p);
        "(x + y) · p": |x, y, p| (x + y) * p;
        "x / (y · p)": |x, y, p| x / (y * p);
        "−(x · y) + 2": |x, y, _p| -(x * y) + A::c(2.0);
        "x · y + p": |x, y, p| x.mul_add(y, p);
        "x − −0.5": |x, _y, _p| x - A::c(-0.5);
        "1 / (x + y)": |x, y, _p| (x + y).recip();
        "(x + 1)^(y · 2)": |x, y, _p| (x + A::c(1.0)).pow(y * A::c(2.0));
        "|x + y|": |x, y, _p| (x + y).abs();
    }
}

#[test]
fn functions_are_called_by_their_names() {
    prints! {
        "log1p(exp(−|x|))": |x, _y, _p| (-x.abs()).exp().log1p();
        "atan2(x, y + p)": |x, y, p| x.atan2(y + p);
        "max(x, min(y, p))": |x, y, p| x.max(y.min(p));
        "trunc(x / y) + floor(x / (y + p))": |x, y, p| x.div_trunc(y) + x.div_floor(y + p);
        "0.5 · erfc(−0.7071067811865476 · x)": |x, _y, _p| x.ndtr();
    }
}

#[test]
fn choices_say_where_they_hold() {
    prints! {
        "(x if y < x, else y) + 1": |x, y, _p| A::select(x.gt(y), x, y) + A::c(1.0);
        "(x if x ≤ y and not (y = p), else y)": |x, y, p| A::select(x.le(y) & y.ne(p), x, y);
        "(x if (x < y or x < p) and y is NaN, else p)": |x, y, p| A::select((x.lt(y) | x.lt(p)) & y.is_nan(), x, p);
        "x": |x, y, _p| A::select(x.lt(y), x, x);
    }
}

#[test]
fn what_no_result_reads_is_not_shown() {
    prints! { "y": |x, y, _p| { let _ = x.exp(); y }; }
}
