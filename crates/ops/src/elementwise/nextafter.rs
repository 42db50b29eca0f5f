//! The next number of the dtype towards another.

use super::{ne::ne, where_::where_};
use crate::invoke::number;
use crate::shared::special::by_element::{of_input, pair, zip};
use adjoint_autograd::{Arg, Backward, Call, Grads, OpDef, Promotion, Saves, Vjp};
use adjoint_tensor::{Array, DType, Error, Result};
use smallvec::smallvec;

/// The next f64 after `x` towards `to`.
fn next_f64(x: f64, to: f64) -> f64 {
    match x.partial_cmp(&to) {
        None => f64::NAN,
        Some(std::cmp::Ordering::Equal) => to,
        Some(std::cmp::Ordering::Less) => x.next_up(),
        Some(std::cmp::Ordering::Greater) => x.next_down(),
    }
}

/// The next f32 after `x` towards `to`.
fn next_f32(x: f64, to: f64) -> f64 {
    match x.partial_cmp(&to) {
        None => f64::NAN,
        Some(std::cmp::Ordering::Equal) => to,
        Some(std::cmp::Ordering::Less) => f64::from((x as f32).next_up()),
        Some(std::cmp::Ordering::Greater) => f64::from((x as f32).next_down()),
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    match outs[0].dtype() {
        DType::Float64 => zip(call, &mut outs[0], next_f64),
        DType::Float32 => zip(call, &mut outs[0], next_f32),
        t => Err(Error::dtype(format!("not implemented for {}; cast with to('float32')", t.name()))),
    }
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (x, other) = (b.input(0)?, b.input(1)?);
    let g = where_(&ne(&x, &other)?, b.g(), &number(0.0)?)?;
    Ok(smallvec![Some(of_input(b, 0, &g)?), None])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "nextafter",
    doc: "Returns the next number of the dtype after `input` towards `other`, element by element.\n\n\
          Exact. The gradient of `input` is g where the two differ, that of `other` is 0. Float32 and float64; shapes \
          broadcast. Source: PyTorch, `torch.nextafter`.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    node: "NextafterBackward0",
    promotion: Promotion::Common,
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b11], outputs: &[] },
    zero_derivatives: 0b10,
    ..pair(run)
}
.shipped();
