//! An interpreted formula gives the bits of the formula itself, element by element, for every operation there is.

use adjoint_kernels::algebra::{Algebra, Bits, F64s, Int, Ring};
use adjoint_kernels::dtype::{Bool, DType, Element};
use adjoint_kernels::elementwise::{
    BitsFormula, Blocks, Formula, Predicate, RingFormula, bits_blocks, float_blocks, predicate_blocks, ring_blocks,
    run_dense,
};

/// Lengths around an iteration and a register.
const LENGTHS: [usize; 9] = [1, 3, 4, 15, 16, 127, 128, 130, 1_100];

fn numbers(seed: u64, len: usize) -> Vec<f64> {
    const SPECIAL: [f64; 8] = [0.0, -0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.5];
    let mut state = seed;
    (0..len)
        .map(|i| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if i % 11 == 3 { SPECIAL[(state >> 60) as usize % 8] } else { (state >> 40) as f64 / 4_194_304.0 - 2.0 }
        })
        .collect()
}

/// Runs `blocks` on two inputs and a parameter; `wide` says how many bytes a result has.
fn run<T: Copy>(blocks: &Blocks, dtype: DType, x: &[T], y: &[T], p: f64, wide: usize) -> Vec<u8> {
    let mut out = vec![0xAAu8; x.len() * wide];
    let ins = [x.as_ptr().cast::<u8>(), y.as_ptr().cast::<u8>()];
    // SAFETY: both inputs and the output have as many elements, and the formula takes two inputs and a parameter.
    unsafe { run_dense(blocks, dtype, &ins, &[p], out.as_mut_ptr(), x.len()) };
    out
}

/// A function that compares each of these formulas with what the interpreter makes of it.
macro_rules! float_formulas {
    ($($name:ident: |$x:ident, $y:ident, $p:ident| $value:expr;)+) => {
        /// Fails where one differs.
        pub fn have_the_bits() {
            $({
                struct $name;
                impl Formula<2, 1> for $name {
                    fn eval<A: Algebra>([$x, $y]: [A; 2], [$p]: [A; 1]) -> A {
                        $value
                    }
                }
                let blocks = float_blocks::<$name, 2, 1>();
                for len in LENGTHS {
                    let (x, y) = (numbers(7, len), numbers(8, len));
                    // Which NaN it is depends on the order a compiler gives the operands of an addition. One number stands
                    // for all: a choice between NaN and a float a compiler may leave out.
                    let bits = |v: f64| if v.is_nan() { u64::MAX } else { v.to_bits() };
                    let got = run(&blocks, DType::Float64, &x, &y, 0.75, 8);
                    for (i, got) in got.as_chunks::<8>().0.iter().enumerate() {
                        let want = $name::eval([F64s::<1>::splat(x[i]), F64s::splat(y[i])], [F64s::splat(0.75)]);
                        let (got, want) = (f64::from_ne_bytes(*got), want.to_array()[0][0]);
                        assert_eq!(bits(got), bits(want), "{} of {len}: {got} and not {want}", stringify!($name));
                    }
                }
            })+
        }
    };
}

