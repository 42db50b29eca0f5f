//! `beta · input + alpha · a · b` for matrices and batches: what `addmm` and `baddbmm` share.

use crate::elementwise::mul::mul;
use crate::invoke;
use crate::shared::checks;
use crate::shared::contract::batched::{self, Onto};
use crate::shared::contract::operands::multiplies;
use crate::view::transpose::transpose;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Arrays, Attrs, Backward, Call, Facts, Grads, Kind, Spec, Specs, Tensor};
use adjoint_cpu::matmul;
use adjoint_tensor::batch::BatchDim;
use adjoint_tensor::{Array, DType, Error, Result, Scalar};
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
pub fn rule(call: &Facts) -> Result<Specs> {
    let (a, b) = (call.input(1).shape(), call.input(2).shape());
    let mut shape = adjoint_tensor::Dims::from_slice(a);
    let last = shape.len() - 1;
    shape[last] = b[last];
    let dtype = multiplies(call.same_dtype()?)?;
    broadcasts(call.input(0).shape(), &shape)?;
    held(call.attrs, dtype)?;
    Ok(Spec::one(shape, dtype))
}

/// Refuses factors that the dtype does not have, and floating-point ones for integers.
pub fn held(attrs: &Attrs, dtype: DType) -> Result<()> {
    for (i, name) in ["beta", "alpha"].into_iter().enumerate() {
        match attrs.opt_scalar(i) {
            Some(Scalar::Float(v)) if !dtype.is_float() => {
                return Err(Error::dtype(format!(
                    "for integral tensors {name} must not be a floating-point number, got {v} with {}",
                    dtype.name()
                )));
            }
            // Halves are multiplied in float32.
            Some(factor) => checks::holds(name, factor, dtype.widened())?,
            None => {}
        }
    }
    Ok(())
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

/// Writes the result: the product is added to `input` in place. With `beta == 0`, `input` is not
/// read.
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
    let mut sums = out.to_vec_i64()?;
    for (x, p) in sums.iter_mut().zip(product) {
        *x = if beta == 0 { 0 } else { beta.wrapping_mul(*x) }.wrapping_add(alpha.wrapping_mul(p));
    }
    out.assign(&Array::from_slice(&sums, out.shape())?)
}

/// [`run`] for all samples.
pub fn samples_at_once(call: &Call, all: &[BatchDim], _: &Specs) -> Result<Option<Arrays>> {
    let (beta, alpha) = factors(call.attrs);
    let onto = Onto { input: if beta == 0.0 { None } else { Some(call.input(0)) }, beta, alpha };
    Ok(batched::product(call.input(1), call.input(2), &onto, all)?.map(|out| smallvec![out]))
}

/// `g` times a factor.
pub fn times(g: Tensor, factor: f64) -> Result<Tensor> {
    match g.dtype().is_float() {
        _ if factor == 1.0 => Ok(g),
        true => mul(&g, &invoke::number(factor)?),
        // The fraction is cut off before, and a floating-point number would make floats of
        // integers.
        false => mul(&g, &Tensor::number(Scalar::Int(factor as i64))?),
    }
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
