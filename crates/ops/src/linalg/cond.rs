//! Condition numbers.

use super::inv_ex::inv_ex;
use super::svdvals::svdvals;
use crate::create::zeros::zeros;
use crate::elementwise::{div::div, eq::eq, mul::mul, where_::where_};
use crate::invoke::number;
use crate::reduce::linalg_norm::matrix;
use crate::reduce::linalg_norm::{WORDS, by_word_of};
use crate::shared::linalg::{COMPOSITE, floating, lead, side, sizes};
use crate::shared::view::samples::{call, fails};
use crate::view::select::select;
use adjoint_autograd::{Arg, Attr, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Error, Result, Scalar};
use smallvec::smallvec;

/// The quotient of the extreme singular values.
fn by_values(x: &Tensor, smallest_first: bool) -> Result<Outputs> {
    let s = svdvals(x)?;
    let r = s.rank();
    let (first, last) = (select(&s, r - 1, 0)?, select(&s, r - 1, s.shape()[r - 1] - 1)?);
    Ok(smallvec![if smallest_first { div(&last, &first)? } else { div(&first, &last)? }])
}

/// The norm times that of the inverse; infinite where there is none.
fn by_norm(x: &Tensor, norm: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Outputs> {
    side("A", x.shape())?;
    let both = inv_ex(x, false)?;
    let product = mul(&norm(x)?, &norm(&both[0])?)?;
    Ok(smallvec![where_(&eq(&both[1], &Tensor::number(Scalar::Int(0))?)?, &product, &number(f64::INFINITY)?)?])
}

/// Of matrices without elements.
fn is_empty(x: &Tensor) -> Result<Option<Outputs>> {
    let [m, n] = sizes("A", x.shape())?;
    floating("A", x.dtype())?;
    if m * n > 0 {
        return Ok(None);
    }
    Ok(Some(smallvec![zeros(lead(x.shape()), x.dtype())?]))
}

/// The ops: by a number, and by a word.
pub static DEFS: &[&OpDef] = &[&NUMBER, &WORD];

static NUMBER: OpDef = OpDef {
    name: "cond",
    doc: "Returns the condition number of matrices with respect to a norm, `‖A‖ ‖A⁻¹‖`.\n\n\
          **Shapes**: `A` is `[*, m, n]`, the result `[*]`. `p` is an order of `linalg.matrixNorm`; 2, the default, and −2 are the quotients \
          of the largest and the smallest singular value and need no inverse, the others ask for square matrices and are infinite for \
          singular ones. Source: PyTorch, `torch.linalg.cond`.",
    args: &[Arg::tensor("A"), Arg::optional("p", Kind::Factor, Default::None)],
    body: Body::Composite(|inputs, attrs| {
        let x = required(inputs, 0);
        if let Some(found) = is_empty(x)? {
            return Ok(found);
        }
        match attrs.opt_float(0).unwrap_or(2.0) {
            p if p.abs() == 2.0 => by_values(x, p < 0.0),
            p if p.abs() == 1.0 || p.is_infinite() => by_norm(x, |t| matrix(t, Some(p), &[-2, -1], false, None)),
            p => Err(Error::usage(format!("order {p} is no norm of matrices; choose 2, -2, 1, -1, ±Infinity, 'fro' or 'nuc'"))),
        }
    }),
    samples: || {
        vec![
            call("singular values", &[4, 2], []),
            call("sums", &[2, 2, 2], [Attr::Scalar(Scalar::Float(1.0))]),
            call("the reciprocal", &[3, 3], [Attr::Scalar(Scalar::Float(-2.0))]),
        ]
    },
    errors: || {
        let p = Attr::Scalar(Scalar::Int(1));
        vec![fails(call("wide", &[2, 3], [p]), Code::Shape, "2 by 3 matrices")]
    },
    ..COMPOSITE
}
.shipped();

static WORD: OpDef = OpDef {
    name: "cond.word",
    args: &[Arg::tensor("A"), Arg::required("p", Kind::Choice(WORDS))],
    body: Body::Composite(|inputs, attrs| {
        let x = required(inputs, 0);
        match is_empty(x)? {
            Some(found) => Ok(found),
            None => by_norm(x, |t| by_word_of(t, attrs.get_choice(0), &[-2, -1], false, None)),
        }
    }),
    samples: || vec![call("Frobenius", &[3, 3], [Attr::Choice(0)]), call("nuclear", &[2, 2], [Attr::Choice(1)])],
    errors: Vec::new,
    ..NUMBER
}
.shipped();