float_formulas! {
    Sum: |x, y, p| x + p * y - A::c(3.0) / (-x);
    Fused: |x, y, p| x.mul_add(y, p).mul_add(A::c(2.0), x);
    Choice: |x, y, p| A::select(x.lt(y) & !(x.le(p)) | y.eq(p), x, A::select(x.is_nan() | y.ge(x), y.abs(), p));
    Extremes: |x, y, p| x.max(y).min(p) + x.gt(y).pick(x, y);
    Rounded: |x, y, p| x.floor() + y.ceil() * x.trunc() - (p * y).round();
    Divided: |x, y, p| x.div_trunc(y) + x.div_floor(p) + x.fmod(y) + y.remainder(p);
    Powers: |x, y, p| x.pow(y) + y.abs().powf(p) + x.abs().sqrt() + y.recip();
    Exponentials: |x, y, p| x.exp() + y.exp2() + (x * p).expm1() + y.sigmoid();
    Logarithms: |x, y, p| x.abs().log() + y.abs().log2() + (x * x).log10() + (p * y).log1p();
    Circular: |x, y, p| x.sin() + y.cos() + (x * p).tan() + x.asin() + y.acos() + x.atan() + y.atan2(x);
    Hyperbolic: |x, y, p| x.sinh() + y.cosh() + (x * p).tanh() + x.asinh() + y.acosh() + x.atanh();
    Special: |x, y, p| x.erf() + y.erfc() + (x * p).erfinv() + x.abs().lgamma() + y.digamma();
    TheInput: |x, _y, _p| x;
    TheParameter: |_x, _y, p| p;
    AConstant: |_x, _y, _p| A::c(2.5);
    Shared: |x, y, p| { let s = x * y; let t = s + p; s * t + t * t - s };
}

#[test]
fn every_formula_of_floats_has_the_bits_of_the_formula() {
    have_the_bits();
}

#[test]
fn every_function_of_floats_has_the_bits_of_the_formula() {
    functions::have_the_bits();
}

