//! The values of another tensor.

use crate::formula::{Loops, Ring, RingBinary, ring_binary};
use crate::invoke;
use adjoint_autograd::{Api, Arg, Attrs, Default, Kind, Older, OpDef, Promotion, Sample, SampleTensor, Saves, Tensor};
use adjoint_tensor::Result;

struct Copy;

impl RingBinary<0> for Copy {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(_a: R, b: R, []: [R; 0]) -> R {
        b
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "copy",
    doc: "Writes the values of `src` into `input`, broadcast to its shape and cast to its dtype.\n\n\
          Only the in-place form `copy_` is public. The gradient flows to `src`. Source: PyTorch, `Tensor.copy_`.",
    args: &[Arg::tensor("input"), Arg::number("src")],
    older: Older { args: &[(2, Arg::optional("non_blocking", Kind::Bool, Default::Bool(false)))], word: None },
    surface: &[Api::InPlaceMethod],
    node: "torch::autograd::CopyBackwards",
    promotion: Promotion::First,
    saves: Saves::NOTHING,
    samples: || {
        let t = SampleTensor::new;
        vec![Sample::new("a row", vec![t(&[2, 3]).into(), t(&[3]).into()])]
    },
    ..ring_binary::<Copy, 0>()
}
.shipped();

/// Writes the values of `source` into `x`.
pub fn copy_(x: &Tensor, source: &Tensor) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x), Some(source)], Attrs::new())
}
