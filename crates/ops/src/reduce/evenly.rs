//! The derivative of a reduction that returns one of its elements: equals share it.

use super::along::reduced_shape;
use super::sum::{restore, sum_dims};
use crate::elementwise::{div::div, eq::eq, isnan::isnan, mul::mul, where_::where_};
use crate::view::reshape::reshape;
use adjoint_autograd::Tensor;
use adjoint_tensor::Result;

/// `g` shared by the elements of `x` that equal the result `y`.
///
/// `nan_counts` says whether NaNs equal a result that is NaN; otherwise the gradient there is 0 / 0.
pub fn evenly(g: &Tensor, x: &Tensor, y: &Tensor, dims: &[usize], keepdim: bool, nan_counts: bool) -> Result<Tensor> {
    if x.rank() == 0 {
        return Ok(g.clone());
    }
    let kept = reduced_shape(x.shape(), dims, true);
    let lift = |t: &Tensor| if keepdim { Ok(t.clone()) } else { reshape(t, &kept) };
    let y = lift(&y.detach())?;
    let x = x.detach();
    let mut mask = eq(&x, &y)?;
    if nan_counts {
        mask = where_(&isnan(&y)?, &isnan(&x)?, &mask)?;
    }
    let count = sum_dims(&mask, dims, true)?;
    mul(&restore(&div(&lift(g)?, &count)?, x.shape(), dims, true)?, &mask)
}
