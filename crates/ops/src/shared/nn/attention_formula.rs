//! Attention by its formula, with all scores in memory: for derivatives of the derivative, and for
//! what needs the scores.

use crate::contract::matmul::matmul;
use crate::create::ones::ones;
use crate::elementwise::{add::add, eq::eq, mul::mul, where_::where_};
use crate::invoke::number;
use crate::nn::softmax::softmax;
use crate::reduce::amax::amax;
use crate::view::{transpose::transpose, tril::tril};

use adjoint_autograd::Tensor;
use adjoint_tensor::{DType, Result};

/// A matrix transposed, batch by batch.
pub fn transposed(t: &Tensor) -> Result<Tensor> {
    transpose(t, t.rank() - 2, t.rank() - 1)
}

/// The scores, −∞ where they do not count.
pub fn hide(q: &Tensor, k: &Tensor, mask: Option<&Tensor>, causal: bool, scale: f64) -> Result<Tensor> {
    let scores = mul(&matmul(q, &transposed(k)?)?, &number(scale)?)?;
    let low = number(f64::NEG_INFINITY)?;
    match mask {
        // Added, not put in: NaN stays NaN, as in the kernel.
        Some(m) if m.dtype() == DType::Bool => where_(m, &scores, &add(&scores, &low)?),
        Some(m) => add(&scores, m),
        None if causal => {
            let shape = &scores.shape()[scores.rank() - 2..];
            where_(&tril(&ones(shape, DType::Bool)?, 0)?, &scores, &low)
        }
        None => Ok(scores),
    }
}

/// Softmax of scores over keys; `masked` says that there may be queries that see nothing, whose
/// line then is 0.
pub fn probabilities(scores: &Tensor, masked: bool) -> Result<Tensor> {
    let last = scores.rank() - 1;
    if !masked || scores.shape()[last] == 0 {
        return softmax(scores, last);
    }
    let zero = number(0.0)?;
    let blind = eq(&amax(&scores.detach().with_tangents(None), &[last], true)?, &number(f64::NEG_INFINITY)?)?;
    where_(&blind, &zero, &softmax(&where_(&blind, &zero, scores)?, last)?)
}
