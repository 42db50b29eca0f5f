//! Transposed convolution of volumes, as one of images whose channels are then added at their
//! depths.

use super::conv_transpose2d::{ARGS, call, frame};
use super::conv2d::Frame;
use super::conv3d::{along_depth, as_channels, held, of_planes};
use super::convolution::by_input;
use crate::elementwise::{add::add, sub::sub, to::to};
use crate::pool::unfold_axis::fold_axis;
use crate::shared::conv::columns::by_columns;
use crate::shared::conv::geometry::Operands;
use crate::view::{contiguous::contiguous, permute::permute, reshape::reshape};
use adjoint_autograd::modes::GradMode;
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Api, Attrs, Body, ErrorSample, OpDef, Sample, Tensor};
use adjoint_kernels::conv::Along;
use adjoint_tensor::{Code, DType, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let frame: Frame<3> = frame(inputs, attrs, 3)?;
    let y = if frame.operands.input.dtype().is_half() { in_half(&frame)? } else { transposed(&frame)? };
    let y = match &frame.bias {
        Some(bias) => add(&y, &reshape(bias, &[bias.numel(), 1, 1, 1])?)?,
        None => y,
    };
    Ok(smallvec![frame.operands.result(y)?])
}

/// The value that half precision has, with the derivative of the one in float32.
fn in_half(frame: &Frame<3>) -> Result<Tensor> {
    let Operands { input, weight, .. } = &frame.operands;
    let axis = |i: usize| Along {
        size: frame.output[i],
        kernel: weight.shape()[2 + i],
        output: input.shape()[2 + i],
        stride: held(frame.stride[i]),
        padding: held(frame.padding[i]),
        dilation: held(frame.dilation[i]),
    };
    let value = {
        let _off = GradMode::set(false);
        by_columns(input, weight, frame.groups, [axis(0), axis(1), axis(2)])?
    };
    let wide = |t: &Tensor| to(t, DType::Float32);
    let operands = Operands { input: wide(input)?, weight: wide(weight)?, ..frame.operands };
    let y = transposed(&Frame { operands, bias: None, ..*frame })?;
    to(&add(&y, &sub(&wide(&value)?, &y.detach())?)?, input.dtype())
}

fn transposed(frame: &Frame<3>) -> Result<Tensor> {
    let (x, weight, groups) = (&frame.operands.input, &frame.operands.weight, frame.groups);
    let [batch, channels, depth, height, width] = *x.shape() else { unreachable!("the rank was checked") };
    let (each, kd, [out, rows, cols]) = (weight.shape()[1], weight.shape()[2], frame.output);
    let images = reshape(&permute(x, &[0, 2, 1, 3, 4])?, &[batch * depth, channels, height, width])?;
    let y = by_input(&images, &as_channels(weight)?, &of_planes(frame), [rows, cols])?;
    // [N, D, kD, F, oH, oW]: what a plane of the input gives to kD planes of the result.
    let given = if groups == 1 {
        y
    } else {
        let parts = [batch, depth, groups, kd, each, rows, cols];
        permute(&reshape(&y, &parts)?, &[0, 1, 3, 2, 4, 5, 6])?
    };
    let given = reshape(&given, &[batch, depth, kd, groups * each, rows, cols])?;
    let y = fold_axis(&given, 1, &along_depth(frame, depth), out)?;
    contiguous(&permute(&y, &[0, 2, 1, 3, 4])?)
}

fn samples() -> Vec<Sample> {
    vec![
        call("a batch", &[&[2, 2, 2, 3, 2], &[2, 3, 2, 2, 3], &[3]], [&[1], &[0], &[0], &[1], &[1]]),
        call("one volume", &[&[2, 2, 2, 3], &[2, 1, 3, 3, 3]], [&[2], &[1], &[1], &[1], &[1]]),
        call(
            "groups and dilation",
            &[&[1, 4, 2, 2, 3], &[4, 1, 2, 2, 2], &[2]],
            [&[1, 2, 1], &[1, 0, 1], &[0], &[2], &[2, 1, 1]],
        ),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |label, shapes: &[&[usize]], attrs, code, message| ErrorSample {
        sample: call(label, shapes, attrs),
        code,
        message,
    };
    let shapes: &[&[usize]] = &[&[1, 1, 2, 3, 3], &[1, 1, 2, 2, 2]];
    vec![
        e("output padding", shapes, [&[1], &[0], &[1], &[1], &[1]], Code::Usage, "smaller than stride or dilation"),
        e("nothing left", shapes, [&[1], &[2], &[0], &[1], &[1]], Code::Shape, "large enough"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "conv_transpose3d",
    doc: "Returns the transposed convolution of volumes with `weight`, plus `bias`: the map that `conv3d`'s gradient of its input is.\n\n\
          **Shapes**: `input` `[N, C, D, H, W]` or `[C, D, H, W]`, `weight` `[C, F / groups, kD, kH, kW]`, `bias` `[F]` or absent, result \
          `[N, F, oD, oH, oW]`; sizes are one number or three, depth first. For the rest see `convTranspose2d`. What each plane gives to kD planes \
          of the result is written on the way. float32 and float64. Source: PyTorch, `torch.nn.functional.conv_transpose3d`.",
    args: ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
