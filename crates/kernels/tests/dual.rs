//! A formula run with dual numbers has its derivative: every rule of the table against differences of values.

use adjoint_kernels::algebra::{Algebra, Dual, F64s, Ring};
use adjoint_kernels::primitives;

type Lane = F64s<1>;

fn number(v: Lane) -> f64 {
    v.to_array()[0][0]
}

/// The tangent of `f` by operand `i`, derived, and by a difference of values.
fn both<const N: usize>(f: fn([Dual<Lane>; N]) -> Dual<Lane>, x: [f64; N], i: usize) -> (f64, f64) {
    let at = |x: [f64; N], tangent: Option<f64>| {
        f(core::array::from_fn(|k| Dual {
            value: Lane::splat(x[k]),
            tangent: tangent.filter(|_| k == i).map(Lane::splat),
        }))
    };
    let derived = at(x, Some(3.0)).tangent.map_or(0.0, number);
    const STEP: f64 = 1e-5;
    let moved = |by: f64| number(at(core::array::from_fn(|k| if k == i { x[k] + by } else { x[k] }), None).value);
    (derived, 3.0 * (moved(STEP) - moved(-STEP)) / (2.0 * STEP))
}

/// Operands for which everything is defined and nothing has a kink.
const OPERANDS: [f64; 3] = [0.37, 1.63, 0.21];

fn check<const N: usize>(name: &str, f: fn([Dual<Lane>; N]) -> Dual<Lane>) {
    // The inverse of the hyperbolic cosine begins at 1.
    let x: [f64; N] = core::array::from_fn(|k| OPERANDS[k] + f64::from(u8::from(name == "acosh")));
    for i in 0..N {
        let (derived, difference) = both(f, x, i);
        assert!(
            (derived - difference).abs() < 1e-7 * (1.0 + difference.abs()),
            "{name} by operand {i}: {derived} and {difference}"
        );
    }
}

macro_rules! rule {
    (digamma $a:ident) => {
        // Its derivative is no primitive, so it is NaN and not something else.
        assert!(both(|[x]| x.digamma(), [1.5], 0).0.is_nan());
    };
    ($method:ident $a:ident) => {
        check(stringify!($method), |[a]| a.$method());
    };
    ($method:ident $a:ident $b:ident) => {
        check(stringify!($method), |[a, b]| a.$method(b));
    };
    ($method:ident $a:ident $b:ident $c:ident) => {
        check(stringify!($method), |[a, b, c]| a.$method(b, c));
    };
}

macro_rules! rules {
    (
        operators { $($(#[$_od:meta])* $oc:ident $om:ident($($oa:ident),+) $_ot:tt)* }
        ring { $($(#[$_rd:meta])* $rc:ident $rm:ident($($ra:ident),+) $_rt:tt)* }
        rounding { $($(#[$_wd:meta])* $wc:ident $wm:ident($($wa:ident),+) $_wt:tt)* }
        questions $_q:tt
        float_operators { $($(#[$_dd:meta])* $dc:ident $dm:ident($($da:ident),+) $_dt:tt)* }
        fused { $($(#[$_md:meta])* $mc:ident $mm:ident($($ma:ident),+) $_mt:tt)* }
        float { $($(#[$_fd:meta])* $fc:ident $fm:ident($($fa:ident),+) $_ft:tt)* }
        functions { $($(#[$_ud:meta])* $uc:ident $um:ident($($ua:ident),+) $_ut:tt)* }
        $($rest:tt)*
    ) => {
        #[test]
        fn every_rule_is_the_derivative() {
            use core::ops::{Add, Div, Mul, Neg, Sub};
            $(rule!($om $($oa)+);)*
            $(rule!($rm $($ra)+);)*
            $(rule!($wm $($wa)+);)*
            $(rule!($dm $($da)+);)*
            $(rule!($mm $($ma)+);)*
            $(rule!($fm $($fa)+);)*
            $(rule!($um $($ua)+);)*
        }
    };
}

primitives!(rules);

#[test]
fn functions_beside_the_table_have_theirs() {
    check("log1p_exp", |[x]| x.log1p_exp());
    check("ndtr", |[x]| x.ndtr());
    check("normal_density", |[x]| x.normal_density());
    check("at_least", |[x, low]| x.at_least(low));
    check("at_most", |[x, high]| x.at_most(high));
    check("select", |[a, b, c]| Dual::select(a.lt(b), a * c, b));
    check("powf", |[a, e]| a.powf(e));
}

#[test]
fn what_does_not_depend_on_an_operand_has_no_tangent() {
    let x = Dual::variable(Lane::splat(2.0), Lane::splat(1.0));
    assert!(x.floor().tangent.is_none());
    assert!((Dual::c(3.0) * Dual::<Lane>::c(4.0)).exp().tangent.is_none());
    assert!(Dual::select(x.lt(x), Dual::c(1.0), Dual::<Lane>::c(2.0)).tangent.is_none());
}

#[test]
fn an_infinite_gradient_does_not_reach_the_branch_not_taken() {
    let x = Dual::variable(Lane::splat(-1.0), Lane::splat(f64::INFINITY));
    let y = Dual::select(x.lt(Dual::c(0.0)), Dual::c(0.0), x * x);
    assert_eq!(y.tangent.map(number), Some(0.0));
}
