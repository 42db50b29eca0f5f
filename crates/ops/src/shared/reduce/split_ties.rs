//! The derivative of a reduction that returns one of its elements: equals share it.

use crate::elementwise::{div::div, eq::eq, isnan::isnan, mul::mul, where_::where_};
use crate::invoke::number;
use crate::reduce::sum::{restore, sum_dims};
use crate::shared::dims::reduced_shape;
use crate::view::reshape::reshape;
use adjoint_autograd::Tensor;
use adjoint_tensor::{Dims, Result};

/// `g` shared by the elements of `x` that equal the result `y`.
///
/// `nan_counts` says whether NaNs equal a result that is NaN; otherwise the gradient there is 0 /
/// 0.
pub fn split_ties(
    g: &Tensor,
    x: &Tensor,
    y: &Tensor,
    dims: &[usize],
    keepdim: bool,
    nan_counts: bool,
) -> Result<Tensor> {
    if x.rank() == 0 {
        return Ok(g.clone());
    }
    let (mask, share) = shared(g, x, y, dims, keepdim, nan_counts)?;
    mul(&share, &mask)
}

/// `g` shared by the elements of `x` that equal the result `y` of all of them, NaNs those of a NaN;
/// 0 elsewhere, whatever `g` is.
pub fn split_ties_of_all(g: &Tensor, x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.rank() == 0 {
        return Ok(g.clone());
    }
    let dims: Dims = (0..x.rank()).collect();
    let (mask, share) = shared(g, x, y, &dims, false, true)?;
    where_(&mask, &share, &number(0.0)?)
}

/// Where the elements equal the result, and the share of each in the gradient.
fn shared(
    g: &Tensor,
    x: &Tensor,
    y: &Tensor,
    dims: &[usize],
    keepdim: bool,
    nan_counts: bool,
) -> Result<(Tensor, Tensor)> {
    let kept = reduced_shape(x.shape(), dims, true);
    let lift = |t: &Tensor| if keepdim { Ok(t.clone()) } else { reshape(t, &kept) };
    let y = lift(&y.detach())?;
    let x = x.detach();
    let mut mask = eq(&x, &y)?;
    if nan_counts {
        mask = where_(&isnan(&y)?, &isnan(&x)?, &mask)?;
    }
    let count = sum_dims(&mask, dims, true)?;
    let share = restore(&div(&lift(g)?, &count)?, x.shape(), dims, true)?;
    Ok((mask, share))
}
