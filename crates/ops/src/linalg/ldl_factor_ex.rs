//! LDL factors of symmetric matrices, and whether there is a zero among the pivots.

use crate::invoke;
use crate::shared::linalg::{KERNEL, behind, each, lead, no_failure, square, store};
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{
    Arg, Attrs, Body, Call, Default, ErrorSample, Facts, Kind, OpDef, Outputs, Sample, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::linalg::indefinite;
use adjoint_tensor::{Array, Code, DType, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    let n = square("A", a)?;
    let lead = lead(a.shape());
    Ok(smallvec![
        Spec::new(a.shape(), a.dtype()),
        Spec::new(behind(lead, &[n]), DType::Int32),
        Spec::new(lead, DType::Int32)
    ])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let n = a.shape()[a.rank() - 1];
    let mut values = a.to_vec_f64()?;
    let [factors, pivots, infos] = outs else { unreachable!("the rule says three outputs") };
    let (pivots, infos) = (pivots.as_mut_slice::<i32>(), infos.as_mut_slice::<i32>());
    let count = infos.len();
    each(&mut values, count, n * n, |i, a| {
        infos[i] = indefinite::factor(a, n, &mut pivots[i * n..][..n]);
        for row in 0..n {
            a[row * n + row + 1..(row + 1) * n].fill(0.0);
        }
    });
    if call.attrs.get_bool(1) {
        no_failure(infos, a.rank() > 2, |info| {
            format!("the diagonal block {info} of D is zero, so that the factors cannot be used to solve with")
        })?;
    }
    store(&values, factors)
}

/// Matrices of which the lower triangle is read.
pub(super) fn samples() -> Vec<Sample> {
    vec![call("a matrix", &[3, 3], []), call("a batch", &[2, 2, 2], []), call("empty", &[2, 0, 0], [])]
}

/// What is no batch of squares.
pub(super) fn errors() -> Vec<ErrorSample> {
    vec![fails(call("wide", &[2, 3], []), Code::Shape, "2 by 3 matrices")]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ldl_factor_ex",
    doc: "Returns the LDL factors of symmetric matrices in LAPACK's form, `P A Pᵀ = L D Lᵀ` with blocks of one and two rows in D, the pivots, \
          and `info`: 0, or the first block of D that is zero, counted from 1.\n\n\
          **Shapes**: `A` and `LD` are `[*, n, n]`, `pivots` int32 `[*, n]`, `info` int32 `[*]`. The lower triangle is read. `hermitian` is the \
          same for real numbers. With `check_errors` an `info` that is not 0 is an error. Has no derivative, as in PyTorch. Source: PyTorch, \
          `torch.linalg.ldl_factor_ex`.",
    args: &[
        Arg::tensor("A"),
        Arg::optional("hermitian", Kind::Bool, Default::Bool(false)),
        Arg::optional("check_errors", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["LD", "pivots", "info"],
    body: Body::Kernel { rule, run },
    vjp: Vjp::None("not implemented in PyTorch"),
    samples,
    errors,
    ..KERNEL
}
.shipped();

/// The factors, the pivots and `info`; an error where there is a zero block.
pub fn checked(a: &Tensor) -> Result<Outputs> {
    invoke::many(&DEF, &[Some(a)], Attrs::new().bool(false).bool(true))
}
