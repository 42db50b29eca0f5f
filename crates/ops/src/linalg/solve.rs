//! Solutions of systems of linear equations.

use super::solve_ex::{errors, samples, solve_any};
use crate::shared::linalg::COMPOSITE;
use adjoint_autograd::{Arg, Attr, Body, Default, ErrorSample, Kind, OpDef, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::{Code, Result};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "solve",
    doc: "Returns the solution X of `A X = B`, or without `left` of `X A = B`.\n\n\
          **Shapes**: `A` is `[*, n, n]`; `B` is `[*, n, k]` or, where not `left`, `[*, k, n]`, or a vector `[n]`, or `[*, n]` with \
          the dims in front those of `A`, and the result is like `B`. The dims in front broadcast. An error where a matrix is \
          singular. `dB = A⁻ᵀ g`, `dA = −dB Xᵀ`. By LU factors with pivots; float32 is computed in float64 and rounded. Costs 2n³/3 + \
          2n²·k operations a matrix. Source: PyTorch, `torch.linalg.solve`.",
    args: &[Arg::tensor("A"), Arg::tensor("B"), Arg::optional("left", Kind::Bool, Default::Bool(true))],
    body: Body::Composite(|inputs, attrs| {
        let is_left = !matches!(attrs.get(0), Attr::Bool(false));
        let both = solve_any(required(inputs, 0), required(inputs, 1), is_left, true)?;
        Ok(both.into_iter().take(1).collect())
    }),
    samples,
    errors: || {
        let zero = SampleTensor::new(&[2, 2]).range(0.0, 0.0);
        let mut all = errors();
        all.push(ErrorSample {
            sample: Sample::new("a singular matrix", vec![zero.into(), SampleTensor::new(&[2]).into()]),
            code: Code::Usage,
            message: "the input matrix is singular",
        });
        all
    },
    ..COMPOSITE
}
.shipped();

/// `A⁻¹ B`, or `B A⁻¹`.
pub fn solve(a: &Tensor, b: &Tensor, is_left: bool) -> Result<Tensor> {
    Ok(solve_any(a, b, is_left, true)?.swap_remove(0))
}
