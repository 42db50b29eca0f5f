//! The argument that says which strides a copy gets.

use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Attr, Facts, Kind, Spec, Specs};
use adjoint_tensor::DType;

/// The strides of the source without its gaps, which is what is used where none is given, or
/// row-major ones.
pub const ARG: Arg =
    Arg::optional("memory_format", Kind::Choice(&["preserve_format", "contiguous_format"]), Default::None);

/// The row-major one.
pub const CONTIGUOUS: u8 = 1;

/// An output of the shape and dtype given, with the strides that attribute `i` asks for.
pub fn like(call: &Facts, i: usize, dtype: DType) -> Specs {
    match call.attrs.get(i) {
        Attr::Choice(CONTIGUOUS) => Spec::one(call.input(0).shape(), dtype),
        _ => Spec::like(call.input(0), dtype),
    }
}
