//! `A = Q R`.

use super::solve_triangular::solve_triangular;
use crate::contract::matmul::matmul;
use crate::create::{zeros::zeros, zeros_like::zeros_like};
use crate::elementwise::{add::add, neg::neg, sub::sub};
use crate::invoke;
use crate::shared::linalg::{KERNEL, behind, each, half_lower, lead, matrices, mt, plus, plus_transpose, store};
use crate::shared::view::samples::{call, fails};
use crate::view::{cat::cat, narrow::narrow, tril::tril, triu::triu};
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

/// With more rows than columns and `M = R gRᵀ − gQᵀ Q`: `dA = (gQ + Q (tril(M) + tril(M)ᵀ, the diagonal
/// once)) R⁻ᵀ`. Where Q is square and U the square part of R, with `K = Qᵀ gQ + R gRᵀ`:
/// `dA = Q (gR + [tril(K − Kᵀ) U⁻ᵀ, 0])`, in which what cancels in the first form never is. Source: Liao, Liu,
/// Wang, Xiang, Differentiable programming tensor networks (2019), section II; the second form is
/// the first with `Q Qᵀ = I`.
fn vjp(b: &Backward) -> Result<Grads> {
    let (gq, gr) = (b.grad(0), b.grad(1));
    if gq.is_none() && gr.is_none() {
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
    let gr = gr.map(|g| triu(g, 0)).transpose()?;
    Ok(smallvec![Some(if m > n { tall(gq, gr.as_ref(), &q, &r)? } else { square(gq, gr.as_ref(), &q, &r)? })])
}

/// The gradient where there are more rows than columns.
fn tall(gq: Option<&Tensor>, gr: Option<&Tensor>, q: &Tensor, r: &Tensor) -> Result<Tensor> {
    let mut inner = gr.map(|g| matmul(r, &mt(g)?)).transpose()?;
    if let Some(g) = gq {
        inner = plus(inner, neg(&matmul(&mt(g)?, q)?)?)?;
    }
    let Some(inner) = inner else { return zeros_like(q) };
    let turned = matmul(q, &plus_transpose(&half_lower(&inner)?)?)?;
    let sum = match gq {
        Some(g) => add(g, &turned)?,
        None => turned,
    };
    solve_triangular(&mt(r)?, &sum, false, false, false)
}

/// The gradient where Q is square.
fn square(gq: Option<&Tensor>, gr: Option<&Tensor>, q: &Tensor, r: &Tensor) -> Result<Tensor> {
    let last = q.rank() - 1;
    let [m, n] = [q.shape()[last], r.shape()[last]];
    let mut k = gq.map(|g| matmul(&mt(q)?, g)).transpose()?;
    if let Some(g) = gr {
        k = plus(k, matmul(r, &mt(g)?)?)?;
    }
    let Some(k) = k else { return zeros_like(r) };
    let head = narrow(r, last, 0, m)?;
    let mut inner = solve_triangular(&mt(&head)?, &tril(&sub(&k, &mt(&k)?)?, -1)?, false, false, false)?;
    if n > m {
        let rest = zeros(&behind(lead(q.shape()), &[m, n - m]), q.dtype())?;
        inner = cat(&[&inner, &rest], last)?;
    }
    if let Some(g) = gr {
        inner = add(&inner, g)?;
    }
    matmul(q, &inner)
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