/// Every function there is, from the table of primitives.
macro_rules! every_function {
    (
        operators $_o:tt ring $_r:tt rounding $_w:tt questions $_q:tt float_operators $_d:tt fused $_m:tt
        float { $($(#[$_fd:meta])* $fc:ident $fm:ident($fa:ident $(, $fb:ident)?) $_ft:tt)* }
        functions { $($(#[$_ud:meta])* $uc:ident $um:ident($ua:ident) $_ut:tt)* }
        $($rest:tt)*
    ) => {
        mod functions {
            use super::*;
            float_formulas! {
                $($fc: |x, _y, _p| x.$fm($(second!($fb _y))?);)*
                $($uc: |x, _y, _p| x.$um();)*
            }
        }
    };
}

/// The second operand, for rows that name one.
macro_rules! second {
    ($named:ident $y:ident) => {
        $y
    };
}

adjoint_kernels::primitives!(every_function);

trait Pick: Copy {
    fn pick<A: Ring<Mask = Self>>(self, a: A, b: A) -> A;
}

impl<M: Copy> Pick for M {
    fn pick<A: Ring<Mask = M>>(self, a: A, b: A) -> A {
        A::select(self, a, b)
    }
}

struct Whole;
impl RingFormula<2, 1> for Whole {
    fn eval<R: Ring>([x, y]: [R; 2], [p]: [R; 1]) -> R {
        let quotients = x.div_trunc(y) + x.div_floor(y) * x.fmod(y) + x.remainder(y);
        let chosen = R::select(x.lt(y) | !x.eq(p) & y.le(p), x.max(y), x.min(y).abs());
        quotients + chosen * x + R::select(x.is_nan(), y, x.pow(y))
    }
}

struct Masked;
impl BitsFormula<2, 1> for Masked {
    fn eval<B: Bits>([x, y]: [B; 2], [p]: [B; 1]) -> B {
        (x & !y) ^ (x | p) ^ x.shl(y) ^ x.shr(p)
    }
}

struct Asked;
impl Predicate<2, 1> for Asked {
    fn test<R: Ring>([x, y]: [R; 2], [p]: [R; 1]) -> R::Mask {
        x.lt(y) & x.ne(p) | !y.gt(x)
    }
}

struct Both;
impl Predicate<2, 1> for Both {
    fn test<R: Ring>([x, y]: [R; 2], [_]: [R; 1]) -> R::Mask {
        x.ne(R::c(0.0)) & y.ne(R::c(0.0))
    }
}

struct Neither;
impl Predicate<2, 1> for Neither {
    fn test<R: Ring>([x, y]: [R; 2], [p]: [R; 1]) -> R::Mask {
        let either = x.ne(R::c(0.0)) | !!y.ne(R::c(0.0));
        !(either & p.ne(R::c(0.0))) & !either & !!!x.eq(R::c(1.0))
    }
}

struct IsTrue;
impl Predicate<2, 1> for IsTrue {
    fn test<R: Ring>([x, _]: [R; 2], [_]: [R; 1]) -> R::Mask {
        x.ne(R::c(0.0))
    }
}

#[test]
fn questions_about_booleans_take_few_steps() {
    fn agree<F: Predicate<2, 1>>(steps: usize) {
        let blocks = predicate_blocks::<F, 2, 1>();
        for len in LENGTHS {
            let bools =
                |seed| numbers(seed, len).iter().map(|&v| Bool::from_f64(f64::from(v > 0.0))).collect::<Vec<_>>();
            let (x, y) = (bools(3), bools(4));
            let got = run(&blocks, DType::Bool, &x, &y, 3.0, 1);
            let p = Bool::from_f64(3.0);
            let want: Vec<u8> = x.iter().zip(&y).map(|(&x, &y)| u8::from(F::test([x, y], [p]))).collect();
            assert!(got == want, "of {len}");
        }
        let program = blocks.program().for_bools();
        let computed = program.steps().iter().filter(|step| step.last_use != 0 && !step.code.is_leaf());
        assert_eq!(computed.count(), steps);
    }
    agree::<Both>(1);
    agree::<Neither>(8);
    agree::<IsTrue>(2);
    agree::<Asked>(7);
}

#[test]
fn integers_and_booleans_have_the_values_of_the_formula() {
    for len in LENGTHS {
        let ints = |seed| numbers(seed, len).iter().map(|v| (v * 7.0) as i64).collect::<Vec<_>>();
        let (x, y, p) = (ints(1), ints(2), Int(3i64));
        let pairs = || x.iter().zip(&y).map(|(&x, &y)| [Int(x), Int(y)]);
        let bytes = |f: &dyn Fn([Int<i64>; 2]) -> i64| pairs().flat_map(|v| f(v).to_ne_bytes()).collect::<Vec<u8>>();
        let got = run(&ring_blocks::<Whole, 2, 1>(), DType::Int64, &x, &y, 3.0, 8);
        assert!(got == bytes(&|v| Whole::eval(v, [p]).0), "int64 of {len}");
        let got = run(&bits_blocks::<Masked, 2, 1>(), DType::Int64, &x, &y, 3.0, 8);
        assert!(got == bytes(&|v| Masked::eval(v, [p]).0), "bits of {len}");
        let got = run(&predicate_blocks::<Asked, 2, 1>(), DType::Int64, &x, &y, 3.0, 1);
        assert!(got == pairs().map(|v| u8::from(Asked::test(v, [p]))).collect::<Vec<_>>(), "answers of {len}");

        let bools = |seed| numbers(seed, len).iter().map(|&v| Bool::from_f64(f64::from(v > 0.0))).collect::<Vec<_>>();
        let (x, y, p) = (bools(3), bools(4), Bool::from_f64(3.0));
        let each = |f: &dyn Fn([Bool; 2]) -> Bool| x.iter().zip(&y).map(|(&x, &y)| f([x, y]).0).collect::<Vec<u8>>();
        let got = run(&ring_blocks::<Whole, 2, 1>(), DType::Bool, &x, &y, 3.0, 1);
        assert!(got == each(&|v| Whole::eval(v, [p])), "bool of {len}");
        let got = run(&bits_blocks::<Masked, 2, 1>(), DType::Bool, &x, &y, 3.0, 1);
        assert!(got == each(&|v| Masked::eval(v, [p])), "bits of bool of {len}");
        let got = run(&predicate_blocks::<Asked, 2, 1>(), DType::Bool, &x, &y, 3.0, 1);
        assert!(got == each(&|v| Bool::from_f64(f64::from(Asked::test(v, [p])))), "answers of bool of {len}");
    }
}
