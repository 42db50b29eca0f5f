//! Classes as rows of zeros with a one.

use crate::invoke;
use crate::shared::checks;
use adjoint_autograd::op::{Arrays, Default};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Class, ErrorSample, Facts, Kind, OpDef, Sample, SampleTensor, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_tensor::{Array, Code, DType, Dims, Error, Meta, Result, array::checked_size};
use smallvec::smallvec;

/// The number of classes that was asked for; -1 where it is one more than the greatest class.
fn asked(call: &Facts) -> i64 {
    call.attrs.opt_int(0).unwrap_or(-1)
}

fn shape(x: &Meta, classes: i64) -> Result<Dims> {
    let mut shape = Dims::from_slice(x.shape());
    shape.push(checked_size(classes)?);
    Ok(shape)
}

fn rule(call: &Facts) -> Result<Option<Specs>> {
    let x = call.input(0);
    if x.dtype() != DType::Int64 {
        return Err(checks::wrong_integers("classes", "int64", x.dtype()));
    }
    match asked(call) {
        -1 if x.numel() == 0 => Err(Error::usage("numClasses cannot be worked out from no classes; pass numClasses")),
        -1 => Ok(None),
        n if n < 1 => Err(Error::usage(format!("numClasses must be positive or -1, got {n}"))),
        n => Ok(Some(Spec::one(shape(x, n)?, DType::Int64))),
    }
}

fn run(call: &Call) -> Result<Arrays> {
    let x = call.input(0).contiguous()?;
    let classes = x.as_slice::<i64>();
    if let Some(c) = classes.iter().find(|&&c| c < 0) {
        return Err(Error::usage(format!("class values must be non-negative, got {c}")));
    }
    let n = match (asked(call), classes.iter().max()) {
        (-1, greatest) => greatest.map_or(0, |c| c.saturating_add(1)),
        (n, Some(c)) if *c >= n => {
            return Err(Error::usage(format!("class values must be smaller than numClasses = {n}, got {c}")));
        }
        (n, _) => n,
    };
    let shape = shape(&x, n)?;
    let mut out = Array::zeros(&shape, DType::Int64)?;
    for (row, &c) in out.as_mut_slice::<i64>().chunks_exact_mut(shape[x.rank()]).zip(classes) {
        row[c as usize] = 1;
    }
    Ok(smallvec![out])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "one_hot",
    doc: "Returns a tensor with one more dim of `numClasses`, 1 at the class each element of `input` names and 0 elsewhere.\n\n\
          `input` and the result are int64. `numClasses` of −1 is one more than the greatest class. Negative classes and classes that do not \
          exist are errors. Without a derivative. Source: PyTorch, `torch.nn.functional.one_hot`.",
    args: &[Arg::tensor("input"), Arg::optional("num_classes", Kind::Int, Default::Int(-1))],
    class: Class::Index,
    surface: &[Api::Functional],
    body: Body::Dynamic { rule, run },
    vjp: Vjp::None("the input is classes"),
    samples: || {
        let s = |label: &str, shape: &[usize], n| {
            Sample::new(label, vec![SampleTensor::ints(shape, 0, 3).into(), Attr::Int(n).into()])
        };
        vec![s("the number of classes given", &[4], 5), s("worked out", &[2, 3], -1), s("a 0-dim tensor", &[], 3)]
    },
    errors: || {
        let e = |label: &str, t: SampleTensor, n, code, message| ErrorSample {
            sample: Sample::new(label, vec![t.into(), Attr::Int(n).into()]),
            code,
            message,
        };
        vec![
            e("a class too large", SampleTensor::ints(&[1], 2, 3), 2, Code::Usage, "smaller than numClasses"),
            e("a negative class", SampleTensor::ints(&[1], -2, -1), 2, Code::Usage, "non-negative"),
            e("floats", SampleTensor::new(&[2]), -1, Code::DType, "int64"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// Classes as rows of `n` numbers.
pub fn one_hot(x: &Tensor, n: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(n as i64))
}
