//! The derivative of the derivative of normalizations.

use crate::elementwise::{add::add, mul::mul, neg::neg, rsqrt::rsqrt, square::square, sub::sub};
use crate::invoke::number;
use crate::reduce::{mean::mean_dims, sum::sum_dims};
use crate::view::{expand::expand, reshape::reshape};
use adjoint_autograd::{Backward, Tensor};
use adjoint_tensor::Result;

/// How the operands are seen: which elements share moments, and which a weight.
pub struct Views<'a> {
    /// Of input and gradient.
    pub shape: &'a [usize],
    /// Dims of it over which moments are.
    pub moments: &'a [usize],
    /// Of the weight, which broadcasts to `shape`.
    pub weight: &'a [usize],
    /// Dims of `shape` over which the derivative by the weight is a sum.
    pub sums: &'a [usize],
}

/// The derivatives by gradient, input and weight of `(dx, dw, db)`, with the gradient as input 0 and
/// x as input 1 of the derivative, and the weight as input `weight_at`; `wants` says which of the
/// three were computed.
///
/// With x̂ = (x − mean) · r, a = g · w and P(v) = v − mean(v) − x̂ · mean(v · x̂), the derivative is
/// dx = r · P(a), dw = Σ g · x̂, db = Σ g. P is symmetric, and v's way through x̂ to x is r · P(v);
/// r's own derivative is −r² · x̂ / n.
pub fn second(
    b: &Backward,
    views: &Views<'_>,
    weight_at: usize,
    eps: f64,
    wants: &[i64],
) -> Result<[Option<Tensor>; 3]> {
    let seen = |t: &Tensor| reshape(t, views.shape);
    let mean = |t: &Tensor| mean_dims(t, views.moments, true);
    let (full_g, full_x) = (b.input(0)?, b.input(1)?);
    let (g, x) = (seen(&full_g)?, seen(&full_x)?);
    let full_weight = b.opt_input(weight_at)?;
    let weight = full_weight.as_ref().map(|w| reshape(w, views.weight)).transpose()?;
    let weighted = |t: &Tensor| weight.as_ref().map_or_else(|| Ok(t.clone()), |w| mul(t, w));
    let centred = sub(&x, &mean(&x)?)?;
    let r = rsqrt(&add(&mean(&square(&centred)?)?, &number(eps)?)?)?;
    let normal = mul(&centred, &r)?;
    let project = |v: &Tensor| sub(&sub(v, &mean(v)?)?, &mul(&normal, &mean(&mul(v, &normal)?)?)?);
    let cotangent = |i: usize| b.grad(i).filter(|_| wants[i] != 0);
    let h = cotangent(0).map(seen).transpose()?;
    let hw = cotangent(1).map(|t| reshape(t, views.weight)).transpose()?;
    let hb = cotangent(2).map(|t| reshape(t, views.weight)).transpose()?;
    let sum = |a: Option<Tensor>, b: Tensor| a.map_or_else(|| Ok(b.clone()), |a| add(&a, &b)).map(Some);
    let (mut dg, mut by_normal, mut dx, mut dw) = (None, None, None, None);
    if let Some(h) = &h {
        let (ph, a) = (mul(&project(h)?, &r)?, weighted(&g)?);
        dg = Some(weighted(&ph)?);
        dw = Some(sum_dims(&mul(&g, &ph)?, views.sums, false)?);
        let (h_mean, a_mean) = (mean(&mul(h, &normal)?)?, mean(&mul(&a, &normal)?)?);
        by_normal = Some(neg(&mul(&r, &add(&mul(h, &a_mean)?, &mul(&a, &h_mean)?)?)?)?);
        // Σ h · P(a) is n · mean(h · P(a)).
        dx = Some(neg(&mul(&mul(&normal, &mul(&r, &r)?)?, &mean(&mul(h, &project(&a)?)?)?)?)?);
    }
    if let Some(hw) = &hw {
        dg = sum(dg, mul(&normal, hw)?)?;
        by_normal = sum(by_normal, mul(&g, hw)?)?;
    }
    if let Some(hb) = &hb {
        dg = sum(dg, expand(hb, g.shape())?)?;
    }
    if let Some(v) = &by_normal {
        dx = sum(dx, mul(&r, &project(v)?)?)?;
    }
    let back = |t: Option<Tensor>, shape: &[usize]| t.map(|t| reshape(&t, shape)).transpose();
    let dw = match full_weight {
        Some(w) if b.wants(weight_at) => back(dw, w.shape())?,
        _ => None,
    };
    Ok([back(dg, full_g.shape())?, back(dx, full_x.shape())?, dw])
}
