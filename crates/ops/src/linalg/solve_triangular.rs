//! Solutions of triangular systems.

use crate::invoke;
use crate::shared::linalg::{
    COMPOSITE, KERNEL, each, floating, lead, matrices, minus_matmul, mt, side, sizes, square, store, together, triangle,
};
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Default, Facts, Grads, Kind, OpDef, Outputs, Sample, SampleTensor, Saves,
    Spec, Specs, Tensor, Vjp, required,
};
use adjoint_kernels::linalg::triangular::{self, Triangle};
use adjoint_tensor::{Array, Code, Error, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let (a, b) = (call.input(0), call.input(1));
    square("A", a)?;
    matrices("B", b)?;
    Ok(Spec::one(b.shape(), call.same_dtype()?))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (a, b) = (call.input(0), call.input(1));
    let [n, k] = sizes("B", b.shape())?;
    let triangle = Triangle { upper: call.attrs.get_bool(0), unit: call.attrs.get_bool(1) };
    let (a, mut x) = (a.to_vec_f64()?, b.to_vec_f64()?);
    let count = lead(b.shape()).iter().product();
    each(&mut x, count, n * k, |i, x| triangular::solve(&a[i * n * n..][..n * n], n, x, k, triangle));
    store(&x, &mut outs[0])
}

/// `dB = A⁻ᵀ g`, `dA = −dB Xᵀ` in the triangle that is read.
fn vjp(b: &Backward) -> Result<Grads> {
    let (a, upper, unit) = (b.input(0)?, b.attrs().get_bool(0), b.attrs().get_bool(1));
    let db = left(&mt(&a)?, b.g(), !upper, unit)?;
    let da = if b.wants(0) { Some(triangle(&minus_matmul(&db, &mt(&b.output(0)?)?)?, upper, unit)?) } else { None };
    Ok(smallvec![da, b.wants(1).then_some(db)])
}

fn left(a: &Tensor, b: &Tensor, upper: bool, unit: bool) -> Result<Tensor> {
    invoke::with(&LEFT, &[Some(a), Some(b)], Attrs::new().bool(upper).bool(unit))
}

/// Fails unless the rows of B, or with `is_left` false its columns, are those of square A.
pub(super) fn fit(a: &Tensor, b: &Tensor, is_left: bool) -> Result<()> {
    let n = side("A", a.shape())?;
    let [rows, columns] = sizes("B", b.shape())?;
    floating("A", a.dtype())?;
    if (if is_left { rows } else { columns }) == n {
        return Ok(());
    }
    let equation = if is_left { "AX = B" } else { "XA = B" };
    Err(Error::shape(format!(
        "incompatible shapes of A and B for the equation {equation}: A is {n}x{n}, {:?}, and B {rows}x{columns}, {:?}",
        a.shape(),
        b.shape()
    ))
    .with("A", format_args!("{:?}", a.shape()))
    .with("B", format_args!("{:?}", b.shape())))
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (a, b) = (required(inputs, 0), required(inputs, 1));
    let is_left = !matches!(attrs.get(1), Attr::Bool(false));
    Ok(smallvec![solve_triangular(a, b, attrs.get_bool(0), is_left, attrs.get_bool(2))?])
}

fn samples() -> Vec<Sample> {
    let s = |label: &str, a: &[usize], b: &[usize], upper, left, unit| {
        let a = SampleTensor::new(a).range(0.5, 2.0);
        let flags = [upper, left, unit].map(|v| Attr::Bool(v).into());
        Sample::new(label, [a.into(), SampleTensor::new(b).into()].into_iter().chain(flags).collect())
    };
    vec![
        s("upper", &[3, 3], &[3, 2], true, true, false),
        s("lower, one column, a batch", &[2, 3, 3], &[3, 1], false, true, false),
        s("from the right, ones on the diagonal", &[2, 2], &[3, 2, 2], false, false, true),
        s("no elements", &[0, 0], &[0, 2], true, true, false),
    ]
}

/// The ops: as it is called, and from the left for batches of one shape.
pub static DEFS: &[&OpDef] = &[&LEFT, &PUBLIC];

static LEFT: OpDef = OpDef {
    name: "_solve_triangular",
    part_of: "solve_triangular",
    doc: "The solution of `A X = B` for batches of one shape.",
    args: &[
        Arg::tensor("A"),
        Arg::tensor("B"),
        Arg::required("upper", Kind::Bool),
        Arg::required("unitriangular", Kind::Bool),
    ],
    surface: &[],
    node: "LinalgSolveTriangularBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b01, 0b01], outputs: &[1] },
    samples: || {
        let a = SampleTensor::new(&[2, 3, 3]).range(0.5, 2.0);
        let flags = [Attr::Bool(true).into(), Attr::Bool(false).into()];
        vec![Sample::new(
            "a batch",
            [a.into(), SampleTensor::new(&[2, 3, 2]).into()].into_iter().chain(flags).collect(),
        )]
    },
    ..KERNEL
}
.shipped();

static PUBLIC: OpDef = OpDef {
    name: "solve_triangular",
    doc: "Returns the solution X of `A X = B`, or with `left` false of `X A = B`, for triangular matrices `A`.\n\n\
          **Shapes**: `A` is `[*, n, n]`, `B` `[*, n, k]` or, where not `left`, `[*, k, n]`; the dims in front broadcast. Only the \
          triangle that `upper` says is read; with `unitriangular` the diagonal counts as ones. A zero on the diagonal gives \
          infinities and NaN, no error. float32 is computed in float64 and rounded. Costs n²·k operations a matrix. Source: PyTorch, \
          `torch.linalg.solve_triangular`.",
    args: &[
        Arg::tensor("A"),
        Arg::tensor("B"),
        Arg::required("upper", Kind::Bool),
        Arg::optional("left", Kind::Bool, Default::Bool(true)),
        Arg::optional("unitriangular", Kind::Bool, Default::Bool(false)),
    ],
    body: Body::Composite(body),
    samples,
    errors: || {
        let t = |a: &[usize], b: &[usize]| {
            let tensors = [SampleTensor::new(a).into(), SampleTensor::new(b).into()];
            Sample::new("sizes that differ", tensors.into_iter().chain([Attr::Bool(true).into()]).collect())
        };
        vec![
            fails(t(&[2, 2], &[3, 1]), Code::Shape, "A is 2x2, [2, 2], and B 3x1"),
            fails(t(&[2, 3], &[2, 1]), Code::Shape, "2 by 3 matrices"),
        ]
    },
    ..COMPOSITE
}
.shipped();

/// The solution of `A X = B`, or of `X A = B`.
pub fn solve_triangular(a: &Tensor, b: &Tensor, upper: bool, is_left: bool, unit: bool) -> Result<Tensor> {
    fit(a, b, is_left)?;
    let (a, b) = together(a, b)?;
    if is_left { left(&a, &b, upper, unit) } else { mt(&left(&mt(&a)?, &mt(&b)?, !upper, unit)?) }
}
