//! The quotient, exact or rounded.

use super::{
    add::add, eq::eq, floor::floor, fmod::fmod, gt::gt, logical_and::logical_and, logical_xor::logical_xor, lt::lt,
    mul::mul, ne::ne, sub::sub, trunc::trunc, where_::where_,
};
use crate::formula::{Algebra, Binary, Loops, Ring, RingBinary, binary, ring_binary};
use crate::invoke::{self, number};
use crate::shared::checks::no_zero_divisor;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default, HalfOps};
use adjoint_autograd::{Alias, Api, Arg, Attrs, Body, Half, Kind, OpDef, Outputs, Saves, Tensor};
use adjoint_tensor::Result;

struct Div;

impl Binary<0> for Div {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        a / b
    }
}

struct DivTrunc;

impl RingBinary<0> for DivTrunc {
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        a.div_trunc(b)
    }
}

struct DivFloor;

impl RingBinary<0> for DivFloor {
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        a.div_floor(b)
    }
}

const DOC: &str = "Returns `input / other`, element by element.\n\n\
     `roundingMode` `\"trunc\"` rounds the quotient towards 0, `\"floor\"` rounds it down; then integers stay integers, a \
     zero among integer divisors is an error, and the gradient is 0. Without it integers are divided in float32 and \
     division by 0 gives ±∞ or NaN. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.div`.";

/// The quotient rounded towards 0.
pub fn div_trunc(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DIV_TRUNC, x, other)
}

/// The quotient rounded down.
pub fn div_floor(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DIV_FLOOR, x, other)
}

/// Dividend and divisor where PyTorch rounds the quotient of halves before it makes it whole: not
/// by a divisor of one element.
fn in_steps<'a>(inputs: &[Option<&'a Tensor>]) -> Option<(&'a Tensor, &'a Tensor)> {
    match *inputs {
        [Some(x), Some(other)] if other.numel() != 1 => Some((x, other)),
        _ => None,
    }
}

/// The quotient, rounded, then towards 0.
fn trunc_in_steps(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Option<Tensor>> {
    in_steps(inputs).map(|(x, other)| trunc(&div(x, other)?)).transpose()
}

/// Python's algorithm, which starts from the remainder; each step rounds.
pub(super) fn floor_in_steps(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Option<Tensor>> {
    let Some((x, other)) = in_steps(inputs) else { return Ok(None) };
    let (zero, one) = (number(0.0)?, number(1.0)?);
    let quotient = div(x, other)?;
    let rest = fmod(x, other)?;
    let multiple = div(&sub(x, &rest)?, other)?;
    let is_below = logical_and(&ne(&rest, &zero)?, &logical_xor(&lt(other, &zero)?, &lt(&rest, &zero)?)?)?;
    let multiple = where_(&is_below, &sub(&multiple, &one)?, &multiple)?;
    let whole = floor(&multiple)?;
    let whole = where_(&gt(&sub(&multiple, &whole)?, &number(0.5)?)?, &add(&whole, &one)?, &whole)?;
    // A zero has the sign of the quotient.
    let whole = where_(&eq(&multiple, &zero)?, &mul(&quotient, &zero)?, &whole)?;
    where_(&eq(other, &zero)?, &quotient, &whole).map(Some)
}

/// The ops.
pub static DEFS: &[&OpDef] = &[&DIV, &DIV_MODE, &DIV_TRUNC, &DIV_FLOOR];

static DIV: OpDef = OpDef {
    name: "div",
    also: &[Alias::both("divide"), Alias::both("true_divide")],
    doc: DOC,
    node: "DivBackward0",
    saves: Saves { inputs: &[0b10, 0b11], outputs: &[] },
    samples: || samples::binary_in((-2.0, 2.0), (0.3, 2.0), &[]),
    half: Half::ExactNumber,
    ..binary::<Div, 0>()
}
.shipped();

static DIV_MODE: OpDef = OpDef {
    name: "div.mode",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::number("other"),
        Arg::optional("rounding_mode", Kind::Choice(&["none", "trunc", "floor"]), Default::None),
    ],
    in_place: true,
    body: Body::Composite(rounded),
    ..OpDef::COMPOSITE
}
.shipped();

fn rounded(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let op = match attrs.get_choice(0) {
        0 => &DIV,
        1 => &DIV_TRUNC,
        _ => &DIV_FLOOR,
    };
    invoke::many(op, inputs, Attrs::new())
}

static DIV_TRUNC: OpDef = OpDef {
    name: "_div_trunc",
    part_of: "div",
    doc: "Returns `input / other` rounded towards 0.",
    node: "DivBackward2",
    surface: &[] as &[Api],
    check: Check::Attributes(no_zero_divisor),
    samples: || samples::binary_in((-3.0, 3.0), (0.6, 1.4), &[]),
    half: Half::ExactNumber,
    half_ops: HalfOps::Value(trunc_in_steps),
    ..ring_binary::<DivTrunc, 0>()
}
.shipped();

static DIV_FLOOR: OpDef = OpDef {
    name: "_div_floor",
    part_of: "div",
    doc: "Returns `input / other` rounded down.",
    node: "DivBackward2",
    surface: &[] as &[Api],
    check: Check::Attributes(no_zero_divisor),
    samples: || samples::binary_in((-3.0, 3.0), (0.6, 1.4), &[]),
    half: Half::ExactNumber,
    half_ops: HalfOps::Value(floor_in_steps),
    ..ring_binary::<DivFloor, 0>()
}
.shipped();

/// `x / other`.
pub fn div(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DIV, x, other)
}
