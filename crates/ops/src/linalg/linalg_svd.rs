//! `A = U S Vᵀ`.

use crate::contract::matmul::matmul;
use crate::create::eye::eye;
use crate::elementwise::{add::add, div::div, mul::mul, sub::sub};
use crate::invoke;
use crate::shared::linalg::{KERNEL, behind, diagonal_matrices, lead, matmul3, matrices, mt, plus, store};
use crate::shared::view::samples::{call, fails};
use crate::view::{narrow::narrow, unsqueeze::unsqueeze};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Default, ErrorSample, Facts, Grads, Kind, OpDef, Outputs, Sample, Saves,
    Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::linalg::singular::{self, Vectors};
use adjoint_tensor::{Array, Code, Error, Result, scratch};
use smallvec::smallvec;

/// Names of LAPACK's methods, of which none is used here; PyTorch's CPU refuses to choose one.
pub(super) const DRIVER: Arg = Arg::optional("driver", Kind::Choice(&["gesvd", "gesvdj", "gesvda"]), Default::None);

/// Fails where a method is chosen, as on PyTorch's CPU.
pub(super) fn no_driver(attrs: &Attrs, i: usize) -> Result<()> {
    match attrs.get(i) {
        Attr::None => Ok(()),
        _ => Err(Error::usage("the driver can be chosen on CUDA only; leave out driver")),
    }
}

fn is_full(attrs: &Attrs) -> bool {
    !matches!(attrs.get(0), Attr::Bool(false))
}

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    no_driver(call.attrs, 1)?;
    let (lead, k) = (lead(a.shape()), m.min(n));
    let (u, v) = if is_full(call.attrs) { (m, n) } else { (k, k) };
    let spec = |last: &[usize]| Spec::new(behind(lead, last), a.dtype());
    Ok(smallvec![spec(&[m, u]), spec(&[k]), spec(&[v, n])])
}

/// The error of an iteration that did not end.
pub(super) fn no_convergence() -> Error {
    Error::usage("the algorithm failed to converge because the input matrix contained non-finite values")
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    let k = m.min(n);
    let (want, uc, vr) = if is_full(call.attrs) { (Vectors::Full, m, n) } else { (Vectors::Reduced, k, k) };
    let [u_out, s_out, vt_out] = outs else { unreachable!("the rule says three outputs") };
    let mut values = a.to_vec_f64()?;
    let mut u = scratch::filled(0.0, u_out.numel())?;
    let (mut s, mut vt) = (scratch::filled(0.0, s_out.numel())?, scratch::filled(0.0, vt_out.numel())?);
    for i in 0..lead(a.shape()).iter().product() {
        let (u, vt) = (&mut u[i * m * uc..][..m * uc], &mut vt[i * vr * n..][..vr * n]);
        if !singular::decompose(&mut values[i * m * n..][..m * n], m, n, want, &mut s[i * k..][..k], u, vt) {
            scratch::check_kernels()?;
            return Err(no_convergence());
        }
    }
    store(&u, u_out)?;
    store(&s, s_out)?;
    store(&vt, vt_out)
}

/// `x − xᵀ`.
fn skew(x: &Tensor) -> Result<Tensor> {
    sub(x, &mt(x)?)
}

/// With `E_ij = s_j² − s_i²`, and 1 on the diagonal:
/// `dA = U [(skew(Uᵀ gU) / E) S + S (skew(Vᵀ gV) / E) + gS] Vᵀ`, and what of gU and gV is orthogonal to U and V, divided by S. Undefined where singular
/// values are equal, unless only gS is given. Source: Townsend, Differentiating the singular value
/// decomposition (2016).
fn vjp(b: &Backward) -> Result<Grads> {
    let [gu, gs, gvt] = [b.grad(0), b.grad(1), b.grad(2)];
    if gu.is_none() && gs.is_none() && gvt.is_none() {
        return Ok(smallvec![None]);
    }
    let (u, s, vt) = (b.output(0)?, b.output(1)?, b.output(2)?);
    let r = u.rank();
    let [m, n] = [u.shape()[r - 2], vt.shape()[r - 1]];
    let k = m.min(n);
    let columns = |t: &Tensor| narrow(t, r - 1, 0, k);
    let rows = |t: &Tensor| narrow(t, r - 2, 0, k);
    let (u, vt) = (columns(&u)?, rows(&vt)?);
    let (gu, gvt) = (gu.map(columns).transpose()?, gvt.map(rows).transpose()?);
    let (down, across) = (unsqueeze(&s, r - 1)?, unsqueeze(&s, r - 2)?);
    let mut inner = gs.map(diagonal_matrices).transpose()?;
    if gu.is_some() || gvt.is_some() {
        let squares = sub(&mul(&across, &across)?, &mul(&down, &down)?)?;
        let e = add(&squares, &eye(k, s.dtype())?)?;
        if let Some(g) = &gu {
            inner = plus(inner, mul(&div(&skew(&matmul(&mt(&u)?, g)?)?, &e)?, &across)?)?;
        }
        if let Some(g) = &gvt {
            inner = plus(inner, mul(&div(&skew(&matmul(&vt, &mt(g)?)?)?, &e)?, &down)?)?;
        }
    }
    let Some(inner) = inner else { return Ok(smallvec![None]) };
    let (Some(g), true) = (&gu, m > k) else {
        let (Some(g), true) = (&gvt, n > k) else { return Ok(smallvec![Some(matmul3(&u, &inner, &vt)?)]) };
        let scaled = div(g, &down)?;
        let beside = sub(&scaled, &matmul3(&scaled, &mt(&vt)?, &vt)?)?;
        return Ok(smallvec![Some(matmul(&u, &add(&matmul(&inner, &vt)?, &beside)?)?)]);
    };
    let scaled = div(g, &across)?;
    let beside = sub(&scaled, &matmul(&u, &matmul(&mt(&u)?, &scaled)?)?)?;
    Ok(smallvec![Some(matmul(&add(&matmul(&u, &inner)?, &beside)?, &vt)?)])
}

/// Values only: which signs vectors have is not said, and float32 may choose others.
fn samples() -> Vec<Sample> {
    vec![call("no elements", &[2, 0, 3], [Attr::Bool(false)])]
}

/// What has no singular values.
pub(super) fn errors() -> Vec<ErrorSample> {
    vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linalg_svd",
    doc: "Returns the singular value decomposition of matrices, `A = U diag(S) Vh`: U and `Vhᵀ` with orthonormal columns, S in \
          descending order.\n\n\
          **Shapes**: `A` is `[*, m, n]`, k the smaller of m and n, S `[*, k]`; with `full_matrices` U is `[*, m, m]` and Vh `[*, n, n]`, \
          otherwise `[*, m, k]` and `[*, k, n]`. Vectors are free up to their sign, and more where singular values are equal; the \
          derivative is then not finite, unless it is that of S alone. Columns beyond the first k have none. By Jacobi's rotations \
          after a QR factorisation, in float64; values that are not finite are an error. Costs some 50 m·n·k operations a matrix. Source: PyTorch, \
          `torch.linalg.svd`.",
    args: &[Arg::tensor("A"), Arg::optional("full_matrices", Kind::Bool, Default::Bool(true)), DRIVER],
    outputs: &["U", "S", "Vh"],
    node: "LinalgSvdBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[], outputs: &[0b111] },
    samples,
    errors,
    ..KERNEL
}
.shipped();

/// U, S and Vᵀ.
pub fn svd(a: &Tensor, full: bool) -> Result<Outputs> {
    invoke::many(&DEF, &[Some(a)], Attrs::new().bool(full))
}
