//! The Cholesky factor of symmetric positive-definite matrices, and whether there is one.

use super::solve_triangular::solve_triangular;
use crate::contract::matmul::matmul;
use crate::invoke;
use crate::shared::linalg::{KERNEL, each, half_lower, lead, mt, no_failure, plus_transpose, square, store};
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Default, ErrorSample, Facts, Grads, Kind, OpDef, Outputs, Sample,
    SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::linalg::{cholesky, transpose};
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
    let (upper, check) = (call.attrs.get_bool(0), call.attrs.get_bool(1));
    let mut values = a.to_vec_f64()?;
    let [factors, infos] = outs else { unreachable!("the rule says two outputs") };
    let mut turned = scratch::filled(0.0, n * n)?;
    let infos = infos.as_mut_slice::<i32>();
    let count = infos.len();
    each(&mut values, count, n * n, |i, a| {
        if upper {
            transpose(a, n, n, &mut turned);
            a.copy_from_slice(&turned);
        }
        infos[i] = cholesky::factor(a, n);
        if upper {
            transpose(a, n, n, &mut turned);
            a.copy_from_slice(&turned);
        }
    });
    if check {
        no_failure(infos, a.rank() > 2, |info| {
            format!(
                "the factorization could not be completed because the input is not positive-definite: the leading minor \
                 of order {info} is not"
            )
        })?;
    }
    store(&values, factors)
}

/// With `φ` the lower triangle with half the diagonal, `dA = sym(L⁻ᵀ φ(Lᵀ g) L⁻¹)`: half on each
/// side of the diagonal, since A is read as symmetric. Source: Murray, Differentiation of the
/// Cholesky decomposition (2016), equation 10.
fn vjp(b: &Backward) -> Result<Grads> {
    let Some(g) = b.grad(0) else { return Ok(smallvec![None]) };
    let upper = b.attrs().get_bool(0);
    let factor = b.output(0)?;
    let (l, g) = if upper { (mt(&factor)?, mt(g)?) } else { (factor, g.clone()) };
    let inner = plus_transpose(&half_lower(&matmul(&mt(&l)?, &g)?)?)?;
    let left = solve_triangular(&mt(&l)?, &inner, true, true, false)?;
    let both = solve_triangular(&l, &left, false, false, false)?;
    Ok(smallvec![Some(crate::elementwise::mul::mul(&both, &invoke::number(0.5)?)?)])
}

/// Matrices of one element: others that are positive-definite no range of numbers makes.
pub(super) fn samples() -> Vec<Sample> {
    let t = |shape: &[usize]| SampleTensor::new(shape).range(0.5, 2.0);
    vec![
        Sample::new("one element", vec![t(&[1, 1]).into()]),
        Sample::new("a batch, upper", vec![t(&[3, 1, 1]).into(), Attr::Bool(true).into()]),
        Sample::new("no elements", vec![t(&[2, 0, 0]).into()]),
    ]
}

/// Calls that neither has an answer for.
pub(super) fn errors() -> Vec<ErrorSample> {
    vec![
        fails(call("wide", &[2, 3], []), Code::Shape, "2 by 3 matrices"),
        fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cholesky_ex",
    doc: "Returns the Cholesky factor `L` of symmetric positive-definite matrices `A = L Lᵀ`, and `info`: 0, or the order of the \
          first leading minor that is not positive, where the factor is of no use.\n\n\
          **Shapes**: `A` is `[*, n, n]`, `L` too, `info` an int32 tensor `[*]`. Only the lower triangle of `A` is read, with `upper` the \
          upper one, and `L` is then upper too, `A = Lᵀ L`. With `check_errors` an `info` that is not 0 is an error, as in `cholesky`. \
          The gradient is symmetric: half of each off-diagonal element goes to each side. float32 is computed in float64 and \
          rounded. Costs n³/3 operations a matrix. Source: PyTorch, `torch.linalg.cholesky_ex`.",
    args: &[
        Arg::tensor("A"),
        Arg::optional("upper", Kind::Bool, Default::Bool(false)),
        Arg::optional("check_errors", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["L", "info"],
    node: "LinalgCholeskyExBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::OUTPUT,
    samples,
    errors,
    ..KERNEL
}
.shipped();

/// The factor and `info`.
pub fn cholesky_ex(a: &Tensor, upper: bool, check: bool) -> Result<Outputs> {
    invoke::many(&DEF, &[Some(a)], Attrs::new().bool(upper).bool(check))
}
