//! Volumes read at given places, with PyTorch's numbers for words.

use super::grid_sample::{call, chosen};
use crate::shared::nn::sampling::sample;
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, ErrorSample, Half, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn number(attrs: &Attrs, i: usize, name: &str, most: i64) -> Result<u8> {
    match attrs.get_int(i)? {
        n if (0..=most).contains(&n) => Ok(n as u8),
        n => Err(Error::usage(format!("expected {name} of 0 to {most}, got {n}"))),
    }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, grid] = [0, 1].map(|i| required(inputs, i));
    if x.rank() != 5 {
        return Err(Error::shape(format!("expected an input of 5 dims, got {:?}", x.shape())));
    }
    let (mode, padding) = (number(attrs, 0, "interpolationMode", 1)?, number(attrs, 1, "paddingMode", 2)?);
    let (between, outside) = chosen(mode, padding);
    Ok(smallvec![sample(x, grid, between, outside, attrs.get_bool(2))?])
}

fn attrs(mode: i64, padding: i64) -> Vec<Attr> {
    vec![Attr::Int(mode), Attr::Int(padding), Attr::Bool(false)]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "grid_sampler_3d",
    doc: "Returns `nn.functional.gridSample` of volumes; `interpolationMode` is 0 for bilinear or 1 for nearest, `paddingMode` 0 for zeros, 1 for \
          the border, 2 for reflection. Source: PyTorch, `torch.grid_sampler_3d`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("grid"),
        Arg::required("interpolation_mode", Kind::Int),
        Arg::required("padding_mode", Kind::Int),
        Arg::required("align_corners", Kind::Bool),
    ],
    surface: &[Api::Function],
    body: Body::Composite(body),
    half: Half::Once,
    samples: || vec![call("volumes", &[1, 1, 2, 2, 2], &[1, 1, 1, 2, 3], attrs(0, 0))],
    errors: || {
        let e = |label, input: &[usize], grid: &[usize], attrs, code, message| ErrorSample {
            sample: call(label, input, grid, attrs),
            code,
            message,
        };
        vec![
            e("images", &[1, 1, 2, 2], &[1, 2, 2, 2], attrs(0, 0), Code::Shape, "an input of 5 dims"),
            e("no such mode", &[1, 1, 2, 2, 2], &[1, 1, 1, 1, 3], attrs(2, 0), Code::Usage, "0 to 1"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
