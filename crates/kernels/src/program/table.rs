//! The table of primitives: one row for each step a formula may take.
//!
//! A row has the step's [`Code`](super::Code), the method formulas call with its operands, and in
//! braces its derivative and, for functions, what computes them. `primitives!(stamp)` hands all
//! rows to the macro `stamp`, which makes of them what it is for:
//!
//! | stamped | in |
//! |---|---|
//! | the methods of `Ring`, `Algebra` and `Bits` | `algebra/mod.rs` |
//! | vector lanes of f32, of f64, of integers | `algebra/{f32s, f64s, many}.rs` |
//! | derivatives of formulas | `algebra/dual.rs` |
//! | codes and their names, what a step makes of two numbers | `program/code.rs` |
//! | the recorder | `program/record.rs` |
//! | the interpreter's arms | `program/interpret.rs` |
//! | the name in print | `program/print.rs` |
//! | the op that a step is on tensors with history | crate `ops`, `formula/tracked.rs` |
//!
//! A new function of floats is a row here, its code in `vecmath`, and the file of its op.
//!
//! **Sections**: `operators`, `ring`, `rounding` and `questions` are of every dtype,
//! `float_operators`, `fused`, `float` and `functions` of floats, `bit_operators` and `bits` of
//! integers and booleans. Operators are Rust's, whose traits have the codes' names. Each kind of
//! lanes says itself what all but `functions` are; `rounding` leaves integers as they are.
//!
//! **Derivatives** are `|g, y| […]`: from `g`, a tangent of an operand, its share of the tangent of
//! the result `y`, an expression for each operand in order. Read backwards they are gradients, with
//! the rules of PyTorch at kinks. `flat` is a step whose derivative is 0 wherever it has one.
//! Formulas without a source here are in every table of derivatives; that of `erf` is its
//! integrand, and that of `erfinv` follows from it.
//!
//! **Functions** name what computes f32, `vector` for code of their own in `vecmath` and `lanes`
//! for number by number through f64; then what computes f64, `numbers` for a function of one and
//! `pairs` for one of two lanes.

