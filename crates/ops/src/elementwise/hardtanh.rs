//! `x` cut off at two bounds.

use crate::formula::{Algebra, Loops, Ring, RingUnary, ring_unary, with_bounds};
use crate::invoke;
use crate::shared::checks::not_bools;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::{Error, Result};

struct Hardtanh;

impl RingUnary<2> for Hardtanh {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, [min_val, max_val]: [R; 2]) -> R {
        x.at_least(min_val).at_most(max_val)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [min_val, max_val]: [A; 2]) -> A {
        // 0 at the bounds, as in PyTorch, where the selection has that of the input.
        A::select(x.le(min_val) | x.ge(max_val), A::c(0.0), g)
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary();
    for sample in &mut out {
        sample.args.extend([Attr::Float(-1.0).into(), Attr::Float(1.0).into()]);
    }
    out
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hardtanh",
    doc: "Returns `input`, at least `minVal` and at most `maxVal`.\n\n\
          The gradient at the bounds is 0. Every dtype but bool; integers take the whole part of the bounds. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.hardtanh`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("min_val", Kind::Float, Default::Float(-1.0)),
        Arg::optional("max_val", Kind::Float, Default::Float(1.0)),
    ],
    node: "HardtanhBackward0",
    surface: &[Api::Functional],
    in_place: true,
    check: Check::Attributes(|inputs, attrs, _| {
        not_bools(inputs)?;
        let (low, high) = (attrs.get_float(0)?, attrs.get_float(1)?);
        if low > high {
            return Err(Error::usage(format!("minVal cannot be greater than maxVal, got {low} and {high}")));
        }
        Ok(())
    }),
    saves: Saves::INPUT,
    flat: [1, 0],
    samples,
    ..with_bounds(ring_unary::<Hardtanh, 2>())
}
.shipped();

/// `x` cut off at two bounds.
pub fn hardtanh(x: &Tensor, min_val: f64, max_val: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(min_val).float(max_val))
}
