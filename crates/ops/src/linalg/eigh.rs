//! Eigenvalues and eigenvectors of symmetric matrices.

use crate::contract::matmul::matmul;
use crate::create::eye::eye;
use crate::elementwise::{add::add, div::div, mul::mul, sub::sub};
use crate::invoke::{self, number};
use crate::shared::linalg::{
    KERNEL, behind, diagonal_matrices, lead, matmul3, mt, plus, square, store, symmetric_part,
};
use crate::shared::view::samples::{call, fails};
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Default, ErrorSample, Facts, Grads, Kind, OpDef, Outputs, Saves, Spec,
    Specs, Tensor, Vjp,
};
use adjoint_kernels::linalg::{symmetric, transpose};
use adjoint_tensor::{Array, Code, Result, scratch};
use smallvec::smallvec;

/// The triangle that is read.
pub(super) const UPLO: Arg = Arg::optional("UPLO", Kind::Choice(&["L", "U"]), Default::Word("L"));

/// Shapes of the values and of the vectors.
pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    let n = square("A", a)?;
    Ok(smallvec![Spec::new(behind(lead(a.shape()), &[n]), a.dtype()), Spec::new(a.shape(), a.dtype())])
}

/// Writes the values, and the vectors where they are wanted.
pub(super) fn run(call: &Call, values_out: &mut Array, vectors_out: Option<&mut Array>) -> Result<()> {
    let a = call.input(0);
    let n = a.shape()[a.rank() - 1];
    let upper = call.attrs.get_choice(0) == 1;
    let mut matrices = a.to_vec_f64()?;
    let mut values = scratch::filled(0.0, values_out.numel())?;
    let mut turned = scratch::filled(0.0, n * n)?;
    for i in 0..lead(a.shape()).iter().product() {
        let a = &mut matrices[i * n * n..][..n * n];
        // The other triangle is not read.
        for row in 0..n {
            for column in 0..row {
                let (read, other) = (row * n + column, column * n + row);
                if upper { a[read] = a[other] } else { a[other] = a[read] }
            }
        }
        if !symmetric::decompose(a, n, &mut values[i * n..][..n]) {
            scratch::check_kernels()?;
            return Err(super::linalg_svd::no_convergence());
        }
        if vectors_out.is_some() {
            transpose(a, n, n, &mut turned);
            a.copy_from_slice(&turned);
        }
    }
    store(&values, values_out)?;
    vectors_out.map_or(Ok(()), |out| store(&matrices, out))
}

/// With `E_ij = λ_j − λ_i`: `dA = V (diag(gΛ) + (Vᵀ gV / E, without its diagonal)) Vᵀ`, its symmetric part. Undefined where
/// eigenvalues are equal, unless only gΛ is given. Source: Giles, Collected matrix derivative results
/// for forward and reverse mode algorithmic differentiation (2008), section 3.1.
fn vjp(b: &Backward) -> Result<Grads> {
    let (gl, gv) = (b.grad(0), b.grad(1));
    let (l, v) = (b.output(0)?, b.output(1)?);
    let mut inner = gl.map(diagonal_matrices).transpose()?;
    if let Some(g) = gv {
        let r = v.rank();
        let one = eye(v.shape()[r - 1], v.dtype())?;
        let differences = sub(&unsqueeze(&l, r - 2)?, &unsqueeze(&l, r - 1)?)?;
        let beside = mul(&matmul(&mt(&v)?, g)?, &sub(&number(1.0)?, &one)?)?;
        inner = plus(inner, div(&beside, &add(&differences, &one)?)?)?;
    }
    let Some(inner) = inner else { return Ok(smallvec![None]) };
    let whole = matmul3(&v, &inner, &mt(&v)?)?;
    // A counts as symmetric: half of each element goes to each side of the diagonal.
    Ok(smallvec![Some(if gv.is_some() { symmetric_part(&whole)? } else { whole })])
}

/// What is no batch of squares.
pub(super) fn errors() -> Vec<ErrorSample> {
    vec![
        fails(call("wide", &[2, 3], []), Code::Shape, "2 by 3 matrices"),
        fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "eigh",
    doc: "Returns the eigenvalues of symmetric matrices in ascending order, and their eigenvectors as orthonormal columns.\n\n\
          **Shapes**: `A` is `[*, n, n]`, of which one triangle is read, the lower one or with `UPLO` \"U\" the upper one; the values are \
          `[*, n]`, the vectors `[*, n, n]`. Vectors are free up to their sign, and more where values are equal; the derivative \
          is then not finite, unless it is that of the values alone. By Householder's tridiagonal form and QL steps, in float64; \
          values that are not finite are an error. Costs about 9n³ operations a matrix. Source: PyTorch, `torch.linalg.eigh`.",
    args: &[Arg::tensor("A"), UPLO],
    outputs: &["eigenvalues", "eigenvectors"],
    node: "LinalgEighBackward0",
    body: Body::Kernel {
        rule,
        run: |call, outs| {
            let [values, vectors] = outs else { unreachable!("the rule says two outputs") };
            run(call, values, Some(vectors))
        },
    },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[], outputs: &[0b11] },
    samples: || {
        vec![
            call("one element", &[2, 1, 1], [Attr::Choice(0)]),
            call("no elements", &[2, 0, 0], [Attr::Choice(1)]),
        ]
    },
    errors,
    ..KERNEL
}
.shipped();

/// Values and vectors by the lower triangle.
pub fn eigh(a: &Tensor) -> Result<Outputs> {
    invoke::many(&DEF, &[Some(a)], Attrs::new().with(Attr::Choice(0)))
}
