//! Images read at given places.

use crate::shared::nn::sampling::{Between, Outside, sample};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Attr, Body, ErrorSample, Half, Kind, OpDef, Sample, SampleArg, SampleTensor, required,
};
use adjoint_tensor::Code;
use smallvec::smallvec;

const MODES: &[&str] = &["bilinear", "nearest", "bicubic"];
const PADDINGS: &[&str] = &["zeros", "border", "reflection"];

/// A mode and a padding mode by number.
pub(super) const fn chosen(mode: u8, padding: u8) -> (Between, Outside) {
    let between = match mode {
        0 => Between::Linear,
        1 => Between::Nearest,
        _ => Between::Cubic,
    };
    let outside = match padding {
        0 => Outside::Zeros,
        1 => Outside::Border,
        _ => Outside::Reflection,
    };
    (between, outside)
}

/// A call with places that are at no pixel and at no edge of one.
pub(super) fn call(label: &str, input: &[usize], grid: &[usize], attrs: Vec<Attr>) -> Sample {
    let places = SampleTensor::new(grid)
        .range(-1.4, 1.4)
        .avoid(&[-1.25, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25]);
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(input).into(), places.into()];
    args.extend(attrs.into_iter().map(SampleArg::from));
    Sample::new(label, args)
}

fn attrs(mode: u8, padding: u8, aligned: bool) -> Vec<Attr> {
    vec![Attr::Choice(mode), Attr::Choice(padding), Attr::Bool(aligned)]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "grid_sample",
    doc: "Returns the values of images at places between their pixels.\n\n\
          **Shapes**: `input` `[N, C, H, W]`, `grid` `[N, oH, oW, 2]`, result `[N, C, oH, oW]`; or `[N, C, D, H, W]`, `[N, oD, oH, oW, 3]` and \
          `[N, C, oD, oH, oW]`. A place is x, y (and z), from −1 to 1: the centers of the outer pixels with `alignCorners`, their edges without. \
          `mode` is \"bilinear\", \"nearest\", or \"bicubic\" for images (cubics with a = −0.75); outside the image are \"zeros\", the \"border\", or \
          its \"reflection\", as `paddingMode` says. The gradient of a place at the border is 0 from there on. float32 and float64.\n\n\
          Each of the pixels that a value is made of (4 for bilinear, 16 for bicubic) costs a tensor of the size of the result. \
          Source: PyTorch, `torch.nn.functional.grid_sample`; Jaderberg et al. 2015.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("grid"),
        Arg::optional("mode", Kind::Choice(MODES), Default::Word("bilinear")),
        Arg::optional("padding_mode", Kind::Choice(PADDINGS), Default::Word("zeros")),
        Arg::optional("align_corners", Kind::Bool, Default::None),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        let (between, outside) = chosen(attrs.get_choice(0), attrs.get_choice(1));
        Ok(smallvec![sample(required(inputs, 0), required(inputs, 1), between, outside, attrs.get_bool(2))?])
    }),
    half: Half::Once,
    samples: || {
        let images = |label, mode, padding, aligned| {
            call(label, &[1, 2, 4, 4], &[1, 2, 3, 2], attrs(mode, padding, aligned))
        };
        vec![
            images("bilinear", 0, 0, false),
            images("bilinear, corners aligned, at the border", 0, 1, true).kink(),
            images("bilinear, reflected", 0, 2, false).kink(),
            images("nearest", 1, 0, false),
            images("bicubic", 2, 0, false),
            images("bicubic, reflected", 2, 2, true).kink(),
            call("volumes", &[1, 1, 2, 2, 2], &[1, 1, 1, 2, 3], attrs(0, 0, false)),
        ]
    },
    errors: || {
        let e = |label, input: &[usize], grid: &[usize], mode, message| ErrorSample {
            sample: call(label, input, grid, attrs(mode, 0, false)),
            code: Code::Shape,
            message,
        };
        vec![
            e("batches that differ", &[1, 1, 2, 2], &[2, 2, 2, 2], 0, "one batch size"),
            e("three coordinates", &[1, 1, 2, 2], &[1, 2, 2, 3], 0, "last dim is 2"),
            e("sequences", &[1, 1, 2], &[1, 2, 1], 0, "of 4 dims, or of 5"),
            e("bicubic volumes", &[1, 1, 2, 2, 2], &[1, 1, 1, 1, 3], 2, "for mode bicubic"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
