//! Convolution of volumes, as one of images: the planes that a filter sees become channels.

use super::conv2d::{Frame, NUMBER_ARGS, WORD_ARGS, call, fails, frame, ints, of_channels};
use super::convolution::convolution;
use crate::pool::unfold_axis::unfold_axis;
use crate::shared::conv::geometry::Geometry;
use crate::view::{contiguous::contiguous, permute::permute, reshape::reshape};
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Attr, Attrs, Body, ErrorSample, Half, OpDef, Sample, Tensor};
use adjoint_kernels::windows::Windows;
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

/// The ops: padding as numbers, and as a word.
pub static DEFS: &[&OpDef] = &[&NUMBERS, &WORD];

/// A step, of which those beyond the longest axis act alike.
pub(super) fn held(n: i64) -> usize {
    n.min(1 << 28) as usize
}

/// The windows along the depth of volumes.
pub(super) fn along_depth<const N: usize>(frame: &Frame<N>, count: usize) -> Windows {
    Windows {
        count,
        size: frame.operands.weight.shape()[2],
        step: held(frame.stride[0]),
        dilation: held(frame.dilation[0]),
        padding: held(frame.padding[0]),
    }
}

/// The convolution of their planes.
pub(super) fn of_planes(frame: &Frame<3>) -> Geometry {
    let rest = |[_, rows, cols]: [i64; 3]| [rows, cols];
    Geometry::new(rest(frame.stride), rest(frame.padding), rest(frame.dilation), frame.groups)
}

/// A weight `[A, B, kD, kH, kW]` as one `[A, kD·B, kH, kW]` of images.
pub(super) fn as_channels(weight: &Tensor) -> Result<Tensor> {
    let [a, b, kd, kh, kw] = *weight.shape() else { unreachable!("the rank was checked") };
    reshape(&permute(weight, &[0, 2, 1, 3, 4])?, &[a, kd * b, kh, kw])
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let frame: Frame<3> = frame(inputs, attrs, 3)?;
    let (x, weight, groups) = (&frame.operands.input, &frame.operands.weight, frame.groups);
    let [batch, channels, _, height, width] = *x.shape() else { unreachable!("the rank was checked") };
    let (filters, kd, [depth, rows, cols]) = (weight.shape()[0], weight.shape()[2], frame.output);
    // [N, oD, kD, C, H, W]: a plane of the result sees kD planes, each as channels of its own.
    let seen = unfold_axis(&permute(x, &[0, 2, 1, 3, 4])?, 1, &along_depth(&frame, depth))?;
    let seen = if groups == 1 {
        seen
    } else {
        let parts = [batch, depth, kd, groups, channels / groups, height, width];
        permute(&reshape(&seen, &parts)?, &[0, 1, 3, 2, 4, 5, 6])?
    };
    let images = reshape(&seen, &[batch * depth, kd * channels, height, width])?;
    let y = convolution(&images, &as_channels(weight)?, frame.bias.as_ref(), &of_planes(&frame), [rows, cols])?;
    let y = permute(&reshape(&y, &[batch, depth, filters, rows, cols])?, &[0, 2, 1, 3, 4])?;
    Ok(smallvec![frame.operands.result(of_channels(&frame.operands, contiguous(&y)?)?)?])
}

fn samples() -> Vec<Sample> {
    let one = || ints(&[1]);
    vec![
        call("a batch", &[&[2, 2, 3, 3, 4], &[3, 2, 2, 2, 3], &[3]], [one(), ints(&[0]), one(), Attr::Int(1)]),
        call("one volume", &[&[1, 3, 3, 3], &[2, 1, 3, 3, 3]], [one(), ints(&[1]), one(), Attr::Int(1)]),
        call(
            "stride, padding and dilation",
            &[&[1, 1, 5, 4, 5], &[2, 1, 2, 2, 3], &[2]],
            [ints(&[2, 1, 2]), ints(&[1, 0, 2]), ints(&[2, 1, 2]), Attr::Int(1)],
        ),
        call("groups", &[&[1, 4, 2, 3, 3], &[2, 2, 2, 2, 2], &[2]], [one(), ints(&[0]), one(), Attr::Int(2)]),
        call("an empty batch", &[&[0, 1, 2, 3, 3], &[2, 1, 2, 2, 2]], [one(), ints(&[0]), one(), Attr::Int(1)]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let usual = || [ints(&[1]), ints(&[0]), ints(&[1]), Attr::Int(1)];
    let volumes: &[usize] = &[1, 2, 4, 4, 4];
    vec![
        fails("channels that differ", &[volumes, &[1, 3, 2, 2, 2]], usual(), Code::Shape, "3 channels, got 2"),
        fails("a kernel too deep", &[volumes, &[1, 2, 5, 2, 2]], usual(), Code::Shape, "no smaller than the kernel"),
        fails("an input of three dims", &[&[4, 4, 4], &[1, 2, 2, 2, 2]], usual(), Code::Shape, "an input of 5 dims"),
        fails(
            "two strides",
            &[volumes, &[1, 2, 2, 2, 2]],
            [ints(&[1, 1]), ints(&[0]), ints(&[1]), Attr::Int(1)],
            Code::Usage,
            "a list of 3",
        ),
    ]
}

fn word_samples() -> Vec<Sample> {
    let attrs = [ints(&[1]), Attr::Choice(1), ints(&[2, 1, 1]), Attr::Int(1)];
    vec![call("same", &[&[1, 2, 3, 2, 3], &[2, 2, 2, 2, 3], &[2]], attrs)]
}

/// What both have.
const BOTH: OpDef = OpDef {
    name: "conv3d",
    doc: "Returns the convolution (strictly, the cross-correlation) of volumes with `weight`, plus `bias`.\n\n\
          **Shapes**: `input` `[N, C, D, H, W]` or `[C, D, H, W]`, `weight` `[F, C / groups, kD, kH, kW]`, `bias` `[F]` or absent, result \
          `[N, F, oD, oH, oW]`; sizes are one number or three, depth first. For the rest see `conv2d`, which computes it: each plane of the \
          result as an image of kD times as many channels, which are written on the way. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.conv3d`.",
    args: &NUMBER_ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(body),
    half: Half::Once,
    ..OpDef::COMPOSITE
};

static NUMBERS: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static WORD: OpDef = OpDef { name: "conv3d.padding", args: &WORD_ARGS, samples: word_samples, ..BOTH }.shipped();
