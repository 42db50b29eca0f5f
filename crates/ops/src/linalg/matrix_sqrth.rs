//! Square roots of symmetric matrices.

use super::eigh::eigh;
use crate::elementwise::{add::add, div::div};
use crate::shared::linalg::{KERNEL, lead, matmul3, mt, square, store, symmetric_part};
use crate::shared::view::samples::{call, fails};
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{Arg, Backward, Body, Call, Facts, Grads, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Vjp};
use adjoint_kernels::linalg::symmetric;
use adjoint_tensor::{Array, Code, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    square("A", a)?;
    Ok(Spec::one(a.shape(), a.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let n = a.shape()[a.rank() - 1];
    let (mut values, mut out) = (a.to_vec_f64()?, scratch::filled(0.0, a.numel())?);
    let mut roots = scratch::filled(0.0, n)?;
    for i in 0..lead(a.shape()).iter().product() {
        let (a, out) = (&mut values[i * n * n..][..n * n], &mut out[i * n * n..][..n * n]);
        for row in 0..n {
            for column in 0..row {
                a[column * n + row] = a[row * n + column];
            }
        }
        if !symmetric::decompose(a, n, &mut roots) {
            scratch::check_kernels()?;
            return Err(super::linalg_svd::no_convergence());
        }
        for (l, root) in roots.iter().map(|v| v.sqrt()).enumerate() {
            for row in 0..n {
                let factor = root * a[l * n + row];
                for column in 0..n {
                    out[row * n + column] += factor * a[l * n + column];
                }
            }
        }
    }
    store(&out, &mut outs[0])
}

/// The symmetric part of the solution of `Y dA + dA Y = g`: `dA = V (Vᵀ g V / (μ_i + μ_j)) Vᵀ` with the eigenvectors and eigenvalues of
/// Y. Source: Higham, Functions of Matrices, section 6.1.
fn vjp(b: &Backward) -> Result<Grads> {
    let parts = eigh(&b.output(0)?)?;
    let (l, v) = (&parts[0], &parts[1]);
    let sums = add(&unsqueeze(l, l.rank() - 1)?, &unsqueeze(l, l.rank())?)?;
    let inner = div(&matmul3(&mt(v)?, b.g(), v)?, &sums)?;
    Ok(smallvec![Some(symmetric_part(&matmul3(v, &inner, &mt(v)?)?)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "matrix_sqrth",
    doc: "Returns the square root Y of symmetric positive semidefinite matrices, `Y Y = A`: NaN where an eigenvalue is negative.\n\n\
          **Shapes**: `A` is `[*, n, n]`, of which the lower triangle is read, the result too. By eigenvalues in float64. Source: PyTorch, \
          `torch.linalg.matrix_sqrth`.",
    args: &[Arg::tensor("A")],
    node: "LinalgMatrixSqrthBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::OUTPUT,
    samples: || {
        let one = SampleTensor::new(&[2, 1, 1]).range(0.5, 2.0);
        vec![Sample::new("one element", vec![one.into()]), call("empty", &[2, 0, 0], [])]
    },
    errors: || vec![fails(call("wide", &[2, 3], []), Code::Shape, "2 by 3 matrices")],
    ..KERNEL
}
.shipped();
