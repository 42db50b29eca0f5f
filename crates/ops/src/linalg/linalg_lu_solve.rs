//! Solutions of systems from the LU factors of their matrices.

use super::lu_unpack::lu_unpack;
use super::solve_triangular::{fit, solve_triangular};
use crate::contract::matmul::matmul;
use crate::shared::linalg::{COMPOSITE, mt};
use crate::shared::view::samples::fails;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::{Code, DType, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (factors, pivots, b) = (required(inputs, 0), required(inputs, 1), required(inputs, 2));
    let is_left = !matches!(attrs.get(0), Attr::Bool(false));
    Ok(smallvec![lu_solve(factors, pivots, b, is_left, attrs.get_bool(1))?])
}

/// Factors with a large diagonal, pivots and a right-hand side.
pub(super) fn tensors(factors: &[usize], pivots: &[usize], b: &[usize]) -> [SampleTensor; 3] {
    [
        SampleTensor::new(factors).range(0.5, 2.0),
        SampleTensor::ints(pivots, 2, 3).dtype(DType::Int32),
        SampleTensor::new(b),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linalg_lu_solve",
    doc: "Returns the solution X of `A X = B` from the factors and pivots of `linalg.luFactor(A)`; with `adjoint` of `Aᵀ X = B`, and \
          without `left` of `X A = B` or `X Aᵀ = B`.\n\n\
          **Shapes**: `LU` is `[*, n, n]`, `pivots` `[*, n]`, `B` `[*, n, k]` or, where not `left`, `[*, k, n]`; the dims in front \
          broadcast. Costs 2n²·k operations a matrix. Source: PyTorch, `torch.linalg.lu_solve`.",
    args: &[
        Arg::tensor("LU"),
        Arg::tensor("pivots"),
        Arg::tensor("B"),
        Arg::optional("left", Kind::Bool, Default::Bool(true)),
        Arg::optional("adjoint", Kind::Bool, Default::Bool(false)),
    ],
    body: Body::Composite(body),
    samples: || {
        let s = |label: &str, b: &[usize], left, adjoint| {
            let [f, p, b] = tensors(&[2, 2], &[2], b);
            let flags = [Attr::Bool(left).into(), Attr::Bool(adjoint).into()];
            Sample::new(label, [f.into(), p.into(), b.into()].into_iter().chain(flags).collect())
        };
        vec![
            s("from the left", &[2, 3], true, false),
            s("a batch", &[2, 2, 1], true, true),
            s("from the right", &[3, 2], false, false),
            s("from the right, transposed", &[3, 2], false, true),
        ]
    },
    errors: || {
        let parts = tensors(&[2, 2], &[2], &[3, 1]);
        let sample = Sample::new("sizes that differ", parts.into_iter().map(Into::into).collect());
        vec![fails(sample, Code::Shape, "A is 2x2")]
    },
    ..COMPOSITE
}
.shipped();

/// The solution from the factors.
pub fn lu_solve(factors: &Tensor, pivots: &Tensor, b: &Tensor, is_left: bool, adjoint: bool) -> Result<Tensor> {
    fit(factors, b, is_left)?;
    if !is_left {
        return mt(&lu_solve(factors, pivots, &mt(b)?, true, !adjoint)?);
    }
    let parts = lu_unpack(factors, pivots)?;
    let (p, l, u) = (&parts[0], &parts[1], &parts[2]);
    if adjoint {
        let y = solve_triangular(&mt(u)?, b, false, true, false)?;
        return matmul(p, &solve_triangular(&mt(l)?, &y, true, true, true)?);
    }
    let y = solve_triangular(l, &matmul(&mt(p)?, b)?, false, true, true)?;
    solve_triangular(u, &y, true, true, false)
}
