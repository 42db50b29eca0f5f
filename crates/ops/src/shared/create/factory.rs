//! What ops that make tensors from nothing share.

use crate::shared::view::memory_format;
use adjoint_autograd::{Api, Arg, Attr, Call, Class, Default, Facts, Half, Kind, OpDef, Spec, Specs, Vjp};
use adjoint_tensor::{Array, DType, Result, Scalar, promotion};

/// The parameter that says the dtype.
pub const DTYPE: Arg = Arg::optional("dtype", Kind::DType, Default::None);

const LIKE: &[Arg] = &[Arg::tensor("input"), DTYPE, memory_format::ARG];
const NEW: &[Arg] = &[Arg::tensor("input"), Arg::required("size", Kind::IntsSpread), DTYPE];

/// A free function of no tensors.
pub const fn factory() -> OpDef {
    OpDef {
        class: Class::Factory,
        surface: &[Api::Function],
        half: Half::Native,
        vjp: Vjp::None("returns a constant"),
        ..OpDef::BASE
    }
}

/// A free function that takes a tensor for its shape and dtype.
pub const fn like() -> OpDef {
    OpDef { args: LIKE, ..factory() }
}

/// A method that takes a tensor for its dtype.
pub const fn new() -> OpDef {
    OpDef { args: NEW, surface: &[Api::Method], ..factory() }
}

/// The rule of `zeros(size, dtype)`.
pub fn sized(call: &Facts) -> Result<Specs> {
    Ok(Spec::one(call.attrs.get_shape(0)?, call.attrs.opt_dtype(1).unwrap_or(promotion::DEFAULT_FLOAT)))
}

/// The rule of `zeros_like(input, dtype)`.
pub fn shaped_like(call: &Facts) -> Result<Specs> {
    Ok(memory_format::like(call, 1, call.attrs.opt_dtype(0).unwrap_or(call.input(0).dtype())))
}

/// The rule of `new_zeros(input, size, dtype)`.
pub fn typed_like(call: &Facts) -> Result<Specs> {
    Ok(Spec::one(call.attrs.get_shape(0)?, call.attrs.opt_dtype(1).unwrap_or(call.input(0).dtype())))
}

/// Fills the output with zeros.
pub fn zeros(_: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].fill(Scalar::Int(0));
    Ok(())
}

/// Fills the output with ones.
pub fn ones(_: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].fill(Scalar::Int(1));
    Ok(())
}

/// The dtype a number gives a tensor: bool, int64 or the default floating one.
pub fn dtype_of(attr: &Attr) -> DType {
    match attr {
        Attr::Bool(_) => DType::Bool,
        Attr::Int(_) => DType::Int64,
        Attr::Scalar(v) => v.dtype(),
        _ => promotion::DEFAULT_FLOAT,
    }
}
