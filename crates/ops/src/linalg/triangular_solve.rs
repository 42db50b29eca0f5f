//! Solutions of triangular systems, by the older name.

use super::solve_triangular::{fit, solve_triangular};
use crate::shared::linalg::{COMPOSITE, mt, together};
use crate::shared::view::samples::{fails, tensors};
use crate::view::clone::clone;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required,
};
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (b, a) = (required(inputs, 0), required(inputs, 1));
    let upper = !matches!(attrs.get(0), Attr::Bool(false));
    fit(a, b, true)?;
    let (a, b) = together(a, b)?;
    let transposed = attrs.get_bool(1);
    let read = if transposed { mt(&a)? } else { a.clone() };
    Ok(smallvec![solve_triangular(&read, &b, upper != transposed, true, attrs.get_bool(2))?, clone(&a)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "triangular_solve",
    doc: "Returns the solution X of `A X = b` for triangular matrices `A`, or of `Aᵀ X = b` with `transpose`, and a copy of `A`.\n\n\
          The older name of `linalg.solveTriangular`, in another order of arguments and with the upper triangle as the default. \
          Source: PyTorch, `torch.triangular_solve`.",
    args: &[
        Arg::tensor("b"),
        Arg::tensor("A"),
        Arg::optional("upper", Kind::Bool, Default::Bool(true)),
        Arg::optional("transpose", Kind::Bool, Default::Bool(false)),
        Arg::optional("unitriangular", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["solution", "cloned_coefficient"],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(body),
    samples: || {
        let a = |shape: &[usize]| SampleTensor::new(shape).range(0.5, 2.0).into();
        let b = |shape: &[usize]| SampleTensor::new(shape).into();
        vec![
            Sample::new("upper", vec![b(&[3, 2]), a(&[3, 3])]),
            Sample::new(
                "lower, transposed, a batch",
                vec![b(&[2, 3, 1]), a(&[3, 3]), Attr::Bool(false).into(), Attr::Bool(true).into()],
            ),
        ]
    },
    errors: || vec![fails(tensors("sizes that differ", &[&[2, 1], &[3, 3]]), Code::Shape, "A is 3x3")],
    ..COMPOSITE
}
.shipped();
