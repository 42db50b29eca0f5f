//! Formulas over tensors with history.
//!
//! Constants and parameters stay numbers until they meet a tensor.

use crate::elementwise as ops;
use adjoint_autograd::Tensor;
use adjoint_kernels::program::{Code, Program, number};
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
    Ok(Value::Tensor(match code {
        Code::Select => ops::where_::where_(&a, &b.of_dtype(dtype)?, &c.of_dtype(dtype)?),
        _ => match op(code) {
            Op::One(op) => op(&a),
            Op::Two(op) => op(&a, &b.tensor()?),
        },
    }?))
}

/// The op that a step is.
enum Op {
    One(fn(&Tensor) -> Result<Tensor>),
    Two(fn(&Tensor, &Tensor) -> Result<Tensor>),
}

/// The op of a row: the one of the same name, or the one named otherwise than the method.
macro_rules! op {
    (is_nan $a:ident) => {
        // What is not itself.
        Op::Two(ops::ne::ne)
    };
    (max $a:ident $b:ident) => {
        Op::Two(ops::maximum::maximum)
    };
    (min $a:ident $b:ident) => {
        Op::Two(ops::minimum::minimum)
    };
    (div_trunc $a:ident $b:ident) => {
        Op::Two(ops::div::div_trunc)
    };
    (div_floor $a:ident $b:ident) => {
        Op::Two(ops::div::div_floor)
    };
    (recip $a:ident) => {
        Op::One(ops::reciprocal::reciprocal)
    };
    ($name:ident $a:ident) => {
        Op::One(ops::$name::$name)
    };
    ($name:ident $a:ident $b:ident) => {
        Op::Two(ops::$name::$name)
    };
}

macro_rules! tracked {
    (
        operators { $($(#[$_od:meta])* $oc:ident $om:ident($oa:ident $(, $ob:ident)?) $_ot:tt)* }
        ring { $($(#[$_rd:meta])* $rc:ident $rm:ident($ra:ident $(, $rb:ident)?) $_rt:tt)* }
        rounding { $($(#[$_wd:meta])* $wc:ident $wm:ident($wa:ident) $_wt:tt)* }
        questions { $($(#[$_qd:meta])* $qc:ident $qm:ident($qa:ident $(, $qb:ident)?) $_qt:tt)* }
        float_operators { $($(#[$_dd:meta])* $dc:ident $dm:ident($da:ident $(, $db:ident)?) $_dt:tt)* }
        fused $_m:tt
        float { $($(#[$_fd:meta])* $fc:ident $fm:ident($fa:ident $(, $fb:ident)?) $_ft:tt)* }
        functions { $($(#[$_ud:meta])* $uc:ident $um:ident($ua:ident) $_ut:tt)* }
        $($rest:tt)*
    ) => {
        fn op(code: Code) -> Op {
            match code {
                $(Code::$oc => op!($om $oa $($ob)?),)*
                $(Code::$rc => op!($rm $ra $($rb)?),)*
                $(Code::$wc => op!($wm $wa),)*
                $(Code::$qc => op!($qm $qa $($qb)?),)*
                $(Code::$dc => op!($dm $da $($db)?),)*
                $(Code::$fc => op!($fm $fa $($fb)?),)*
                $(Code::$uc => op!($um $ua),)*
                Code::Both => Op::Two(ops::logical_and::logical_and),
                Code::Either => Op::Two(ops::logical_or::logical_or),
                Code::Negate => Op::One(ops::logical_not::logical_not),
                _ => unreachable!("a derivative has no steps on bits"),
            }
        }
    };
}

adjoint_kernels::primitives!(tracked);
