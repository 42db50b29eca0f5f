//! Powers of matrices.

use super::inv::inv;
use crate::contract::matmul::matmul;
use crate::create::eye::eye;
use crate::elementwise::flat::flat;
use crate::shared::linalg::{COMPOSITE, side};
use crate::shared::view::samples::{call, fails, int};
use crate::view::{clone::clone, expand::expand};
use adjoint_autograd::{Api, Arg, Body, Kind, OpDef, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

fn power(a: &Tensor, n: i64) -> Result<Tensor> {
    let size = side("A", a.shape())?;
    if n == 0 {
        return flat(clone(&expand(&eye(size, a.dtype())?, a.shape())?)?, a);
    }
    let mut square = if n < 0 { inv(a)? } else { a.clone() };
    let (mut left, mut product): (u64, Option<Tensor>) = (n.unsigned_abs(), None);
    loop {
        if left % 2 == 1 {
            product = Some(match product {
                None => square.clone(),
                Some(known) => matmul(&known, &square)?,
            });
        }
        left /= 2;
        match product {
            Some(found) if left == 0 => return if n == 1 { clone(&found) } else { Ok(found) },
            _ => square = matmul(&square, &square)?,
        }
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "matrix_power",
    doc: "Returns square matrices to an integer power; a negative one is that of the inverse.\n\n\
          **Shapes**: `A` is `[*, m, m]`, the result too. Costs at most 2 log₂ |n| products. Source: PyTorch, `torch.linalg.matrix_power`.",
    args: &[Arg::tensor("A"), Arg::required("n", Kind::Int)],
    surface: &[Api::Function, Api::Method, Api::Linalg],
    body: Body::Composite(|inputs, attrs| Ok(smallvec![power(required(inputs, 0), attrs.get_int(0)?)?])),
    samples: || {
        vec![
            Sample::new("the identity", vec![SampleTensor::new(&[2, 2]).constant().into(), int(0).into()]),
            call("itself", &[2, 2], [int(1)]),
            call("a batch", &[2, 2, 2], [int(5)]),
            call("of the inverse", &[3, 3], [int(-2)]),
        ]
    },
    errors: || vec![fails(call("wide", &[2, 3], [int(2)]), Code::Shape, "2 by 3 matrices")],
    ..COMPOSITE
}
.shipped();
