//! The inverse of matrices, and whether there is one.

use crate::elementwise::neg::neg;
use crate::invoke;
use crate::shared::linalg::{KERNEL, each, is_singular, lead, matmul3, mt, no_failure, square, store};
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Default, ErrorSample, Facts, Grads, Kind, OpDef, Outputs, Sample, SampleTensor,
    Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::linalg::lu;
use adjoint_tensor::{Array, Code, DType, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    square("A", a)?;
    Ok(smallvec![Spec::new(a.shape(), a.dtype()), Spec::new(lead(a.shape()), DType::Int32)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let n = a.shape()[a.rank() - 1];
    let (mut factors, mut x) = (a.to_vec_f64()?, scratch::filled(0.0, a.numel())?);
    let mut pivots = scratch::filled(0i32, n)?;
    let [inverse, infos] = outs else { unreachable!("the rule says two outputs") };
    let infos = infos.as_mut_slice::<i32>();
    let count = infos.len();
    each(&mut factors, count, n * n, |i, a| {
        infos[i] = lu::factor(a, n, n, &mut pivots);
        let x = &mut x[i * n * n..][..n * n];
        x.iter_mut().step_by(n + 1).for_each(|v| *v = 1.0);
        lu::solve(a, n, &pivots, x, n);
    });
    if call.attrs.get_bool(0) {
        no_failure(infos, a.rank() > 2, is_singular)?;
    }
    store(&x, inverse)
}

/// `dA = −A⁻ᵀ g A⁻ᵀ`.
fn vjp(b: &Backward) -> Result<Grads> {
    let Some(g) = b.grad(0) else { return Ok(smallvec![None]) };
    let inverse = mt(&b.output(0)?)?;
    Ok(smallvec![Some(neg(&matmul3(&inverse, g, &inverse)?)?)])
}

/// Matrices that have an inverse.
pub(super) fn samples() -> Vec<Sample> {
    vec![call("a matrix", &[3, 3], []), call("a batch", &[2, 2, 2], []), call("no elements", &[2, 0, 0], [])]
}

/// What is no square of numbers.
pub(super) fn errors() -> Vec<ErrorSample> {
    let whole = SampleTensor::ints(&[2, 2], 0, 5).into();
    vec![
        fails(call("wide", &[2, 3], []), Code::Shape, "2 by 3 matrices"),
        fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions"),
        fails(Sample::new("integers", vec![whole]), Code::DType, "floating-point"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "inv_ex",
    doc: "Returns the inverse of square matrices, and `info`: 0, or the first zero pivot, counted from 1, where a matrix is singular \
          and the result of no use.\n\n\
          **Shapes**: `A` is `[*, n, n]`, the inverse too, `info` an int32 tensor `[*]`. With `check_errors` an `info` that is not 0 is \
          an error. `dA = −A⁻ᵀ g A⁻ᵀ`. By LU factors with pivots; float32 is computed in float64 and rounded. `linalg.solve` costs \
          less where the inverse is only multiplied. Costs 8n³/3 operations a matrix. Source: PyTorch, `torch.linalg.inv_ex`.",
    args: &[Arg::tensor("A"), Arg::optional("check_errors", Kind::Bool, Default::Bool(false))],
    outputs: &["inverse", "info"],
    node: "LinalgInvExBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::OUTPUT,
    samples,
    errors,
    ..KERNEL
}
.shipped();

/// The inverse and `info`.
pub fn inv_ex(a: &Tensor, check: bool) -> Result<Outputs> {
    invoke::many(&DEF, &[Some(a)], Attrs::new().bool(check))
}
