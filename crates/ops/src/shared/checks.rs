//! Checks that several ops make before they compute.

use adjoint_autograd::{Attr, Attrs, Tensor};
use adjoint_tensor::{DType, Error, Meta, Result, Scalar};
use std::cmp::Ordering;

/// Refuses bool for an arithmetic op, naming the logical one.
pub fn not_bool(dtype: DType, what: &str, instead: &str) -> Result<()> {
    if dtype == DType::Bool {
        return Err(Error::dtype(format!(
            "{what} on bool tensors is not supported; use {instead} or cast with to('int64')"
        ))
        .with("dtype", "bool"));
    }
    Ok(())
}

/// The floating dtype `x` is computed in: its own, or `dtype`.
pub fn floating_dtype(x: &Meta, dtype: Option<DType>) -> Result<DType> {
    let out = dtype.unwrap_or(x.dtype());
    if out.is_float() {
        return Ok(out);
    }
    Err(Error::dtype(format!("expected a floating-point tensor, got {}; pass dtype or cast with to()", out.name()))
        .with("dtype", out.name()))
}

/// The error of indices, classes or counts of another dtype than they may have, with what to do
/// about it.
pub fn wrong_integers(what: &str, allowed: &str, got: DType) -> Error {
    let got = got.name();
    let message = format!(
        "expected {what} of dtype {allowed}, got {got}; make it with {{ dtype: 'int64' }} or cast with to('int64')"
    );
    Error::dtype(message).with("dtype", got)
}

/// Refuses an operand that must have the dtype of another and has not.
pub fn same_dtype(what: &str, got: DType, expected: DType) -> Result<()> {
    if got == expected {
        return Ok(());
    }
    let (got, expected) = (got.name(), expected.name());
    let message = format!("expected {what} of dtype {expected}, as input has, got {got}; cast with to('{expected}')");
    Err(Error::dtype(message).with("dtype", got))
}

/// Refuses integers and bools where PyTorch has no kernel for them in this operand.
pub fn floating(what: &str, got: DType) -> Result<()> {
    if got.is_float() {
        return Ok(());
    }
    let got = got.name();
    Err(Error::dtype(format!("expected {what} of a floating-point dtype, got {got}; cast with to('float32')"))
        .with("dtype", got))
}

/// The one input of an op that has one.
pub fn only<'a>(inputs: &[Option<&'a Tensor>]) -> Result<&'a Tensor> {
    inputs.first().copied().flatten().ok_or_else(|| Error::usage("expected a tensor"))
}

/// Refuses bool where PyTorch has no kernel for it: fails where every input is one.
pub fn not_bools(inputs: &[Option<&Tensor>]) -> Result<()> {
    let mut given = inputs.iter().flatten().peekable();
    if given.peek().is_some() && given.all(|t| t.dtype() == DType::Bool) {
        return Err(Error::dtype("expected numbers, got bool; cast with to('int64')").with("dtype", "bool"));
    }
    Ok(())
}

/// Refuses integers and bools where PyTorch has no kernel for them: fails where no input is
/// floating-point.
pub fn floats(inputs: &[Option<&Tensor>]) -> Result<()> {
    match inputs.iter().flatten().next() {
        Some(first) if inputs.iter().flatten().all(|t| !t.dtype().is_float()) => {
            let dtype = first.dtype().name();
            Err(Error::dtype(format!("expected floating-point numbers, got {dtype}; cast with to('float32')"))
                .with("dtype", dtype))
        }
        _ => Ok(()),
    }
}

/// Refuses integer division by a tensor that contains 0. Costs a pass over the divisor, for
/// integers only.
pub fn no_zero_divisor(inputs: &[Option<&Tensor>], _: &Attrs, dtype: DType) -> Result<()> {
    if dtype.is_float() {
        return Ok(());
    }
    let Some(divisor) = inputs[1] else { return Ok(()) };
    let divisor = divisor.array();
    let all = divisor.physical(divisor.batch(), 0)?;
    if let Some(at) = all.to_vec_i64()?.iter().position(|&v| v == 0) {
        return Err(Error::usage(format!("division by zero, element {at} of the integer divisor is 0")));
    }
    Ok(())
}

/// Refuses a number that the dtype does not have.
pub fn holds(what: &str, number: Scalar, dtype: DType) -> Result<()> {
    if number.fits(dtype) {
        return Ok(());
    }
    let dtype = dtype.name();
    Err(Error::dtype(format!("{what} {number} cannot be held by {dtype}; choose another dtype")).with("dtype", dtype))
}

/// Refuses a plain number among the operands that the dtype does not have. A 0-dim tensor is cast.
pub fn holds_numbers(what: &str, operands: &[Option<&Tensor>], dtype: DType) -> Result<()> {
    for t in operands.iter().flatten().filter(|t| t.is_wrapped_number()) {
        holds(what, t.read_value()?, dtype)?;
    }
    Ok(())
}

/// Refuses a lower bound above all the dtype has and an upper one below it; for integers one that
/// cuts off nothing is fine.
pub fn bounds(low: Option<Scalar>, high: Option<Scalar>, dtype: DType) -> Result<()> {
    for (name, bound, wrong) in [("min", low, Ordering::Greater), ("max", high, Ordering::Less)] {
        let Some(bound) = bound else { continue };
        if bound.is_outside(dtype) == Some(wrong) || (dtype.is_float() && !bound.fits(dtype)) {
            let dtype = dtype.name();
            return Err(Error::dtype(format!("{name} {bound} is outside the range of {dtype}; choose another bound"))
                .with("dtype", dtype));
        }
    }
    Ok(())
}

/// The plain number that is operand `i`.
pub fn number_at(operands: &[Option<&Tensor>], i: usize) -> Result<Option<Scalar>> {
    let given = operands.get(i).copied().flatten();
    given.filter(|t| t.is_wrapped_number()).map(Tensor::read_value).transpose()
}

/// Refuses a factor that the dtype does not have, or for integers one that no double holds.
pub fn factor(what: &str, factor: Option<Scalar>, dtype: DType) -> Result<()> {
    let Some(factor) = factor else { return Ok(()) };
    holds(what, factor, dtype)?;
    match factor {
        // The kernels take it as a double.
        Scalar::Int(v) if !dtype.is_float() && i128::from(v) != v as f64 as i128 => {
            Err(Error::usage(format!("{what} {v} is beyond 2^53 and no double; multiply other by it")))
        }
        _ => Ok(()),
    }
}

/// The same for `alpha`, which may not be a floating-point number for integers.
pub fn integral_alpha(attrs: &Attrs, dtype: DType) -> Result<()> {
    match attrs.get(0) {
        Attr::Scalar(Scalar::Float(v)) | Attr::Float(v) if !dtype.is_float() => Err(Error::dtype(format!(
            "for integral tensors alpha must not be a floating-point number, got {v} with {}",
            dtype.name()
        ))),
        _ => factor("alpha", attrs.opt_scalar(0), dtype),
    }
}
