//! `beta · input + alpha · a · b` for matrices and batches: what `addmm` and `baddbmm` share.

use super::operands::multiplies;
use crate::elementwise::mul::mul;
use crate::invoke;
use crate::view::transpose::transpose;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Attrs, Backward, Call, Grads, Kind, Spec, Specs, Tensor};
use adjoint_tensor::{Array, Error, Result, Scalar, matmul};
use smallvec::smallvec;

/// `beta`.
pub const BETA: Arg = Arg::optional("beta", Kind::Factor, Default::Int(1));
/// `alpha`.
pub const ALPHA: Arg = Arg::optional("alpha", Kind::Factor, Default::Int(1));

/// The factors of a call, 1 where they were left out.
pub fn factors(attrs: &Attrs) -> (f64, f64) {
    (attrs.opt_float(0).unwrap_or(1.0), attrs.opt_float(1).unwrap_or(1.0))
}

/// The shape of the product, to which `input` must broadcast.
pub fn rule(call: &Call) -> Result<Specs> {
    let (a, b) = (call.input(1).shape(), call.input(2).shape());
    let mut shape = adjoint_tensor::Dims::from_slice(a);
    let last = shape.len() - 1;
    shape[last] = b[last];
    let dtype = multiplies(call.same_dtype()?)?;
    broadcasts(call.input(0).shape(), &shape)?;
    if !dtype.is_float() {
        for i in 0..2 {
            if let Some(Scalar::Float(v)) = call.attrs.opt_scalar(i).filter(|s| matches!(s, Scalar::Float(_))) {
                let name = ["beta", "alpha"][i];
                return Err(Error::dtype(format!(
                    "for integral tensors {name} must not be a floating-point number, got {v} with {}",
                    dtype.name()
                )));
            }
        }
    }
    Ok(Spec::one(shape, dtype))
}

/// Fails unless `input` broadcasts to the shape of the product.
pub fn broadcasts(input: &[usize], product: &[usize]) -> Result<()> {
    if adjoint_tensor::dims::broadcast(input, product).is_ok_and(|s| s.as_slice() == product) {
        return Ok(());
    }
    Err(Error::shape(format!("input {input:?} does not broadcast to the shape of the product, {product:?}"))
        .with("input", format_args!("{input:?}"))
        .with("product", format_args!("{product:?}")))
}

/// Writes the result: the product is added to `input` in place. With `beta == 0`, `input` is not read.
pub fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (beta, alpha) = factors(call.attrs);
    let out = &mut outs[0];
    let (input, a, b) = (call.input(0), call.input(1), call.input(2));
    if out.dtype().is_float() {
        if beta != 0.0 {
            out.assign(input)?;
        }
        return matmul::matmul(alpha, a, b, beta, out);
    }
    // Integers are rare: the product first, then the factors, which are integers too.
    matmul::matmul(1.0, a, b, 0.0, out)?;
    let product = out.to_vec_i64()?;
    out.assign(input)?;
    let (alpha, beta) = (alpha as i64, beta as i64);
    let sums: Vec<i64> = out
        .to_vec_i64()?
        .iter()
        .zip(product)
        .map(|(x, p)| if beta == 0 { 0 } else { beta.wrapping_mul(*x) }.wrapping_add(alpha.wrapping_mul(p)))
        .collect();
    out.assign(&Array::from_slice(&sums, out.shape())?)
}

/// `g` times a factor.
pub fn times(g: Tensor, factor: f64) -> Result<Tensor> {
    if factor == 1.0 { Ok(g) } else { mul(&g, &invoke::number(factor)?) }
}

/// The gradients of `input`, `a` and `b`, given the product of this rank.
pub fn vjp(b: &Backward, product: fn(&Tensor, &Tensor) -> Result<Tensor>, rank: usize) -> Result<Grads> {
    let g = b.g();
    let (beta, alpha) = factors(b.attrs());
    let flip = |t: &Tensor| transpose(t, rank - 2, rank - 1);
    let dinput = if b.wants(0) { Some(times(g.clone(), beta)?) } else { None };
    let da = if b.wants(1) { Some(times(product(g, &flip(&b.input(2)?)?)?, alpha)?) } else { None };
    let db = if b.wants(2) { Some(times(product(&flip(&b.input(1)?)?, g)?, alpha)?) } else { None };
    Ok(smallvec![dinput, da, db])
}
