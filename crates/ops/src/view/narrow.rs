//! A range of a dim.

use super::cases::{call, fails, int};
use super::slice;
use adjoint_autograd::{Arg, Attrs, Body, Class, Kind, OpDef, Outputs, Tensor, Vjp};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = inputs[0].expect("a required input is present");
    if x.rank() == 0 {
        return Err(Error::index("cannot be applied to a 0-dim tensor"));
    }
    let dim = x.array().layout().dim(attrs.get_int(0)?)?;
    let (start, length, n) = (attrs.get_int(1)?, attrs.get_int(2)?, x.shape()[dim] as i64);
    if length < 0 {
        return Err(Error::usage(format!("length must be non-negative, got {length}")));
    }
    if start < -n || start > n {
        return Err(Error::index(format!(
            "start out of range, expected to be in [-{n}, {n}] for dim {dim}, got {start}"
        )));
    }
    let start = if start < 0 { start + n } else { start };
    if length > n - start {
        return Err(Error::index(format!(
            "start ({start}) + length ({length}) exceeds dimension size ({n}) of dim {dim}"
        )));
    }
    Ok(smallvec![slice::slice(x, dim, start as usize, (start + length) as usize, 1)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "narrow",
    doc: "Returns a view of `input` at the `length` indices of `dim` from `start` on.\n\n\
          A negative start counts from the end. Fails where the range leaves the dim. Source: PyTorch, `torch.narrow`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::required("start", Kind::Int),
        Arg::required("length", Kind::Int),
    ],
    class: Class::Composite,
    body: Body::Composite(body),
    vjp: Vjp::Composite,
    samples: || {
        vec![
            call("rows", &[4, 2], [int(0), int(1), int(2)]),
            call("a negative start", &[2, 4], [int(-1), int(-2), int(1)]),
            call("nothing", &[3], [int(0), int(3), int(0)]),
        ]
    },
    errors: || {
        vec![
            fails(call("too long", &[3], [int(0), int(2), int(2)]), Code::Index, "exceeds dimension size (3)"),
            fails(call("a start outside", &[3], [int(0), int(4), int(0)]), Code::Index, "start out of range"),
            fails(call("a negative length", &[3], [int(0), int(0), int(-1)]), Code::Usage, "non-negative"),
        ]
    },
    ..OpDef::BASE
};

/// `x` at indices `start..start + length` of `dim`.
pub fn narrow(x: &Tensor, dim: usize, start: usize, length: usize) -> Result<Tensor> {
    slice::slice(x, dim, start, start + length, 1)
}
