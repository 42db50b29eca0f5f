//! Solutions of systems from the Cholesky factor of their matrices.

use super::solve_triangular::fit;
use crate::contract::matmul::matmul;
use crate::elementwise::neg::neg;
use crate::invoke;
use crate::shared::linalg::{KERNEL, each, lead, mt, plus_transpose, sizes, store, together};
use crate::shared::view::samples::{fails, tensors};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Default, Facts, Grads, Kind, OpDef, Outputs, Sample, SampleTensor,
    Saves, Spec, Specs, Tensor, Vjp, required,
};
use adjoint_kernels::linalg::transpose;
use adjoint_kernels::linalg::triangular::{self, Triangle};
use adjoint_tensor::{Array, Code, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    Ok(Spec::one(call.input(0).shape(), call.same_dtype()?))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (b, factor) = (call.input(0), call.input(1));
    let [n, k] = sizes("input", b.shape())?;
    let upper = call.attrs.get_bool(0);
    let (mut x, l) = (b.to_vec_f64()?, factor.to_vec_f64()?);
    let mut turned = scratch::filled(0.0, n * n)?;
    let count = lead(b.shape()).iter().product();
    each(&mut x, count, n * k, |i, x| {
        let l = &l[i * n * n..][..n * n];
        transpose(l, n, n, &mut turned);
        let (lower, above) = if upper { (&turned[..], l) } else { (l, &turned[..]) };
        triangular::solve(lower, n, x, k, Triangle { upper: false, unit: false });
        triangular::solve(above, n, x, k, Triangle { upper: true, unit: false });
    });
    store(&x, &mut outs[0])
}

/// With `A = L Lᵀ`: `dB = A⁻¹ g`, `dA = −dB Xᵀ`, `dL = (dA + dAᵀ) L`, of which PyTorch keeps both
/// triangles.
fn vjp(b: &Backward) -> Result<Grads> {
    let upper = b.attrs().get_bool(0);
    let l = b.input(1)?;
    let db = inner(b.g(), &l, upper)?;
    let dl = if b.wants(1) {
        let both = plus_transpose(&matmul(&db, &mt(&b.output(0)?)?)?)?;
        Some(neg(&if upper { matmul(&l, &both)? } else { matmul(&both, &l)? })?)
    } else {
        None
    };
    Ok(smallvec![b.wants(0).then_some(db), dl])
}

fn inner(b: &Tensor, l: &Tensor, upper: bool) -> Result<Tensor> {
    invoke::with(&INNER, &[Some(b), Some(l)], Attrs::new().bool(upper))
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    Ok(smallvec![cholesky_solve(required(inputs, 0), required(inputs, 1), attrs.get_bool(0))?])
}

fn sample(label: &str, b: &[usize], l: &[usize], upper: bool) -> Sample {
    let l = SampleTensor::new(l).range(0.5, 2.0);
    // The derivative takes what is beside the triangle for 0, and here it is not.
    Sample::new(label, vec![SampleTensor::new(b).into(), l.into(), Attr::Bool(upper).into()])
}

/// The ops: as it is called, and for batches of one shape.
pub static DEFS: &[&OpDef] = &[&INNER, &PUBLIC];

static INNER: OpDef = OpDef {
    name: "_cholesky_solve",
    part_of: "cholesky_solve",
    doc: "The solution for batches of one shape.",
    args: &[Arg::tensor("input"), Arg::tensor("L"), Arg::required("upper", Kind::Bool)],
    surface: &[],
    node: "CholeskySolveBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b10, 0b10], outputs: &[0, 1] },
    samples: || vec![sample("one element", &[1, 2], &[1, 1], false)],
    ..KERNEL
}
.shipped();

static PUBLIC: OpDef = OpDef {
    name: "cholesky_solve",
    doc: "Returns the solution X of `A X = input` from the Cholesky factor `L` of A, `A = L Lᵀ`, or with `upper` `A = Lᵀ L`.\n\n\
          **Shapes**: `input` is `[*, n, k]`, `L` `[*, n, n]`; the dims in front broadcast. Only the triangle of `L` is read; its \
          gradient takes `L` to be zero beside it, and is not zero there, as PyTorch's. Costs 2n²·k operations a matrix. Source: \
          PyTorch, `torch.cholesky_solve`.",
    args: &[Arg::tensor("input"), Arg::tensor("L"), Arg::optional("upper", Kind::Bool, Default::Bool(false))],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(body),
    class: adjoint_autograd::Class::Composite,
    vjp: Vjp::Composite,
    samples: || vec![sample("one element", &[1, 2], &[3, 1, 1], false), sample("upper", &[2, 1, 1], &[1, 1], true)],
    errors: || vec![fails(tensors("sizes that differ", &[&[2, 1], &[3, 3]]), Code::Shape, "A is 3x3")],
    ..KERNEL
}
.shipped();

/// The solution from the factor.
pub fn cholesky_solve(b: &Tensor, l: &Tensor, upper: bool) -> Result<Tensor> {
    fit(l, b, true)?;
    let (l, b) = together(l, b)?;
    inner(&b, &l, upper)
}
