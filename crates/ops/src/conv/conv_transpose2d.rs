//! Transposed convolution of images.

use super::conv2d::Frame;
use super::convolution::by_input;
use crate::elementwise::add::add;
use crate::shared::conv::geometry::{Geometry, Operands, groups, padded};
use crate::shared::dims::axes;
use crate::view::reshape::reshape;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Sample, SampleArg, SampleTensor, Tensor,
};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

/// The parameters.
pub(super) const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::tensor("weight"),
    Arg::optional("bias", Kind::Tensor, Default::None),
    Arg::optional("stride", Kind::Ints, Default::Int(1)),
    Arg::optional("padding", Kind::Ints, Default::Int(0)),
    Arg::optional("output_padding", Kind::Ints, Default::Int(0)),
    Arg::optional("groups", Kind::Int, Default::Int(1)),
    Arg::optional("dilation", Kind::Ints, Default::Int(1)),
];

/// Reads and checks the arguments of a transposed convolution over `dims` axes.
pub(super) fn frame<const N: usize>(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Frame<N>> {
    let stride: [i64; N] = axes(attrs.get_ints(0)?, "stride", dims, 1, 1)?;
    let padding: [i64; N] = axes(attrs.get_ints(1)?, "padding", dims, 0, 0)?;
    let extra: [i64; N] = axes(attrs.get_ints(2)?, "outputPadding", dims, 0, 0)?;
    let dilation: [i64; N] = axes(attrs.get_ints(4)?, "dilation", dims, 1, 1)?;
    let parts = attrs.get_int(3)?;
    let (operands, bias) = Operands::new(inputs, dims, |weight| weight[1].saturating_mul(parts.max(0) as usize))?;
    let (input, weight) = (operands.input.shape(), operands.weight.shape());
    let groups = groups(attrs, 3, weight)?;
    let given = |i: usize| inputs[i].map_or(&[][..], Tensor::shape);
    if input[1] != weight[0] {
        return Err(Error::shape(format!(
            "given a weight of shape {:?}, expected an input with {} channels, got {} in {:?}",
            given(1),
            weight[0],
            input[1],
            given(0),
        )));
    }
    operands.image(inputs[0])?;
    let mut output = [0; N];
    for i in 0..N {
        if extra[i] >= stride[i].max(dilation[i]) {
            return Err(Error::usage(format!(
                "expected an outputPadding smaller than stride or dilation, got {} with stride {} and dilation {}",
                extra[i], stride[i], dilation[i]
            )));
        }
        let steps = |n: usize, of: i64| (n as i128 - 1).max(0) * i128::from(of);
        let (span, reach) = (steps(input[2 + i], stride[i]), steps(weight[2 + i], dilation[i]));
        let whole = padded(span, reach, i128::from(extra[i]) + 1)?;
        output[i] = match whole - 2 * i128::from(padding[i]) {
            n @ 1.. => n as usize,
            _ => {
                return Err(Error::shape(format!(
                    "expected an input large enough for a result, got {:?} with weight {:?}, stride {} and padding {}",
                    given(0),
                    given(1),
                    stride[i],
                    padding[i],
                )));
            }
        };
    }
    Ok(Frame { operands, bias, stride, padding, dilation, groups, output })
}

/// A transposed convolution over `dims` axes.
pub(super) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Outputs> {
    let Frame { operands, bias, stride, padding, dilation, groups, output } = frame(inputs, attrs, dims)?;
    let geometry = Geometry::new(stride, padding, dilation, groups);
    let y = by_input(&operands.input, &operands.weight, &geometry, output)?;
    let y = match bias {
        Some(bias) => add(&y, &reshape(&bias, &[bias.numel(), 1, 1])?)?,
        None => y,
    };
    Ok(smallvec![operands.result(y)?])
}

/// A call with these shapes and (stride, padding, output_padding, groups, dilation).
pub(super) fn call(label: &str, shapes: &[&[usize]], [a, b, c, groups, d]: [&[i64]; 5]) -> Sample {
    let mut args: Vec<SampleArg> = shapes.iter().map(|shape| SampleTensor::new(shape).into()).collect();
    if shapes.len() == 2 {
        args.push(Attr::None.into());
    }
    let ints = |v: &[i64]| Attr::Ints(v.into());
    args.extend([ints(a), ints(b), ints(c), Attr::Int(groups[0]), ints(d)].map(SampleArg::from));
    Sample::new(label, args)
}

fn samples() -> Vec<Sample> {
    vec![
        call("a batch", &[&[2, 2, 3, 2], &[2, 3, 2, 3], &[3]], [&[1], &[0], &[0], &[1], &[1]]),
        call("one image", &[&[2, 2, 3], &[2, 1, 3, 3]], [&[2], &[1], &[1], &[1], &[1]]),
        call("groups and dilation", &[&[1, 4, 3, 3], &[4, 1, 2, 2], &[2]], [&[1, 2], &[0, 1], &[0], &[2], &[2, 1]]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |label, shapes: &[&[usize]], attrs, code, message| ErrorSample {
        sample: call(label, shapes, attrs),
        code,
        message,
    };
    let shapes: &[&[usize]] = &[&[1, 1, 3, 3], &[1, 1, 2, 2]];
    vec![
        e("output padding", shapes, [&[1], &[0], &[1], &[1], &[1]], Code::Usage, "smaller than stride or dilation"),
        e("nothing left", shapes, [&[1], &[2], &[0], &[1], &[1]], Code::Shape, "large enough"),
        e(
            "channels",
            &[&[1, 2, 3, 3], &[1, 1, 2, 2]],
            [&[1], &[0], &[0], &[1], &[1]],
            Code::Shape,
            "1 channels, got 2",
        ),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "conv_transpose2d",
    doc: "Returns the transposed convolution of images with `weight`, plus `bias`: the map that `conv2d`'s gradient of its input is.\n\n\
          **Shapes**: `input` `[N, C, H, W]` or `[C, H, W]`, `weight` `[C, F / groups, kH, kW]`, `bias` `[F]` or absent, result `[N, F, oH, oW]` \
          with `oH = (H − 1)·stride − 2·padding + dilation·(kH − 1) + outputPadding + 1`. `outputPadding`, smaller than stride or dilation, \
          chooses among the sizes that a convolution would map to `H`. Cost as `conv2d`; no zeros are inserted. Source: PyTorch, \
          `torch.nn.functional.conv_transpose2d`.",
    args: ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2)),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
