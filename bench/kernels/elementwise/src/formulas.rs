//! The formulas measured. All take three operands, so that one kind of export serves; those unused are not loaded.

use adjoint_kernels::algebra::Algebra;
use adjoint_kernels::elementwise::Formula;

macro_rules! formulas {
    ($($name:ident($x:ident, $y:ident, $z:ident) = $value:expr;)+) => {$(
        pub struct $name;
        impl Formula<3, 0> for $name {
            #[inline(always)]
            fn eval<A: Algebra>([$x, $y, $z]: [A; 3], []: [A; 0]) -> A {
                $value
            }
        }
    )+};
}

formulas! {
    Exp(x, _y, _z) = x.exp();
    Expm1(x, _y, _z) = x.expm1();
    Log(_x, y, _z) = y.log();
    Log1p(_x, y, _z) = y.log1p();
    Tanh(x, _y, _z) = x.tanh();
    Sigmoid(x, _y, _z) = x.sigmoid();
    Sin(x, _y, _z) = x.sin();
    Cos(x, _y, _z) = x.cos();
    Erf(x, _y, _z) = x.erf();
    Gelu(x, _y, _z) = x * A::c(0.5) * (A::c(1.0) + (x * A::c(core::f64::consts::FRAC_1_SQRT_2)).erf());
    Lgamma(_x, y, _z) = y.lgamma();
    Add(x, y, _z) = x + y;
    Max(x, y, _z) = x.max(y);
    MulAdd(x, y, z) = x.mul_add(y, z);
    ReluBackward(x, y, _z) = A::select(x.gt(A::c(0.0)), y, A::c(0.0));
}
