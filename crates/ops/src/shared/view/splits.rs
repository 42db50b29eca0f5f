//! Cuts along a dim that the op's name says: `hsplit`, `vsplit`, `dsplit`.

use crate::shared::checks::only;
use crate::view::tensor_split::cut;
use adjoint_autograd::{Attr, Attrs, Outputs, Tensor};
use adjoint_tensor::{Error, Result};

/// Fails where a number of pieces does not divide the dim.
fn divides(x: &Tensor, how: &Attr, dim: usize) -> Result<()> {
    match how {
        Attr::Int(n) if *n > 0 && x.shape()[dim] as i64 % n != 0 => Err(Error::shape(format!(
            "{n} sections do not fit: it does not divide {}, the size of dim {dim}; use tensorSplit() for pieces that differ",
            x.shape()[dim]
        ))),
        _ => Ok(()),
    }
}

/// Cuts a tensor of at least `least` dims along the dim that `dim` gives for its rank, by attribute
/// 0: a number of pieces, which must divide it, or places.
pub fn along(
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
    least: usize,
    dim: impl FnOnce(usize) -> usize,
) -> Result<Outputs> {
    let x = only(inputs)?;
    if x.rank() < least {
        return Err(Error::shape(format!("requires a tensor with at least {least} dims, got shape {:?}", x.shape())));
    }
    let dim = dim(x.rank());
    divides(x, attrs.get(0), dim)?;
    cut(x, attrs.get(0), dim as i64)
}
