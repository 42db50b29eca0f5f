//! Formulas over tensors with history.
//!
//! Constants and parameters stay numbers until they meet a tensor.

use crate::elementwise as ops;
use adjoint_autograd::Tensor;
use adjoint_kernels::algebra::{Code, Program, function};
use adjoint_tensor::{Array, DType, Result, Scalar};

#[derive(Clone)]
enum Value {
    /// That of a step nothing reads.
    Absent,
    Number(f64),
    Tensor(Tensor),
}

impl Value {
    /// A number promotes as numbers do: it takes the dtype of the tensor it meets.
    fn tensor(&self) -> Result<Tensor> {
        match self {
            Value::Tensor(t) => Ok(t.clone()),
            Value::Number(v) => Tensor::number(Scalar::Float(*v)),
            Value::Absent => unreachable!("a program reads what it keeps"),
        }
    }

    /// A number has the dtype of the formula.
    fn of_dtype(&self, dtype: DType) -> Result<Tensor> {
        match self {
            Value::Number(v) => Ok(Tensor::from_array(Array::full(&[], dtype, Scalar::Float(*v))?)),
            value => value.tensor(),
        }
    }
}

/// Runs a program on tensors; the result has the dtype of the first, and so has a choice between
/// two numbers.
#[allow(clippy::disallowed_methods, reason = "formulas are short")]
pub fn evaluate(program: &Program, inputs: &[&Tensor], params: &[f64]) -> Result<Tensor> {
    let dtype = inputs[0].dtype();
    let mut values = Vec::with_capacity(program.steps().len());
    for step in program.steps() {
        let at = usize::from(step.operands[0]);
        values.push(match step.code {
            _ if step.last_use == 0 => Value::Absent,
            Code::Input => Value::Tensor(inputs[at].clone()),
            Code::Param => Value::Number(params[at]),
            Code::Constant => Value::Number(program.constants()[at]),
            code => compute(code, dtype, step.operands.map(|i| &values[usize::from(i)]))?,
        });
    }
    let result = values.pop().unwrap_or(Value::Absent).tensor()?;
    if result.dtype() == dtype { Ok(result) } else { ops::to::to(&result, dtype) }
}

fn compute(code: Code, dtype: DType, [a, b, c]: [&Value; 3]) -> Result<Value> {
    if let (Value::Number(x), Value::Number(y)) = (a, b)
        && let Some(v) = number(code, *x, *y)
    {
        return Ok(Value::Number(v));
    }
    if code == Code::Mul && matches!(a, Value::Number(_)) {
        // As last operand of a product a number is exact beside halves, and PyTorch puts it there.
        return compute(code, dtype, [b, a, c]);
    }
    if code == Code::MulAdd {
        return compute(Code::Add, dtype, [&compute(Code::Mul, dtype, [a, b, a])?, c, c]);
    }
    let a = a.tensor()?;
    let two = |op: fn(&Tensor, &Tensor) -> Result<Tensor>| op(&a, &b.tensor()?);
    Ok(Value::Tensor(match code {
        Code::Add => two(ops::add::add),
        Code::Sub => two(ops::sub::sub),
        Code::Mul => two(ops::mul::mul),
        Code::Div => two(ops::div::div),
        Code::Both => two(ops::logical_and::logical_and),
        Code::Either => two(ops::logical_or::logical_or),
        Code::Lt => two(ops::lt::lt),
        Code::Le => two(ops::le::le),
        Code::Eq => two(ops::eq::eq),
        Code::IsNan => two(ops::ne::ne),
        Code::Max => two(ops::maximum::maximum),
        Code::Min => two(ops::minimum::minimum),
        Code::Fmod => two(ops::fmod::fmod),
        Code::Remainder => two(ops::remainder::remainder),
        Code::Pow => two(ops::pow::pow),
        Code::Atan2 => two(ops::atan2::atan2),
        Code::DivTrunc => two(ops::div::div_trunc),
        Code::DivFloor => two(ops::div::div_floor),
        Code::Select => ops::where_::where_(&a, &b.of_dtype(dtype)?, &c.of_dtype(dtype)?),
        _ => one(code)(&a),
    }?))
}

/// The op of one tensor that a step is.
fn one(code: Code) -> fn(&Tensor) -> Result<Tensor> {
    match code {
        Code::Neg => ops::neg::neg,
        Code::Negate => ops::logical_not::logical_not,
        Code::Abs => ops::abs::abs,
        Code::Sqrt => ops::sqrt::sqrt,
        Code::Recip => ops::reciprocal::reciprocal,
        Code::Floor => ops::floor::floor,
        Code::Ceil => ops::ceil::ceil,
        Code::Trunc => ops::trunc::trunc,
        Code::Round => ops::round::round,
        Code::Exp => ops::exp::exp,
        Code::Exp2 => ops::exp2::exp2,
        Code::Expm1 => ops::expm1::expm1,
        Code::Log => ops::log::log,
        Code::Log2 => ops::log2::log2,
        Code::Log10 => ops::log10::log10,
        Code::Log1p => ops::log1p::log1p,
        Code::Sin => ops::sin::sin,
        Code::Cos => ops::cos::cos,
        Code::Tan => ops::tan::tan,
        Code::Asin => ops::asin::asin,
        Code::Acos => ops::acos::acos,
        Code::Atan => ops::atan::atan,
        Code::Sinh => ops::sinh::sinh,
        Code::Cosh => ops::cosh::cosh,
        Code::Tanh => ops::tanh::tanh,
        Code::Asinh => ops::asinh::asinh,
        Code::Acosh => ops::acosh::acosh,
        Code::Atanh => ops::atanh::atanh,
        Code::Sigmoid => ops::sigmoid::sigmoid,
        Code::Erf => ops::erf::erf,
        Code::Erfc => ops::erfc::erfc,
        Code::Erfinv => ops::erfinv::erfinv,
        Code::Lgamma => ops::lgamma::lgamma,
        Code::Digamma => ops::digamma::digamma,
        _ => unreachable!("a derivative has no steps on bits"),
    }
}

/// What a step makes of two numbers, of which a function of one takes the first; `None` where the
/// answer is no number.
fn number(code: Code, x: f64, y: f64) -> Option<f64> {
    Some(match code {
        Code::Add => x + y,
        Code::Sub => x - y,
        Code::Mul => x * y,
        Code::Div => x / y,
        Code::Neg => -x,
        Code::Max => x.max(y),
        Code::Min => x.min(y),
        Code::Abs => x.abs(),
        Code::Fmod => x % y,
        Code::Remainder => x - y * (x / y).floor(),
        Code::Pow => x.powf(y),
        Code::Atan2 => x.atan2(y),
        Code::Sqrt => x.sqrt(),
        Code::Recip => x.recip(),
        Code::Floor => x.floor(),
        Code::Ceil => x.ceil(),
        Code::Trunc => x.trunc(),
        Code::Round => x.round_ties_even(),
        code => return function(code).map(|f| f(x)),
    })
}
