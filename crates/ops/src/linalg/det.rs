//! Determinants.

use super::inv_ex::inv_ex;
use super::linalg_svd::svd;
use crate::contract::matmul::matmul;
use crate::create::eye::eye;
use crate::elementwise::{eq::eq, logical_or::logical_or, mul::mul, sub::sub, where_::where_};
use crate::invoke::{self, number};
use crate::reduce::{prod::kept_product, sum::sum_dims};
use crate::shared::linalg::{KERNEL, diagonal_matrices, each, lead, matmul3, mt, square, store};
use crate::shared::view::samples::{call, fails};
use crate::view::{diagonal::diagonal, squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{
    Api, Arg, Backward, Body, Call, ErrorSample, Facts, Grads, OpDef, Sample, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::linalg::singular::{self, Vectors};
use adjoint_kernels::linalg::{lu, transpose};
use adjoint_tensor::{Array, Code, Result, scratch};
use smallvec::smallvec;

/// A matrix whose pivots differ by more than this counts as singular where its inverse would be
/// divided by the determinant: the quotient has an error of about 10⁻¹⁶ times their ratio.
const SPREAD: f64 = 1e-6;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    square("A", a)?;
    Ok(Spec::one(lead(a.shape()), a.dtype()))
}

/// The determinant of factors.
fn of_factors(a: &[f64], n: usize, pivots: &[i32]) -> f64 {
    let product: f64 = (0..n).map(|i| a[i * n + i]).product();
    if lu::is_odd(pivots) { -product } else { product }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let n = a.shape()[a.rank() - 1];
    let (mut values, mut pivots) = (a.to_vec_f64()?, scratch::filled(0i32, n)?);
    let mut found = scratch::filled(0.0, outs[0].numel())?;
    let count = found.len();
    each(&mut values, count, n * n, |i, a| {
        lu::factor(a, n, n, &mut pivots);
        found[i] = of_factors(a, n, &pivots);
    });
    store(&found, &mut outs[0])
}

/// The cofactors of a matrix: by its inverse, or where that is too inaccurate by its singular
/// values, `cof(U S Vᵀ) = det(U) det(V) U cof(S) Vᵀ`, where nothing is divided. False where those
/// were not to be had.
fn cofactors_of(a: &mut [f64], n: usize, pivots: &mut [i32], out: &mut [f64]) -> Result<()> {
    let mut factors = scratch::copied(a)?;
    lu::factor(&mut factors, n, n, pivots);
    let diagonal = (0..n).map(|i| factors[i * n + i].abs());
    let (least, most) = diagonal.fold((f64::INFINITY, 0.0f64), |(l, m), v| (l.min(v), m.max(v)));
    if least > SPREAD * most {
        let det = of_factors(&factors, n, pivots);
        let mut inverse = scratch::filled(0.0, n * n)?;
        inverse.iter_mut().step_by(n + 1).for_each(|v| *v = det);
        lu::solve(&factors, n, pivots, &mut inverse, n);
        transpose(&inverse, n, n, out);
        return Ok(());
    }
    let mut parts = scratch::filled(0.0, 2 * n * n + 2 * n)?;
    let (u, rest) = parts.split_at_mut(n * n);
    let (vt, rest) = rest.split_at_mut(n * n);
    let (s, others) = rest.split_at_mut(n);
    if !singular::decompose(a, n, n, Vectors::Full, s, u, vt) {
        out.fill(f64::NAN);
        return Ok(());
    }
    let mut sign = 1.0;
    for side in [&*u, &*vt] {
        factors.copy_from_slice(side);
        lu::factor(&mut factors, n, n, pivots);
        sign *= of_factors(&factors, n, pivots).signum();
    }
    for (i, other) in others.iter_mut().enumerate() {
        *other = s.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, s)| s).product::<f64>() * sign;
    }
    for i in 0..n {
        for j in 0..n {
            out[i * n + j] = (0..n).map(|k| u[i * n + k] * others[k] * vt[k * n + j]).sum();
        }
    }
    Ok(())
}

fn run_cofactors(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let n = a.shape()[a.rank() - 1];
    let (mut values, mut pivots) = (a.to_vec_f64()?, scratch::filled(0i32, n)?);
    let mut found = scratch::filled(0.0, values.len())?;
    let count: usize = lead(a.shape()).iter().product();
    for i in 0..count {
        let (a, found) = (&mut values[i * n * n..][..n * n], &mut found[i * n * n..][..n * n]);
        cofactors_of(a, n, &mut pivots, found)?;
    }
    store(&found, &mut outs[0])
}

/// Numbers of a batch as matrices of one element.
fn lifted(x: &Tensor) -> Result<Tensor> {
    unsqueeze(&unsqueeze(x, x.rank())?, x.rank() + 1)
}

/// The derivative of a determinant is the matrix of cofactors, which a singular matrix has too.
fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(mul(&lifted(b.g())?, &cofactors(&b.input(0)?)?)?)])
}

