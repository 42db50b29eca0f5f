//! Solutions of systems whose unknowns are a tensor.

use super::solve::solve;
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{fails, ints, tensors};
use crate::view::{permute::permute, reshape::reshape};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, Tensor, required};
use adjoint_tensor::dims::wrap_dims;
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (a, b) = (required(inputs, 0), required(inputs, 1));
    let moved = match attrs.opt_ints(0) {
        None => a.clone(),
        Some(dims) => {
            let last = wrap_dims(dims, a.rank())?;
            let order: Dims = (0..a.rank()).filter(|d| !last.contains(d)).chain(last.iter().copied()).collect();
            permute(a, &order)?
        }
    };
    let shape = Dims::from_slice(moved.shape());
    let (front, unknowns) = shape.split_at(b.rank().min(shape.len()));
    let (m, n) = (front.iter().product::<usize>(), unknowns.iter().product::<usize>());
    if m != n || b.numel() != m {
        return Err(Error::shape(format!(
            "expected self to satisfy prod(shape[other.ndim:]) == prod(shape[:other.ndim]), got {n} != {m} for shape {:?} \
             and B of shape {:?}",
            shape.as_slice(),
            b.shape()
        )));
    }
    let solution = solve(&reshape(&moved, &[m, n])?, &reshape(b, &[m])?, true)?;
    Ok(smallvec![reshape(&solution, unknowns)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "tensorsolve",
    doc: "Returns the X for which `tensordot(A, X, X.ndim)` is B.\n\n\
          **Shapes**: `A` has the sizes of `B` in front and those of X behind, with equal products; `dims` of `A` are moved to its end \
          first. Source: PyTorch, `torch.linalg.tensorsolve`.",
    args: &[Arg::tensor("A"), Arg::tensor("B"), Arg::optional("dims", Kind::Ints, Default::None)],
    body: Body::Composite(body),
    samples: || {
        let moved = tensors("dims moved", &[&[3, 2, 3, 2], &[2, 3]]).args;
        vec![
            tensors("a vector", &[&[2, 2, 4], &[2, 2]]),
            Sample::new("dims moved", moved.into_iter().chain([ints(&[0, 3]).into()]).collect()),
        ]
    },
    errors: || vec![fails(tensors("no square", &[&[2, 3], &[2]]), Code::Shape, "got 3 != 2")],
    ..COMPOSITE
}
.shipped();
