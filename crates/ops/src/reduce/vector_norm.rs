//! Norms of vectors.

use super::sum::restore;
use crate::elementwise::{abs::abs, add::add, div::div, eq::eq, mul::mul, pow::pow, sign::sign, where_::where_};
use crate::invoke::{self, number};
use crate::shared::dims::{dims_or_all, not_empty, reduced_shape};
use crate::shared::reduce::samples;
use crate::shared::reduce::split_ties::split_ties;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Kind, OpDef, Sample, SampleTensor,
    Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::axis::axis_view;
use adjoint_cpu::floats;
use adjoint_kernels::reduce;
use adjoint_tensor::{Array, DType, Dims, Error, Result, Scalar, scratch};
use smallvec::smallvec;

fn order(attrs: &Attrs) -> f64 {
    attrs.opt_float(0).unwrap_or(2.0)
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dtype = match call.attrs.opt_dtype(3) {
        Some(t) if t.is_float() => t,
        Some(t) => {
            return Err(Error::dtype(format!("expected dtype to be floating point, got {}", t.name())));
        }
        None => call.floating(0)?,
    };
    let dims = dims_or_all(call.attrs, 1, x.rank())?;
    if order(call.attrs) < 0.0 || order(call.attrs) == f64::INFINITY {
        let named = call.attrs.opt_ints(1).is_some_and(|d| !d.is_empty());
        not_empty(x.shape(), &dims, named)?;
    }
    Ok(Spec::one(reduced_shape(x.shape(), &dims, call.attrs.get_bool(2)), dtype))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let out = &mut outs[0];
    let x = call.input(0).cast(out.dtype())?;
    let p = order(call.attrs);
    let view = axis_view(&x, &dims_or_all(call.attrs, 1, x.rank())?)?;
    let axis = view.axis;
    floats!(x.dtype(), T => {
        let (x, out) = (view.array.as_slice::<T>(), out.as_mut_slice::<T>());
        if axis.n == 1 && p != 0.0 {
            // No power is taken of a single element, which it could take beyond the dtype's range.
            out.iter_mut().zip(x).for_each(|(y, v)| *y = v.abs());
            Ok(())
        } else if p == f64::NEG_INFINITY {
            scratch::collected(x.iter().map(|v| v.abs())).map(|absolute| reduce::amin(&absolute, axis, out))
        } else if p == 0.0 {
            scratch::filled(0i64, out.len()).map(|mut counts| {
                reduce::count_nonzero(x, axis, &mut counts);
                out.iter_mut().zip(counts).for_each(|(y, n)| *y = n as T);
            })
        } else if p == 1.0 {
            reduce::sum_abs(x, axis, out);
            Ok(())
        } else if p == 2.0 {
            reduce::sum_squares(x, axis, out);
            out.iter_mut().for_each(|y| *y = y.sqrt());
            Ok(())
        } else if p == f64::INFINITY {
            reduce::max_abs(x, axis, out);
            Ok(())
        } else {
            scratch::collected(x.iter().map(|v| v.abs().powf(p as T))).map(|powers| {
                reduce::sum(&powers, axis, out);
                out.iter_mut().for_each(|y| *y = y.powf(1.0 / p as T));
            })
        }
    })
}

fn vjp(b: &Backward) -> Result<Grads> {
    if order(b.attrs()) == 0.0 {
        return Ok(smallvec![None]);
    }
    let g = b.g();
    let x = crate::elementwise::to::to(&b.input(0)?, g.dtype())?;
    let y = b.output(0)?;
    let dims = dims_or_all(b.attrs(), 1, x.rank())?;
    Ok(smallvec![Some(gradient(g, &x, &y, order(b.attrs()), &dims, b.attrs().get_bool(2))?)])
}

