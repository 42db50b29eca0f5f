//! Singular values.

use super::linalg_svd::{DRIVER, errors, no_convergence, no_driver, svd};
use crate::contract::matmul::matmul;
use crate::elementwise::mul::mul;
use crate::invoke;
use crate::shared::linalg::{KERNEL, behind, lead, matrices, store};
use crate::shared::view::samples::call;
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{Arg, Attrs, Backward, Body, Call, Facts, Grads, OpDef, Saves, Spec, Specs, Tensor, Vjp};
use adjoint_kernels::linalg::singular::{self, Vectors};
use adjoint_tensor::{Array, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    no_driver(call.attrs, 0)?;
    Ok(Spec::one(behind(lead(a.shape()), &[m.min(n)]), a.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    let k = m.min(n);
    let (mut values, mut s) = (a.to_vec_f64()?, scratch::filled(0.0, outs[0].numel())?);
    for i in 0..lead(a.shape()).iter().product() {
        let (a, s) = (&mut values[i * m * n..][..m * n], &mut s[i * k..][..k]);
        if !singular::decompose(a, m, n, Vectors::None, s, &mut [], &mut []) {
            scratch::check_kernels()?;
            return Err(no_convergence());
        }
    }
    store(&s, &mut outs[0])
}

/// `dA = U diag(g) Vᵀ`, finite where singular values are equal.
fn vjp(b: &Backward) -> Result<Grads> {
    let parts = svd(&b.input(0)?, false)?;
    let g = unsqueeze(b.g(), b.g().rank() - 1)?;
    Ok(smallvec![Some(matmul(&mul(&parts[0], &g)?, &parts[2])?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "svdvals",
    doc: "Returns the singular values of matrices in descending order.\n\n\
          **Shapes**: `A` is `[*, m, n]`, the result `[*, min(m, n)]`. Costs less than `linalg.svd`; the gradient computes the vectors \
          and is defined where values are equal. Source: PyTorch, `torch.linalg.svdvals`.",
    args: &[Arg::tensor("A"), DRIVER],
    outputs: &["out"],
    node: "LinalgSvdBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::INPUT,
    samples: || vec![call("tall", &[4, 2], []), call("a wide batch", &[2, 2, 3], []), call("empty", &[2, 0, 3], [])],
    errors,
    ..KERNEL
}
.shipped();

/// The singular values.
pub fn svdvals(a: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(a)], Attrs::new())
}
