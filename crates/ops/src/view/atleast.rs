//! Dims of size 1 added until there are enough.

use super::cases::tensors;
use super::unsqueeze::unsqueeze;
use adjoint_autograd::{Arg, Body, OpDef, Surface, Tensor, required};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// `x` with at least one dim.
pub fn atleast_1d(x: &Tensor) -> Result<Tensor> {
    if x.rank() == 0 { unsqueeze(x, 0) } else { Ok(x.clone()) }
}

/// `x` with at least two dims; a vector becomes a row.
pub fn atleast_2d(x: &Tensor) -> Result<Tensor> {
    let x = atleast_1d(x)?;
    if x.rank() == 1 { unsqueeze(&x, 0) } else { Ok(x) }
}

/// `x` with at least three dims; a matrix becomes one of columns of one element.
pub fn atleast_3d(x: &Tensor) -> Result<Tensor> {
    let x = atleast_2d(x)?;
    if x.rank() == 2 { unsqueeze(&x, 2) } else { Ok(x) }
}

macro_rules! atleast {
    ($name:literal, $f:ident, $doc:literal) => {
        &OpDef {
            name: $name,
            doc: concat!($doc, " Source: PyTorch, `torch.", $name, "`."),
            args: &[Arg::tensor("input")],
            surface: &[Surface::Function],
            body: Body::Composite(|inputs, _| Ok(smallvec![$f(required(inputs, 0))?])),
            samples: || {
                let shapes: [&[usize]; 4] = [&[], &[3], &[2, 3], &[2, 1, 3]];
                shapes.iter().map(|s| tensors(&format!("shape {s:?}"), &[s])).collect()
            },
            ..OpDef::COMPOSITE
        }
        .shipped()
    };
}

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[
    atleast!("atleast_1d", atleast_1d, "Returns `input`, or a view with one dim of a 0-dim tensor."),
    atleast!(
        "atleast_2d",
        atleast_2d,
        "Returns `input`, or a view with two dims of a smaller tensor: a vector becomes a row."
    ),
    atleast!(
        "atleast_3d",
        atleast_3d,
        "Returns `input`, or a view with three dims of a smaller tensor: shape [n] becomes [1, n, 1] and [m, n] becomes [m, n, 1]."
    ),
];
