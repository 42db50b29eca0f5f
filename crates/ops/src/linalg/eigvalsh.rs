//! Eigenvalues of symmetric matrices.

use super::eigh::{DEF as EIGH, UPLO, errors, rule, run};
use crate::contract::matmul::matmul;
use crate::elementwise::mul::mul;
use crate::invoke;
use crate::shared::linalg::{KERNEL, mt};
use crate::shared::view::samples::call;
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{Arg, Attr, Attrs, Backward, Body, Grads, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// `dA = V diag(g) Vᵀ`, finite where values are equal.
fn vjp(b: &Backward) -> Result<Grads> {
    let parts = invoke::many(&EIGH, &[Some(&b.input(0)?)], b.attrs().clone())?;
    let g = unsqueeze(b.g(), b.g().rank() - 1)?;
    Ok(smallvec![Some(matmul(&mul(&parts[1], &g)?, &mt(&parts[1])?)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "eigvalsh",
    doc: "Returns the eigenvalues of symmetric matrices in ascending order.\n\n\
          **Shapes**: `A` is `[*, n, n]`, of which one triangle is read, see `linalg.eigh`; the result is `[*, n]`. The gradient \
          computes the vectors and is defined where values are equal. Source: PyTorch, `torch.linalg.eigvalsh`.",
    args: &[Arg::tensor("A"), UPLO],
    node: "LinalgEighBackward0",
    body: Body::Kernel {
        rule: |call| Ok(rule(call)?.into_iter().take(1).collect()),
        run: |call, outs| run(call, &mut outs[0], None),
    },
    vjp: Vjp::Fn(vjp),
    saves: Saves::INPUT,
    samples: || {
        vec![call("one element", &[2, 1, 1], [Attr::Choice(0)]), call("no elements", &[0, 0], [Attr::Choice(1)])]
    },
    errors,
    ..KERNEL
}
.shipped();

/// The eigenvalues by the lower triangle.
pub fn eigvalsh(a: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(a)], Attrs::new().with(Attr::Choice(0)))
}
