//! Pixels as channels.

use super::pixel_shuffle::{behind, factor, image};
use crate::shared::view::samples::{call, fails, int};
use crate::view::{permute::permute, reshape::reshape};
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Arg, Attrs, Body, Kind, OpDef, Tensor, required};
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let r = factor(attrs, "downscaleFactor")?;
    let ([c, h, w], front) = image(x)?;
    for (name, size) in [("height", h), ("width", w)] {
        if !size.is_multiple_of(r) {
            return Err(Error::shape(format!(
                "expected an input whose {name} is divisible by downscaleFactor={r}, got {size} in {:?}",
                x.shape()
            )));
        }
    }
    let n = front.len();
    let apart = reshape(x, &behind(front, &[c, h / r, r, w / r, r]))?;
    let order: Dims = (0..n).chain([0, 2, 4, 1, 3].map(|d| n + d)).collect();
    Ok(smallvec![reshape(&permute(&apart, &order)?, &behind(front, &[c * r * r, h / r, w / r]))?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "pixel_unshuffle",
    doc: "Makes of r × r pixels r² channels, r being `downscaleFactor`: the inverse of `pixelShuffle`.\n\n\
          **Shapes**: `input` `[*, C, H·r, W·r]`, result `[*, C·r², H, W]`. Any dtype. \
          Source: PyTorch, `torch.nn.functional.pixel_unshuffle`; Shi et al., CVPR 2016.",
    args: &[Arg::tensor("input"), Arg::required("downscale_factor", Kind::Int)],
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(body),
    samples: || vec![call("a batch", &[2, 1, 4, 2], [int(2)]), call("one image", &[2, 3, 6], [int(3)])],
    errors: || {
        vec![
            fails(call("rows that do not divide", &[1, 1, 3, 2], [int(2)]), Code::Shape, "height is divisible"),
            fails(call("columns that do not divide", &[1, 1, 2, 3], [int(2)]), Code::Shape, "width is divisible"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
