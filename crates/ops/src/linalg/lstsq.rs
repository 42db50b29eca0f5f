//! Least squares.

use super::matrix_rank::matrix_rank;
use super::pinv::pinv;
use super::svdvals::svdvals;
use crate::contract::matmul::matmul;
use crate::create::zeros::zeros;
use crate::elementwise::{square::square, sub::sub};
use crate::reduce::{amin::amin, sum::sum_dims};
use crate::shared::linalg::{COMPOSITE, floating, sizes};
use crate::shared::view::samples::{fails, tensors};
use crate::view::{reshape::reshape, squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, Tensor, required};
use adjoint_tensor::{Code, DType, Error, Result, Scalar};
use smallvec::smallvec;

const DRIVERS: &[&str] = &["gels", "gelsy", "gelsd", "gelss"];
const GELS: u8 = 0;
const GELSY: u8 = 1;

/// Whether residuals are said: of more equations than unknowns, all of which are determined.
fn has_residuals(driver: u8, rank: &Tensor, m: usize, n: usize) -> Result<bool> {
    if m <= n || driver == GELSY {
        return Ok(false);
    }
    if driver == GELS || rank.numel() == 0 {
        return Ok(true);
    }
    let least = amin(&reshape(rank, &[rank.numel()])?, &[0], false)?;
    Ok(least.read_value()? == Scalar::Int(n as i64))
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (a, b) = (required(inputs, 0), required(inputs, 1));
    let [m, n] = sizes("A", a.shape())?;
    floating("A", a.dtype())?;
    let vectors = b.rank() + 1 == a.rank() && *b.shape() == a.shape()[..a.rank() - 1];
    let b = if vectors { unsqueeze(b, b.rank())? } else { b.clone() };
    let [rows, _] = sizes("B", b.shape())?;
    if rows != m {
        return Err(Error::shape(format!(
            "A and B must have as many rows as each other, got A of shape {:?} and B of {:?}",
            a.shape(),
            b.shape()
        )));
    }
    if a.dtype() != b.dtype() {
        crate::shared::checks::same_dtype("B", b.dtype(), a.dtype())?;
    }
    let driver = if matches!(attrs.get(1), Attr::Choice(_)) { attrs.get_choice(1) } else { GELSY };
    let epsilon = if a.dtype() == DType::Float32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let rcond = attrs.opt_float(0).unwrap_or(epsilon * m.max(n) as f64);
    let none = |dtype| zeros(&[0], dtype);
    let solution = matmul(&pinv(a, Some(rcond))?, &b)?;
    let plain = a.detach();
    let rank = if driver == GELS { none(DType::Int64)? } else { matrix_rank(&plain, Some(rcond))? };
    let residuals = if has_residuals(driver, &rank, m, n)? {
        let squares = square(&sub(&matmul(a, &solution)?, &b)?)?;
        sum_dims(&squares, &[squares.rank() - 2], false)?
    } else {
        none(a.dtype())?
    };
    let values = if driver > GELSY { svdvals(&plain)? } else { none(a.dtype())? };
    let solution = if vectors { squeeze(&solution, solution.rank() - 1)? } else { solution };
    Ok(smallvec![solution, residuals, rank, values])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "lstsq",
    doc: "Returns the X that makes `‖A X − B‖` least, and of those the shortest, with the residuals, the rank of A and its singular \
          values.\n\n\
          **Shapes**: `A` is `[*, m, n]`, `B` `[*, m, k]`, or `[*, m]` for vectors; the solution `[*, n, k]`. The residuals `[*, k]` \
          are sums of squares where m > n and all ranks are n, otherwise empty, as with the driver \"gelsy\", the default. The rank, int64 \
          `[*]`, is empty with \"gels\", the singular values are with \"gels\" and \"gelsy\". Whatever the driver, X is `A⁺ B` by the \
          singular values; those not above `rcond` times the largest count as 0, by default the dtype's epsilon times the greater of m \
          and n. Source: PyTorch, `torch.linalg.lstsq`.",
    args: &[
        Arg::tensor("A"),
        Arg::tensor("B"),
        Arg::optional("rcond", Kind::Float, Default::None),
        Arg::optional("driver", Kind::Choice(DRIVERS), Default::None),
    ],
    outputs: &["solution", "residuals", "rank", "singular_values"],
    by_values: true,
    body: Body::Composite(body),
    samples: || {
        let s = |label: &str, a: &[usize], b: &[usize], driver| {
            let both = tensors(label, &[a, b]).args;
            Sample::new(label, both.into_iter().chain([Attr::None.into(), Attr::Choice(driver).into()]).collect())
        };
        vec![
            // Singular values have no gradient, which finite differences do not know.
            s("tall, with residuals", &[4, 2], &[4, 3], 3).kink(),
            s("a wide batch", &[2, 2, 3], &[2, 2, 1], GELSY),
            s("vectors", &[2, 3, 2], &[2, 3], GELS),
        ]
    },
    errors: || vec![fails(tensors("other rows", &[&[3, 2], &[2, 1]]), Code::Shape, "as many rows")],
    ..COMPOSITE
}
.shipped();
