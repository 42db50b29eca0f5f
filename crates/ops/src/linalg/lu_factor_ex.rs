//! LU factors with their pivots, and whether there is a zero among the pivots.

use super::lu_unpack::{lower_of, permutation};
use super::solve_triangular::solve_triangular;
use crate::contract::matmul::matmul;
use crate::elementwise::{add::add, sub::sub};
use crate::invoke;
use crate::shared::linalg::{KERNEL, each, is_singular, lead, matrices, mt, no_failure, store, triangle};
use crate::shared::view::samples::{call, fails};
use crate::view::{cat::cat, narrow::narrow, tril::tril, triu::triu};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Default, ErrorSample, Facts, Grads, Kind, OpDef, Outputs, Sample, Saves,
    Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::linalg::lu;
use adjoint_tensor::{Array, Code, DType, Error, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    if matches!(call.attrs.get(0), Attr::Bool(false)) {
        return Err(Error::usage("LU without pivoting is not implemented, as on PyTorch's CPU; leave out pivot"));
    }
    let lead = lead(a.shape());
    let pivots = crate::shared::linalg::behind(lead, &[m.min(n)]);
    Ok(smallvec![Spec::new(a.shape(), a.dtype()), Spec::new(pivots, DType::Int32), Spec::new(lead, DType::Int32)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    let k = m.min(n);
    let mut values = a.to_vec_f64()?;
    let [factors, pivots, infos] = outs else { unreachable!("the rule says three outputs") };
    let (pivots, infos) = (pivots.as_mut_slice::<i32>(), infos.as_mut_slice::<i32>());
    let count = infos.len();
    each(&mut values, count, m * n, |i, a| infos[i] = lu::factor(a, m, n, &mut pivots[i * k..][..k]));
    if call.attrs.get_bool(1) {
        no_failure(infos, a.rank() > 2, is_singular)?;
    }
    store(&values, factors)
}

/// Of square factors: `dA = P L⁻ᵀ (tril(Lᵀ gL) + triu(gU Uᵀ)) U⁻ᵀ`, the lower triangle without its
/// diagonal. Where there are more rows, `L₂ = A₂ U⁻¹` below the square, and where there are more
/// columns, `U₂ = L⁻¹ A₂` beside it, each with the derivative of a triangular solution. Source:
/// Walter, Lehmann, Algorithmic differentiation of linear algebra functions (2010), for the square.
fn vjp(b: &Backward) -> Result<Grads> {
    let Some(g) = b.grad(0) else { return Ok(smallvec![None]) };
    let (factors, pivots) = (b.output(0)?, b.output(1)?);
    let r = factors.rank();
    let [m, n] = [factors.shape()[r - 2], factors.shape()[r - 1]];
    let k = m.min(n);
    let rows = |t: &Tensor, from: usize, to: usize| narrow(t, r - 2, from, to - from);
    let columns = |t: &Tensor, from: usize, to: usize| narrow(t, r - 1, from, to - from);
    let head = |t: &Tensor| columns(&rows(t, 0, k)?, 0, k);
    let (l, u) = (lower_of(&head(&factors)?)?, triu(&head(&factors)?, 0)?);
    let (mut gl, mut gu) = (tril(&head(g)?, -1)?, triu(&head(g)?, 0)?);
    let mut beside = None;
    if m > n {
        let below = solve_triangular(&mt(&u)?, &rows(g, k, m)?, false, false, false)?;
        gu = sub(&gu, &triu(&matmul(&mt(&rows(&factors, k, m)?)?, &below)?, 0)?)?;
        beside = Some(below);
    } else if n > m {
        let right = solve_triangular(&mt(&l)?, &columns(g, k, n)?, true, true, true)?;
        gl = sub(&gl, &tril(&matmul(&right, &mt(&columns(&factors, k, n)?)?)?, -1)?)?;
        beside = Some(right);
    }
    let lower = triangle(&matmul(&mt(&l)?, &gl)?, false, true)?;
    let inner = add(&lower, &triu(&matmul(&gu, &mt(&u)?)?, 0)?)?;
    let inner = solve_triangular(&mt(&u)?, &inner, false, false, false)?;
    let square = solve_triangular(&mt(&l)?, &inner, true, true, true)?;
    let whole = match beside {
        None => square,
        Some(beside) => cat(&[&square, &beside], if m > n { r - 2 } else { r - 1 })?,
    };
    Ok(smallvec![Some(matmul(&permutation(&pivots, m, factors.dtype())?, &whole)?)])
}

/// Squares and others.
pub(super) fn samples() -> Vec<Sample> {
    vec![
        call("a square", &[3, 3], []),
        call("tall", &[4, 2], []),
        call("a wide batch", &[2, 2, 3], []),
        call("no elements", &[2, 0, 3], []),
    ]
}

/// What is no matrix, and what is not asked for.
pub(super) fn errors() -> Vec<ErrorSample> {
    vec![
        fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions"),
        fails(call("no pivots", &[2, 2], [Attr::Bool(false)]), Code::Usage, "without pivoting"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "lu_factor_ex",
    doc: "Returns the LU factors of matrices `A = P L U` in one tensor, the pivots, and `info`: 0, or the first zero on the diagonal \
          of U, counted from 1.\n\n\
          **Shapes**: `A` and `LU` are `[*, m, n]`, `pivots` an int32 tensor `[*, min(m, n)]`, `info` `[*]`. U is on and above the \
          diagonal, L below it, whose diagonal is ones. `pivots[i]` is the row, from 1, that row `i` was exchanged with, always that of \
          the largest element; `pivot` may not be false, as on PyTorch's CPU. With `check_errors` an `info` that is not 0 is an error. \
          float32 is computed in float64 and rounded. Costs 2n³/3 operations a matrix. Source: PyTorch, `torch.linalg.lu_factor_ex`.",
    args: &[
        Arg::tensor("A"),
        Arg::optional("pivot", Kind::Bool, Default::Bool(true)),
        Arg::optional("check_errors", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["LU", "pivots", "info"],
    node: "LinalgLuFactorExBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[], outputs: &[0b11] },
    samples,
    errors,
    ..KERNEL
}
.shipped();

/// The factors, the pivots and `info`.
pub fn lu_factor_ex(a: &Tensor, attrs: &Attrs) -> Result<Outputs> {
    invoke::many(&DEF, &[Some(a)], attrs.clone())
}
