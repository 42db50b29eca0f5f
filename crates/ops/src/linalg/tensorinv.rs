//! The inverse of a tensor that maps tensors to tensors.

use super::inv::inv;
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{call, fails, int};
use crate::view::reshape::reshape;
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef, required};
use adjoint_tensor::{Code, Dims, Error};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "tensorinv",
    doc: "Returns the inverse of `A` as a map, the one for which `tensordot(X, A, ind)` is the identity.\n\n\
          **Shapes**: the product of the first `ind` sizes of `A` is that of the others; the result has the others in front. Source: \
          PyTorch, `torch.linalg.tensorinv`.",
    args: &[Arg::tensor("A"), Arg::optional("ind", Kind::Int, Default::Int(2))],
    body: Body::Composite(|inputs, attrs| {
        let a = required(inputs, 0);
        let given = attrs.opt_int(0).unwrap_or(2);
        let ind = usize::try_from(given).ok().filter(|n| *n > 0).ok_or_else(|| {
            Error::usage(format!("expected a strictly positive integer for ind, got {given}"))
        })?;
        let (front, behind) = a.shape().split_at(ind.min(a.rank()));
        let (m, n) = (front.iter().product::<usize>(), behind.iter().product::<usize>());
        if m != n {
            return Err(Error::shape(format!(
                "expected self to satisfy prod(shape[ind:]) == prod(shape[:ind]), got {n} != {m} for shape {:?} and ind {ind}",
                a.shape()
            )));
        }
        let shape: Dims = behind.iter().chain(front).copied().collect();
        Ok(smallvec![reshape(&inv(&reshape(a, &[m, n])?)?, &shape)?])
    }),
    samples: || vec![call("pairs", &[2, 2, 4], [int(2)]), call("a matrix", &[2, 2], [int(1)])],
    errors: || vec![fails(call("no square", &[2, 3], [int(1)]), Code::Shape, "got 3 != 2")],
    ..COMPOSITE
}
.shipped();
