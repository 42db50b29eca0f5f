//! `A = Q R`.

use super::solve_triangular::solve_triangular;
use crate::contract::matmul::matmul;
use crate::elementwise::{add::add, sub::sub};
use crate::invoke;
use crate::shared::linalg::{KERNEL, behind, each, half_lower, lead, matrices, mt, plus, plus_transpose, store};
use crate::shared::view::samples::{call, fails};
use crate::view::{cat::cat, narrow::narrow};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Default, Facts, Grads, Kind, OpDef, Outputs, Sample, Saves, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_kernels::linalg::qr;
use adjoint_tensor::{Array, Code, Error, Result, scratch};
use smallvec::smallvec;

const MODES: &[&str] = &["reduced", "complete", "r"];
const REDUCED: u8 = 0;
const COMPLETE: u8 = 1;
const ONLY_R: u8 = 2;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    let lead = lead(a.shape());
    let mode = call.attrs.get_choice(0);
    let k = if mode == COMPLETE { m } else { m.min(n) };
    let q = if mode == ONLY_R { smallvec![0] } else { behind(lead, &[m, k]) };
    Ok(smallvec![Spec::new(q, a.dtype()), Spec::new(behind(lead, &[k, n]), a.dtype())])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    let mode = call.attrs.get_choice(0);
    let k = if mode == COMPLETE { m } else { m.min(n) };
    let [q_out, r_out] = outs else { unreachable!("the rule says two outputs") };
    let count = lead(a.shape()).iter().product();
    let mut values = a.to_vec_f64()?;
    let (mut tau, mut work) = (scratch::filled(0.0, m.min(n))?, scratch::filled(0.0, 2 * m + n)?);
    let (mut q, mut r) = (scratch::filled(0.0, q_out.numel())?, scratch::filled(0.0, r_out.numel())?);
    each(&mut values, count, m * n, |i, a| {
        qr::factor(a, m, n, &mut tau, &mut work);
        for row in 0..k.min(n) {
            let upper = row * n + row..(row + 1) * n;
            r[i * k * n..][upper.clone()].copy_from_slice(&a[upper]);
        }
        if mode != ONLY_R {
            qr::product(a, m, n, &tau, &mut q[i * m * k..][..m * k], k, &mut work);
        }
    });
    store(&q, q_out)?;
    store(&r, r_out)
}

/// Where there are at least as many rows as columns, with `M = R gRᵀ − gQᵀ Q`:
/// `dA = (gQ + Q (tril(M) + tril(M)ᵀ, the diagonal once)) R⁻ᵀ`. Of more columns, `[X Y] = Q [U V]`
/// with `V = Qᵀ Y`: `dY = Q gV`, and gQ gains `Y gVᵀ`. Source: Liao, Liu, Wang, Xiang,
/// Differentiable programming tensor networks (2019), section II.
fn vjp(b: &Backward) -> Result<Grads> {
    if b.grad(0).is_none() && b.grad(1).is_none() {
        return Ok(smallvec![None]);
    }
    let mode = b.attrs().get_choice(0);
    if mode == ONLY_R {
        return Err(Error::autograd(
            "the derivative of linalg.qr depends on Q, which is not computed with mode 'r'; use mode 'reduced'",
        ));
    }
    let (q, r) = (b.output(0)?, b.output(1)?);
    let rank = q.rank();
    let [m, n] = [q.shape()[rank - 2], r.shape()[rank - 1]];
    if mode == COMPLETE && m > n {
        return Err(Error::autograd(format!(
            "the QR decomposition is not differentiable with mode 'complete' and more rows than columns, {m} by {n}; \
             use mode 'reduced'"
        )));
    }
    let mut gq = b.grad(0).cloned();
    let Some(gr) = b.grad(1) else {
        let head = narrow(&r, rank - 1, 0, m.min(n))?;
        let first = square(gq.as_ref(), None, &q, &head)?;
        return Ok(smallvec![Some(widened(first, &q, m, n)?)]);
    };
    if m >= n {
        return Ok(smallvec![Some(square(gq.as_ref(), Some(gr), &q, &r)?)]);
    }
    let columns = |t: &Tensor, from: usize, to: usize| narrow(t, rank - 1, from, to - from);
    let gv = columns(gr, m, n)?;
    let y = matmul(&q, &columns(&r, m, n)?)?;
    gq = plus(gq, matmul(&y, &mt(&gv)?)?)?;
    let x = square(gq.as_ref(), Some(&columns(gr, 0, m)?), &q, &columns(&r, 0, m)?)?;
    Ok(smallvec![Some(cat(&[&x, &matmul(&q, &gv)?], rank - 1)?)])
}

/// Columns of zeros behind the first, which Q does not depend on.
fn widened(first: Tensor, q: &Tensor, m: usize, n: usize) -> Result<Tensor> {
    if m >= n {
        return Ok(first);
    }
    let shape = behind(lead(q.shape()), &[m, n - m]);
    let rest = crate::create::zeros::zeros(&shape, q.dtype())?;
    cat(&[&first, &rest], q.rank() - 1)
}

/// The gradient where R is square.
fn square(gq: Option<&Tensor>, gr: Option<&Tensor>, q: &Tensor, r: &Tensor) -> Result<Tensor> {
    let by_r = gr.map(|g| matmul(r, &mt(g)?)).transpose()?;
    let by_q = gq.map(|g| matmul(&mt(g)?, q)).transpose()?;
    let inner = match (by_r, by_q) {
        (Some(r), Some(q)) => sub(&r, &q)?,
        (Some(r), None) => r,
        (None, Some(q)) => crate::elementwise::neg::neg(&q)?,
        (None, None) => crate::create::zeros_like::zeros_like(r)?,
    };
    let turned = matmul(q, &plus_transpose(&half_lower(&inner)?)?)?;
    let sum = match gq {
        Some(g) => add(g, &turned)?,
        None => turned,
    };
    solve_triangular(&mt(r)?, &sum, false, false, false)
}

fn samples() -> Vec<Sample> {
    let mode = |m| [Attr::Choice(m)];
    vec![
        call("tall", &[4, 2], mode(REDUCED)),
        call("a wide batch", &[2, 2, 3], mode(REDUCED)),
        call("square, complete", &[3, 3], mode(COMPLETE)),
        call("no columns", &[2, 3, 0], mode(REDUCED)),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linalg_qr",
    doc: "Returns Q, whose columns are orthonormal, and the upper triangle R, `A = Q R`.\n\n\
          **Shapes**: `A` is `[*, m, n]`, k the smaller of m and n; with `mode` \"reduced\" Q is `[*, m, k]` and R `[*, k, n]`, with \
          \"complete\" `[*, m, m]` and `[*, m, n]`, with \"r\" Q is empty. The signs of the diagonal of R are LAPACK's, not all \
          positive. The derivative asks that the first k columns are independent; with \"complete\" there is none where m > n, with \"r\" \
          none at all. By Householder's reflections; float32 is computed in float64 and rounded. Costs about 4mnk operations a matrix. \
          Source: PyTorch, `torch.linalg.qr`.",
    args: &[Arg::tensor("A"), Arg::optional("mode", Kind::Choice(MODES), Default::Word("reduced"))],
    outputs: &["Q", "R"],
    node: "LinalgQrBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[], outputs: &[0b11] },
    samples,
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")],
    ..KERNEL
}
.shipped();

/// Q and R, reduced or complete.
pub fn qr(a: &Tensor, complete: bool) -> Result<Outputs> {
    let mode = if complete { COMPLETE } else { REDUCED };
    invoke::many(&DEF, &[Some(a)], Attrs::new().with(Attr::Choice(mode)))
}
