//! How often each integer comes.

use crate::shared::checks;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Arg, Arrays, Body, Call, Class, Default, Facts, Kind, OpDef, Sample, SampleTensor, Specs, Vjp};
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Option<Specs>> {
    let x = call.input(0);
    if x.dtype().is_float() || x.dtype() == DType::Bool {
        return Err(checks::wrong_integers("input", "int64 or another integer", x.dtype()));
    }
    if x.rank() > 1 || (x.rank() == 0) {
        return Err(Error::shape(format!("only supports vectors, got shape {:?}", x.shape())));
    }
    if let Some(weights) = call.given(1).filter(|w| w.shape() != x.shape()) {
        return Err(Error::shape(format!(
            "input and weights should have the same length, got shapes {:?} and {:?}",
            x.shape(),
            weights.shape()
        )));
    }
    match call.attrs.opt_int(0) {
        Some(n) if n < 0 => Err(Error::usage(format!("minlength should be >= 0, got {n}"))),
        _ => Ok(None),
    }
}

fn run(call: &Call) -> Result<Arrays> {
    let places = call.input(0).cast(DType::Int64)?.contiguous()?;
    let places = places.as_slice::<i64>();
    let (lowest, greatest) = places.iter().fold((0, -1), |(low, high): (i64, i64), &v| (low.min(v), high.max(v)));
    if lowest < 0
        && let Some(v) = places.iter().find(|&&v| v < 0)
    {
        return Err(Error::usage(format!("only supports non-negative integers, got {v}")));
    }
    let least = call.attrs.opt_int(0).unwrap_or(0);
    let count = greatest.saturating_add(1).max(least);
    let n = usize::try_from(count)
        .map_err(|_| Error::usage(format!("would count {count} integers, more than any memory holds")))?;
    let Some(weights) = call.given(1) else {
        let mut counts = scratch::filled(0i64, n)?;
        places.iter().for_each(|&v| counts[v as usize] += 1);
        return Ok(smallvec![Array::from_slice(&counts, &[n])?]);
    };
    let mut sums = scratch::filled(0.0, n)?;
    places.iter().zip(weights.to_vec_f64()?).for_each(|(&v, w)| sums[v as usize] += w);
    let dtype = if weights.dtype() == DType::Float32 { DType::Float32 } else { DType::Float64 };
    Ok(smallvec![Array::from_slice(&sums, &[n])?.cast(dtype)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bincount",
    doc: "Returns how often each of 0, 1, … comes in `input`, a vector of integers, or the sum of its `weights`.\n\n\
          As long as one more than the greatest, and at least `minlength`. int64, or float64 with weights (float32 with \
          those). Negative integers are an error. Without a derivative. Source: PyTorch, `torch.bincount`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("weights", Kind::Tensor, Default::None),
        Arg::optional("minlength", Kind::Int, Default::Int(0)),
    ],
    class: Class::Index,
    body: Body::Dynamic { rule, run },
    vjp: Vjp::None("the input is integers"),
    samples: || {
        let x = || SampleTensor::ints(&[6], 0, 4).into();
        let weights = SampleTensor::new(&[6]).constant().into();
        vec![Sample::new("counts", vec![x()]), Sample::new("weights", vec![x(), weights, int(7).into()])]
    },
    errors: || {
        let x = |low| Sample::new("a negative one", vec![SampleTensor::ints(&[2], low, low).into()]);
        vec![
            fails(x(-1), Code::Usage, "non-negative"),
            fails(Sample::new("floats", vec![SampleTensor::new(&[2]).into()]), Code::DType, "int64"),
        ]
    },
    ..OpDef::BASE
}
.shipped();