/// Hands the rows of the table of primitives to the macro of that name; see `program/table.rs`.
#[macro_export]
macro_rules! primitives {
    ($stamp:ident) => {
        $stamp! {
            operators {
                /// The sum.
                Add add(a, b) { |g, _| [g, g] }
                /// The difference.
                Sub sub(a, b) { |g, _| [g, -g] }
                /// The product.
                Mul mul(a, b) { |g, _| [g * b, g * a] }
                /// The negative.
                Neg neg(a) { |g, _| [-g] }
            }
            ring {
                /// The larger; NaN where either is NaN, as `torch.maximum`.
                // Both get all of the gradient where either is NaN, and half of it where they are
                // equal, as in PyTorch.
                Max max(a, b) {
                    |g, _| [
                        A::select(a.eq(b), A::c(0.5) * g, A::select(a.lt(b), A::c(0.0), g)),
                        A::select(a.eq(b), A::c(0.5) * g, A::select(a.gt(b), A::c(0.0), g))
                    ]
                }
                /// The smaller; NaN where either is NaN, as `torch.minimum`.
                Min min(a, b) {
                    |g, _| [
                        A::select(a.eq(b), A::c(0.5) * g, A::select(a.gt(b), A::c(0.0), g)),
                        A::select(a.eq(b), A::c(0.5) * g, A::select(a.lt(b), A::c(0.0), g))
                    ]
                }
                /// `|self|`; the least integer stays what it is.
                // A product, not a selection: an infinite gradient at 0 gives NaN, as in PyTorch.
                Abs abs(a) {
                    |g, _| [
                        g * A::select(a.gt(A::c(0.0)), A::c(1.0), A::select(a.lt(A::c(0.0)), A::c(-1.0), A::c(0.0)))
                    ]
                }
                /// `self / b` rounded towards zero. An integer divided by zero gives 0; the caller
                /// raises PyTorch's error.
                DivTrunc div_trunc(a, b) { flat }
                /// `self / b` rounded towards −∞: Python's `//`. An integer divided by zero gives
                /// 0.
                DivFloor div_floor(a, b) { flat }
                /// What [`div_trunc`](Self::div_trunc) leaves, with the sign of `self`:
                /// `torch.fmod`, C's `%`. An integer modulo zero gives 0.
                Fmod fmod(a, b) { |g, _| [g, -(g * a.div_trunc(b))] }
                /// What [`div_floor`](Self::div_floor) leaves, with the sign of `b`:
                /// `torch.remainder`, Python's `%`. An integer modulo zero gives 0.
                Remainder remainder(a, b) { |g, _| [g, -(g * a.div_floor(b))] }
                /// `self` to the power `e`. For integers a negative power of anything but ±1 is 0,
                /// as in PyTorch, and products wrap.
                // 0 for an exponent of 0, not 0 · a^−1, and for a base of 0 with an exponent that
                // is not negative, not 0 · log 0.
                Pow pow(a, e) {
                    |g, y| [
                        A::select(e.eq(A::c(0.0)), A::c(0.0), g * (e * a.powf(e - A::c(1.0)))),
                        g * A::select(a.eq(A::c(0.0)) & A::c(0.0).le(e), A::c(0.0), y * a.log())
                    ]
                }
            }
            rounding {
                /// Rounds towards −∞; integers are whole already, here and below.
                Floor floor(a) { flat }
                /// Rounds towards +∞.
                Ceil ceil(a) { flat }
                /// Rounds towards zero.
                Trunc trunc(a) { flat }
                /// Rounds to the nearest integer, halves to even.
                Round round(a) { flat }
            }
            questions {
                /// `self < b`; false where either is NaN.
                Lt lt(a, b) {}
                /// `self <= b`; false where either is NaN.
                Le le(a, b) {}
                /// `self == b`; false where either is NaN.
                Eq eq(a, b) {}
                /// Where the value is NaN; nowhere for integers.
                IsNan is_nan(a) {}
            }
            float_operators {
                /// The quotient.
                // With the quotient again, which overflows later than a square of `b`.
                Div div(a, b) { |g, y| [g / b, -(g * (y / b))] }
            }
            fused {
                /// `self * b + c`, rounded once where the hardware fuses and twice elsewhere.
                MulAdd mul_add(a, b, c) { |g, _| [g * b, g * a, g] }
            }
            float {
                /// The square root.
                Sqrt sqrt(a) { |g, y| [g / (A::c(2.0) * y)] }
                /// `1 / self`.
                Recip recip(a) { |g, y| [-(g * y * y)] }
                /// The angle of the point (`x`, `self`) in [−π, π].
                // At the origin there is no angle, and 0 is the gradient. The quotient not taken makes
                // the second one NaN, as in PyTorch.
                Atan2 atan2(a, x) {
                    |g, _| [
                        {
                            let square = a * a + x * x;
                            g * (x * A::select(square.eq(A::c(0.0)), A::c(0.0), square.recip()))
                        },
                        {
                            let square = a * a + x * x;
                            -(g * (a * A::select(square.eq(A::c(0.0)), A::c(0.0), square.recip())))
                        }
                    ]
                }
            }
            functions {
                /// e to the power `self`.
                Exp exp(a) { vector pairs $crate::vecmath::f64::exp, |g, y| [g * y] }
                /// 2 to the power `self`.
                Exp2 exp2(a) { lanes numbers f64::exp2, |g, y| [g * y * A::c(core::f64::consts::LN_2)] }
                /// `e^self − 1`, accurate near 0.
                Expm1 expm1(a) { vector numbers f64::exp_m1, |g, y| [g * (y + A::c(1.0))] }
                /// The natural logarithm.
                Log log(a) { vector pairs $crate::vecmath::f64::log, |g, _| [g / a] }
                /// The logarithm to base 2.
                Log2 log2(a) { lanes numbers f64::log2, |g, _| [g / (a * A::c(core::f64::consts::LN_2))] }
                /// The logarithm to base 10.
                Log10 log10(a) { lanes numbers f64::log10, |g, _| [g / (a * A::c(core::f64::consts::LN_10))] }
                /// `log(1 + self)`, accurate near 0.
                Log1p log1p(a) { vector numbers f64::ln_1p, |g, _| [g / (a + A::c(1.0))] }
                /// The sine of an angle in radians.
                Sin sin(a) { vector pairs $crate::vecmath::f64::sin, |g, _| [g * a.cos()] }
                /// The cosine of an angle in radians.
                Cos cos(a) { vector pairs $crate::vecmath::f64::cos, |g, _| [-(g * a.sin())] }
                /// The tangent of an angle in radians.
                Tan tan(a) { vector numbers f64::tan, |g, y| [g * (A::c(1.0) + y * y)] }
                /// The angle in [−π/2, π/2] whose sine is `self`.
                Asin asin(a) { vector numbers f64::asin, |g, _| [g / (A::c(1.0) - a * a).sqrt()] }
                /// The angle in [0, π] whose cosine is `self`.
                Acos acos(a) { vector numbers f64::acos, |g, _| [-(g / (A::c(1.0) - a * a).sqrt())] }
                /// The angle in [−π/2, π/2] whose tangent is `self`.
                Atan atan(a) { vector numbers f64::atan, |g, _| [g / (A::c(1.0) + a * a)] }
                /// The hyperbolic sine.
                Sinh sinh(a) { lanes numbers f64::sinh, |g, _| [g * a.cosh()] }
                /// The hyperbolic cosine.
                Cosh cosh(a) { lanes numbers f64::cosh, |g, _| [g * a.sinh()] }
                /// The hyperbolic tangent.
                Tanh tanh(a) { vector pairs $crate::vecmath::f64::tanh, |g, y| [g * (A::c(1.0) - y) * (A::c(1.0) + y)] }
                /// The inverse of [`sinh`](Self::sinh).
                Asinh asinh(a) { lanes numbers $crate::vecmath::f64::asinh, |g, _| [g / (a * a + A::c(1.0)).sqrt()] }
                /// The non-negative inverse of [`cosh`](Self::cosh).
                Acosh acosh(a) { lanes numbers $crate::vecmath::f64::acosh, |g, _| [g / (a * a - A::c(1.0)).sqrt()] }
                /// The inverse of [`tanh`](Self::tanh).
                Atanh atanh(a) { lanes numbers $crate::vecmath::f64::atanh, |g, _| [g / (A::c(1.0) - a * a)] }
                /// `1 / (1 + e^−self)`.
                Sigmoid sigmoid(a) { vector pairs $crate::vecmath::f64::sigmoid, |g, y| [g * y * (A::c(1.0) - y)] }
                /// The error function, `2/√π ∫₀^self e^(−t²) dt`.
                Erf erf(a) {
                    vector numbers $crate::vecmath::f64::erf,
                    |g, _| [g * A::c(core::f64::consts::FRAC_2_SQRT_PI) * (-(a * a)).exp()]
                }
                /// `1 − erf(self)`, accurate where that is small.
                Erfc erfc(a) {
                    lanes numbers $crate::vecmath::f64::erfc,
                    |g, _| [-(g * A::c(core::f64::consts::FRAC_2_SQRT_PI) * (-(a * a)).exp())]
                }
                /// The inverse of [`erf`](Self::erf): ±∞ at ±1, NaN beyond.
                Erfinv erfinv(a) {
                    lanes numbers $crate::vecmath::f64::erfinv,
                    |g, y| [g * A::c(1.0 / core::f64::consts::FRAC_2_SQRT_PI) * (y * y).exp()]
                }
                /// `log |Γ(self)|`.
                Lgamma lgamma(a) { vector numbers $crate::vecmath::f64::lgamma, |g, _| [g * a.digamma()] }
                /// The derivative of `log Γ`.
                // The derivative of this is no primitive: NaN, which is taken for none. The op
                // says its own.
                Digamma digamma(a) { lanes numbers $crate::vecmath::f64::digamma, |g, _| [g * A::c(f64::NAN)] }
            }
            bit_operators {
                /// Bits that both have.
                BitAnd bitand(a, b) {}
                /// Bits that either has.
                BitOr bitor(a, b) {}
                /// Bits that one has.
                BitXor bitxor(a, b) {}
                /// The other bits.
                Not not(a) {}
            }
            bits {
                /// Shifts left; a count that is negative or not below the width gives 0.
                Shl shl(a, count) {}
                /// Shifts right, filling with the sign; a count that is negative or not below the
                /// width shifts everything out.
                Shr shr(a, count) {}
            }
        }
    };
}
