//! The sum of the singular values of matrices, by the older name.

use super::linalg_norm::by_word_of;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, ErrorSample, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

/// The index of the norm among the words of [`super::linalg_norm::WORDS`].
const NUC: u8 = 1;

fn of_last(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    Ok(smallvec![by_word_of(required(inputs, 0), NUC, &[-2, -1], attrs.get_bool(0), None)?])
}

fn of_dims(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let dims = attrs.get_ints(0)?;
    if dims.len() != 2 {
        return Err(Error::usage(format!("expected dim to name two dims, got {dims:?}")));
    }
    Ok(smallvec![by_word_of(required(inputs, 0), NUC, dims, attrs.get_bool(1), None)?])
}

const KEEPDIM: Arg = Arg::optional("keepdim", Kind::Bool, Default::Bool(false));

fn errors() -> Vec<ErrorSample> {
    vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")]
}

/// The ops: over the last two dims, and over two that are named.
pub static DEFS: &[&OpDef] = &[&LAST, &DIMS];

static LAST: OpDef = OpDef {
    name: "nuclear_norm",
    doc: "Returns the sum of the singular values of matrices, in the last two dims or those of `dim`: `linalg.matrixNorm` of order \
          `'nuc'`.\n\nFloats only. Source: PyTorch, `torch.nuclear_norm`.",
    args: &[Arg::tensor("input"), KEEPDIM],
    surface: &[Api::Function],
    body: Body::Composite(of_last),
    samples: || vec![call("a matrix", &[2, 3], []), call("a batch", &[2, 3, 2], [Attr::Bool(true)])],
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

static DIMS: OpDef = OpDef {
    name: "nuclear_norm.dim",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Ints), KEEPDIM],
    body: Body::Composite(of_dims),
    samples: || vec![call("two dims", &[2, 3, 2], [ints(&[0, 2])])],
    errors: || vec![fails(call("one dim", &[2, 2], [ints(&[0])]), Code::Usage, "two dims")],
    ..LAST
}
.shipped();