/// `dx = g · sign(x) · (|x| / y)^(p − 1)`, 0 where the norm is; at the cost of a power only where
/// there is one.
pub fn gradient(g: &Tensor, x: &Tensor, y: &Tensor, p: f64, dims: &[usize], keepdim: bool) -> Result<Tensor> {
    let zero = number(0.0)?;
    let up = |t: &Tensor| restore(t, x.shape(), dims, keepdim);
    let at_zero = |t: &Tensor| eq(&t.detach(), &zero);
    if p == 1.0 {
        return mul(&up(g)?, &sign(x)?);
    }
    if x.dtype().is_half() && (p == 2.0 || (p < 1.0 && p.is_finite())) {
        return half_gradient(&up(g)?, x, &up(y)?, p);
    }
    if p == 2.0 {
        // Adding 0 makes the 0 of a negative zero positive, as PyTorch's is. Where the norm is 0,
        // `g` is dropped and the divisor is 1, so that no derivative meets 0 / 0.
        let (none, g) = (at_zero(y)?, g);
        let scale = div(&where_(&none, &zero, g)?, &where_(&none, &number(1.0)?, y)?)?;
        return add(&mul(x, &up(&scale)?)?, &zero);
    }
    if p.is_infinite() {
        return mul(&split_ties(g, &abs(x)?, y, dims, keepdim, true)?, &sign(x)?);
    }
    if p < 2.0 {
        // |x|^(p−1) has a pole or a kink at 0: no gradient there.
        let power = where_(&at_zero(x)?, &zero, &mul(&sign(x)?, &pow(&abs(x)?, &number(p - 1.0)?)?)?)?;
        let scale = if p < 1.0 { mul(g, &pow(y, &number(1.0 - p)?)?)? } else { div(g, &pow(y, &number(p - 1.0)?)?)? };
        let scale = if p < 1.0 { scale } else { where_(&at_zero(y)?, &zero, &scale)? };
        return mul(&power, &up(&scale)?);
    }
    let scale = where_(&at_zero(y)?, &zero, &div(g, &pow(y, &number(p - 1.0)?)?)?)?;
    mul(&mul(x, &pow(&abs(x)?, &number(p - 2.0)?)?)?, &up(&scale)?)
}

/// The same for the euclidean norm, or one of an order below 1, in the order of PyTorch's steps, each
/// of which rounds.
fn half_gradient(g: &Tensor, x: &Tensor, y: &Tensor, p: f64) -> Result<Tensor> {
    let zero = number(0.0)?;
    if p == 2.0 {
        let none = eq(&y.detach(), &zero)?;
        let unit = div(x, &where_(&none, &number(1.0)?, y)?)?;
        return mul(g, &where_(&none, &zero, &unit)?);
    }
    let power = mul(&sign(x)?, &pow(&abs(x)?, &number(p - 1.0)?)?)?;
    let power = where_(&eq(&x.detach(), &zero)?, &zero, &power)?;
    mul(&mul(&power, g)?, &pow(y, &number(1.0 - p)?)?)
}

fn samples() -> Vec<Sample> {
    let s = |label: &str, shape: &[usize], p: f64, dims: &[i64], keepdim| {
        let t = SampleTensor::new(shape).avoid(&[0.0]).distinct();
        let p = Attr::Scalar(Scalar::Float(p));
        Sample::new(label, vec![t.into(), p.into(), samples::ints(dims).into(), Attr::Bool(keepdim).into()])
    };
    vec![
        s("the euclidean norm", &[3, 4], 2.0, &[-1], false),
        s("of everything", &[2, 3], 2.0, &[], false),
        s("absolute values", &[3, 4], 1.0, &[0], true),
        s("the greatest", &[3, 4], f64::INFINITY, &[1], false),
        s("the smallest", &[3, 4], f64::NEG_INFINITY, &[1], false),
        s("order 3", &[2, 3, 2], 3.0, &[0, 2], false),
        s("order 1.5", &[3, 4], 1.5, &[1], false),
        s("order 0.5", &[3], 0.5, &[0], true),
        s("how many not 0", &[3, 4], 0.0, &[1], false),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "vector_norm",
    doc: "Returns the norm `(Σ |x|^ord)^(1/ord)` of `input`, taken as a vector, over all elements or over `dim`.\n\n\
          `ord` 1 adds absolute values, ∞ and −∞ take the greatest and the smallest, 0 counts what is not zero. The gradient is 0 where the \
          norm is; for ±∞ equals share it. `dtype` casts first. Reduced dims disappear unless `keepdim`. Floats only. Squares \
          are added as they are, so the euclidean norm overflows where a square does, but that of one element is `|x|`. Source: PyTorch, `torch.linalg.vector_norm`.",
    args: &[
        Arg::tensor("x"),
        Arg::optional("ord", Kind::Factor, Default::Int(2)),
        Arg::optional("dim", Kind::Ints, Default::None),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
        Arg::optional("dtype", Kind::DType, Default::None),
    ],
    class: Class::Reduce,
    surface: &[Api::Linalg],
    node: "LinalgVectorNormBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[1]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples,
    errors: || vec![samples::integers([])],
    ..OpDef::BASE
}
.shipped();

/// The norm of order `p` over `dims`, all where there are none.
pub fn vector_norm(x: &Tensor, p: f64, dims: &[usize], keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    let attrs = Attrs::new().scalar(p).shape(dims).bool(keepdim);
    let attrs = match dtype {
        Some(t) => attrs.dtype(t),
        None => attrs,
    };
    invoke::with(&DEF, &[Some(x)], attrs)
}

/// The dims attribute `i` names, for ops that become this one.
pub(super) fn dims_of(attrs: &Attrs, i: usize, rank: usize) -> Result<Dims> {
    dims_or_all(attrs, i, rank)
}
