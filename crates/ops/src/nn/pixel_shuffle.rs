//! Channels as pixels.

use crate::shared::view::samples::{call, fails, int};
use crate::view::{permute::permute, reshape::reshape};
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Arg, Attrs, Body, Kind, OpDef, Tensor, required};
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

/// Channels, rows and columns of images.
pub(super) fn image(x: &Tensor) -> Result<([usize; 3], &[usize])> {
    match x.shape() {
        [front @ .., channels, rows, cols] => Ok(([*channels, *rows, *cols], front)),
        shape => Err(Error::shape(format!("expected an input of at least 3 dims, got shape {shape:?}"))),
    }
}

/// The factor, which must be at least 1.
pub(super) fn factor(attrs: &Attrs, name: &str) -> Result<usize> {
    match attrs.get_int(0)? {
        n @ 1..=0xffff => Ok(n as usize),
        n => Err(Error::usage(format!("expected {name} of at least 1, got {n}"))),
    }
}

/// `front` and these sizes.
pub(super) fn behind(front: &[usize], sizes: &[usize]) -> Dims {
    front.iter().chain(sizes).copied().collect()
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let r = factor(attrs, "upscaleFactor")?;
    let ([c, h, w], front) = image(x)?;
    if !c.is_multiple_of(r * r) {
        return Err(Error::shape(format!(
            "expected an input whose channels are divisible by {}, the square of upscaleFactor, got {c} in {:?}",
            r * r,
            x.shape()
        )));
    }
    let n = front.len();
    let apart = reshape(x, &behind(front, &[c / (r * r), r, r, h, w]))?;
    let order: Dims = (0..n).chain([0, 3, 1, 4, 2].map(|d| n + d)).collect();
    Ok(smallvec![reshape(&permute(&apart, &order)?, &behind(front, &[c / (r * r), h * r, w * r]))?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "pixel_shuffle",
    doc: "Makes of r² channels the r × r pixels in place of one, r being `upscaleFactor`.\n\n\
          **Shapes**: `input` `[*, C·r², H, W]`, result `[*, C, H·r, W·r]`. Any dtype. \
          Source: PyTorch, `torch.nn.functional.pixel_shuffle`; Shi et al., CVPR 2016.",
    args: &[Arg::tensor("input"), Arg::required("upscale_factor", Kind::Int)],
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(body),
    samples: || vec![call("a batch", &[2, 8, 2, 1], [int(2)]), call("one image", &[4, 1, 2], [int(2)])],
    errors: || {
        vec![
            fails(call("channels that do not divide", &[1, 3, 2, 2], [int(2)]), Code::Shape, "divisible by 4"),
            fails(call("a matrix", &[4, 4], [int(2)]), Code::Shape, "at least 3 dims"),
            fails(call("a factor of 0", &[1, 4, 4], [int(0)]), Code::Usage, "at least 1"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