/// Of cofactors, in the direction `g`. With `Y = A⁻ᵀ`: `det(A) (⟨g, Y⟩ Y − Y gᵀ Y)`. Where A is
/// nearly singular the same in the bases of its singular vectors, `E = Uᵀ g V`: `p_ij E_jj` summed
/// over j to element ii, and `−p_ij E_ji` to element ij, p being the products of the singular values
/// without those two.
fn cofactors_vjp(b: &Backward) -> Result<Grads> {
    let (a, g) = (b.input(0)?, b.g());
    let n = a.shape()[a.rank() - 1];
    if n < 2 || a.numel() == 0 {
        return Ok(smallvec![Some(crate::create::zeros_like::zeros_like(&a)?)]);
    }
    let parts = svd(&a.detach(), false)?;
    let s = parts[1].array();
    let s = s.physical(s.batch(), 0)?.to_vec_f64()?;
    if s.chunks_exact(n).all(|s| s[n - 1] > SPREAD * s[0]) {
        let y = mt(&inv_ex(&a, false)?.swap_remove(0))?;
        let r = a.rank();
        let along = sum_dims(&mul(g, &y)?, &[r - 2, r - 1], true)?;
        let inner = sub(&mul(&along, &y)?, &matmul3(&y, &mt(g)?, &y)?)?;
        return Ok(smallvec![Some(mul(&lifted(&det(&a)?)?, &inner)?)]);
    }
    let parts = svd(&a, false)?;
    let (u, s, vt) = (&parts[0], &parts[1], &parts[2]);
    let sign = mul(&det(&u.detach())?, &det(&vt.detach())?)?;
    let r = a.rank();
    let e = matmul3(&mt(u)?, g, &mt(vt)?)?;
    // Whether k is i or j, for the product over k of the others.
    let one = eye(n, a.dtype())?;
    let is_diagonal = eq(&one, &number(1.0)?)?;
    let taken = logical_or(&unsqueeze(&is_diagonal, 1)?, &unsqueeze(&is_diagonal, 0)?)?;
    let factors = where_(&taken, &number(1.0)?, &unsqueeze(&unsqueeze(s, r - 2)?, r - 2)?)?;
    let p = squeeze(&kept_product(&factors, r)?, r)?;
    let p = where_(&is_diagonal, &number(0.0)?, &p)?;
    let on = matmul(&p, &unsqueeze(&diagonal(&e, 0, r - 2, r - 1)?, r - 1)?)?;
    let inner = sub(&diagonal_matrices(&squeeze(&on, r - 1)?)?, &mul(&p, &mt(&e)?)?)?;
    let inner = mul(&lifted(&sign)?, &inner)?;
    Ok(smallvec![Some(matmul3(u, &inner, vt)?)])
}

fn samples() -> Vec<Sample> {
    vec![
        call("a matrix", &[3, 3], []),
        call("a batch", &[2, 2, 2], []),
        call("one element", &[1, 1], []),
        call("no elements", &[2, 0, 0], []),
    ]
}

/// What is no batch of squares.
pub(super) fn errors() -> Vec<ErrorSample> {
    vec![
        fails(call("wide", &[2, 3], []), Code::Shape, "2 by 3 matrices"),
        fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions"),
    ]
}

/// The ops: determinants, and their derivative.
pub static DEFS: &[&OpDef] = &[&COFACTORS, &DET];

static COFACTORS: OpDef = OpDef {
    name: "_det_cofactors",
    part_of: "det",
    doc: "The matrices of cofactors, `∂ det(A) / ∂A`.",
    args: &[Arg::tensor("A")],
    surface: &[],
    node: "LinalgDetBackward0",
    body: Body::Kernel { rule: |call| Ok(Spec::one(call.input(0).shape(), call.input(0).dtype())), run: run_cofactors },
    vjp: Vjp::Fn(cofactors_vjp),
    saves: Saves::INPUT,
    samples: || vec![call("a matrix", &[3, 3], []), call("a batch", &[2, 2, 2], [])],
    ..KERNEL
}
.shipped();

static DET: OpDef = OpDef {
    name: "det",
    doc: "Returns the determinants of square matrices.\n\n\
          **Shapes**: `A` is `[*, n, n]`, the result `[*]`; a matrix without elements has 1. `dA = g · cof(A)`, which is finite for \
          singular matrices too. By LU factors; float32 is computed in float64 and rounded. Products of many pivots overflow, for \
          which `slogdet` is. Costs 2n³/3 operations a matrix. Source: PyTorch, `torch.linalg.det`.",
    args: &[Arg::tensor("A")],
    surface: &[Api::Function, Api::Method, Api::Linalg],
    node: "LinalgDetBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::INPUT,
    samples,
    errors,
    ..KERNEL
}
.shipped();

/// The determinants.
pub fn det(a: &Tensor) -> Result<Tensor> {
    invoke::unary(&DET, a)
}

fn cofactors(a: &Tensor) -> Result<Tensor> {
    invoke::unary(&COFACTORS, a)
}
