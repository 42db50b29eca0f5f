//! `x` where it is large enough, else a constant.

use crate::formula::{Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use crate::shared::checks::{holds, not_bools};
use crate::shared::samples;
use adjoint_autograd::op::{Check, HalfGradient};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Kind, OpDef, Sample, Saves, Tensor};
use adjoint_tensor::{Result, Scalar};

struct Threshold;

impl RingUnary<2> for Threshold {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, [threshold, value]: [R; 2]) -> R {
        R::select(x.le(threshold), value, x)
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary_in(-2.0, 2.0, &[0.1]);
    for sample in &mut out {
        sample.args.extend([Attr::Float(0.1).into(), Attr::Float(20.0).into()]);
    }
    out
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "threshold",
    doc: "Returns `input` where it is above `threshold`, else `value`.\n\n\
          No gradient flows where `value` is returned. Every dtype but bool; integers take the whole part of both numbers. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.threshold`.",
    args: &[Arg::tensor("input"), Arg::required("threshold", Kind::Float), Arg::required("value", Kind::Float)],
    node: "ThresholdBackward0",
    surface: &[Api::Function, Api::Functional],
    in_place: true,
    check: Check::Attributes(|inputs, attrs, dtype| {
        not_bools(inputs)?;
        for (i, name) in ["threshold", "value"].into_iter().enumerate() {
            // Whole numbers are integers, of which a negative one wraps.
            let v = attrs.get_float(i)?;
            let number = if v == v.trunc() && v.abs() < 9e18 { Scalar::Int(v as i64) } else { Scalar::Float(v) };
            holds(name, number, dtype)?;
        }
        Ok(())
    }),
    saves: Saves::INPUT,
    flat: [1, 0],
    samples,
    half_gradient: HalfGradient::Once,
    ..ring_unary::<Threshold, 2>()
}
.shipped();

/// `x` where it is large enough, else a constant.
pub fn threshold(x: &Tensor, threshold: f64, value: f64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().float(threshold).float(value))
}
