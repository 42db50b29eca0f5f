//! Solutions of systems of linear equations, and whether there is one.

use crate::invoke;
use crate::shared::linalg::{
    COMPOSITE, KERNEL, each, floating, lead, minus_matmul, mt, no_failure, side, sizes, square, store, together,
};
use crate::shared::view::samples::{fails, tensors};
use crate::view::{squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Default, ErrorSample, Facts, Grads, Kind, OpDef, Outputs, Sample, Saves,
    Spec, Specs, Tensor, Vjp, required,
};
use adjoint_kernels::linalg::lu;
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let (a, b) = (call.input(0), call.input(1));
    square("A", a)?;
    Ok(smallvec![Spec::new(b.shape(), call.same_dtype()?), Spec::new(lead(a.shape()), DType::Int32)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (a, b) = (call.input(0), call.input(1));
    let [n, k] = sizes("B", b.shape())?;
    let (mut factors, mut x) = (a.to_vec_f64()?, b.to_vec_f64()?);
    let mut pivots = scratch::filled(0i32, n)?;
    let [solution, infos] = outs else { unreachable!("the rule says two outputs") };
    let infos = infos.as_mut_slice::<i32>();
    let count = infos.len();
    each(&mut factors, count, n * n, |i, a| {
        infos[i] = lu::factor(a, n, n, &mut pivots);
        lu::solve(a, n, &pivots, &mut x[i * n * k..][..n * k], k);
    });
    if call.attrs.get_bool(0) {
        no_failure(infos, a.rank() > 2, |_| "the solver failed because the input matrix is singular".to_string())?;
    }
    store(&x, solution)
}

/// `dB = A⁻ᵀ g`, `dA = −dB Xᵀ`.
fn vjp(b: &Backward) -> Result<Grads> {
    let Some(g) = b.grad(0) else { return Ok(smallvec![None, None]) };
    let db = pair(&mt(&b.input(0)?)?, g, false)?.swap_remove(0);
    let da = if b.wants(0) { Some(minus_matmul(&db, &mt(&b.output(0)?)?)?) } else { None };
    Ok(smallvec![da, b.wants(1).then_some(db)])
}

fn pair(a: &Tensor, b: &Tensor, check: bool) -> Result<Outputs> {
    invoke::many(&LEFT, &[Some(a), Some(b)], Attrs::new().bool(check))
}

/// Solution and `info`, for vectors or matrices on the right-hand side, from either side.
pub(super) fn solve_any(a: &Tensor, b: &Tensor, is_left: bool, check: bool) -> Result<Outputs> {
    let n = side("A", a.shape())?;
    floating("A", a.dtype())?;
    // A vector, or a batch of vectors for a batch of matrices of the same shape.
    let vectors = b.rank() == 1 || (b.rank() + 1 == a.rank() && *b.shape() == a.shape()[..a.rank() - 1]);
    let misfit = |what: &str| {
        Error::shape(format!("{what}: A is {:?} and B {:?}, which left is {is_left} for", a.shape(), b.shape()))
            .with("A", format_args!("{:?}", a.shape()))
            .with("B", format_args!("{:?}", b.shape()))
    };
    if vectors && !is_left {
        return Err(misfit("a vector B is solved for from the left only; leave out left"));
    }
    let b = if vectors { unsqueeze(b, b.rank())? } else { b.clone() };
    let [rows, columns] = sizes("B", b.shape())?;
    if (if is_left { rows } else { columns }) != n {
        return Err(misfit("incompatible shapes of A and B for the equation"));
    }
    let (a, b) = together(a, &b)?;
    let mut outputs = if is_left { pair(&a, &b, check)? } else { pair(&mt(&a)?, &mt(&b)?, check)? };
    if vectors {
        outputs[0] = squeeze(&outputs[0], b.rank() - 1)?;
    } else if !is_left {
        outputs[0] = mt(&outputs[0])?;
    }
    Ok(outputs)
}

/// Calls with a right-hand side of each kind.
pub(super) fn samples() -> Vec<Sample> {
    vec![
        tensors("a matrix", &[&[3, 3], &[3, 2]]),
        tensors("a vector", &[&[3, 3], &[3]]),
        tensors("a batch of vectors", &[&[2, 2, 2], &[2, 2]]),
        tensors("batches that broadcast", &[&[2, 1, 2, 2], &[3, 2, 1]]),
        tensors("no equations", &[&[0, 0], &[0, 2]]),
    ]
}

/// Shapes that do not fit.
pub(super) fn errors() -> Vec<ErrorSample> {
    vec![
        fails(tensors("a wide matrix", &[&[2, 3], &[2]]), Code::Shape, "2 by 3 matrices"),
        fails(tensors("other rows", &[&[2, 2], &[3, 2]]), Code::Shape, "incompatible shapes"),
        fails(tensors("batches that do not broadcast", &[&[2, 2, 2], &[3, 2, 1]]), Code::Shape, "cannot be broadcast"),
    ]
}

/// The ops: as it is called, and from the left for batches of one shape.
pub static DEFS: &[&OpDef] = &[&LEFT, &PUBLIC];

static LEFT: OpDef = OpDef {
    name: "_solve_ex",
    part_of: "solve_ex",
    doc: "The solution of `A X = B` for batches of one shape.",
    args: &[Arg::tensor("A"), Arg::tensor("B"), Arg::required("check_errors", Kind::Bool)],
    outputs: &["result", "info"],
    surface: &[],
    node: "LinalgSolveExBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b01, 0b01], outputs: &[1] },
    samples: || {
        let both = tensors("a batch", &[&[2, 2, 2], &[2, 2, 1]]).args;
        vec![Sample::new("a batch", both.into_iter().chain([Attr::Bool(true).into()]).collect())]
    },
    ..KERNEL
}
.shipped();

static PUBLIC: OpDef = OpDef {
    name: "solve_ex",
    doc: "Returns the solution X of `A X = B`, or without `left` of `X A = B`, and `info`: 0, or the first zero pivot, counted from 1, \
          where A is singular and the solution of no use.\n\n\
          **Shapes**: as `linalg.solve`; `info` is int32 and has the dims in front. With `check_errors` an `info` that is not 0 is an \
          error. Source: PyTorch, `torch.linalg.solve_ex`.",
    args: &[
        Arg::tensor("A"),
        Arg::tensor("B"),
        Arg::optional("left", Kind::Bool, Default::Bool(true)),
        Arg::optional("check_errors", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["result", "info"],
    body: Body::Composite(|inputs, attrs| {
        let is_left = !matches!(attrs.get(0), Attr::Bool(false));
        solve_any(required(inputs, 0), required(inputs, 1), is_left, attrs.get_bool(1))
    }),
    samples,
    errors,
    ..COMPOSITE
}
.shipped();

/// `A⁻¹ B` for batches of matrices, with infinities and NaN where A is singular.
pub fn solved(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = together(a, b)?;
    Ok(pair(&a, &b, false)?.swap_remove(0))
}
