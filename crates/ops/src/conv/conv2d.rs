//! Convolution of images.

use super::convolution::convolution;
use crate::shared::conv::geometry::{Geometry, Operands, groups, padded};
use crate::shared::dims::axes;
use crate::view::narrow::narrow;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Sample, SampleArg, SampleTensor, Tensor,
};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

/// The ops: padding as numbers, and as a word.
pub static DEFS: &[&OpDef] = &[&NUMBERS, &WORD];

/// The words for padding.
const PADDINGS: &[&str] = &["valid", "same"];

const fn args(padding: Arg) -> [Arg; 7] {
    [
        Arg::tensor("input"),
        Arg::tensor("weight"),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::optional("stride", Kind::Ints, Default::Int(1)),
        padding,
        Arg::optional("dilation", Kind::Ints, Default::Int(1)),
        Arg::optional("groups", Kind::Int, Default::Int(1)),
    ]
}

/// The parameters, with padding as numbers.
pub(super) static NUMBER_ARGS: [Arg; 7] = args(Arg::optional("padding", Kind::Ints, Default::Int(0)));
/// The parameters, with padding as a word.
pub(super) static WORD_ARGS: [Arg; 7] = args(Arg::required("padding", Kind::Choice(PADDINGS)));

/// What a convolution along N axes is made with, checked.
pub(super) struct Frame<const N: usize> {
    pub operands: Operands,
    pub bias: Option<Tensor>,
    pub stride: [i64; N],
    /// Zeros before the first element.
    pub padding: [i64; N],
    pub dilation: [i64; N],
    pub groups: usize,
    pub output: [usize; N],
}

/// Reads and checks the arguments of a convolution over `dims` axes, for which sequences are images
/// of one row.
pub(super) fn frame<const N: usize>(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Frame<N>> {
    let stride: [i64; N] = axes(attrs.get_ints(0)?, "stride", dims, 1, 1)?;
    let dilation: [i64; N] = axes(attrs.get_ints(2)?, "dilation", dims, 1, 1)?;
    let (operands, bias) = Operands::new(inputs, dims, |weight| weight[0])?;
    let (input, weight) = (operands.input.shape(), operands.weight.shape());
    let groups = groups(attrs, 3, weight)?;
    if input[1] != weight[1] * groups {
        return Err(Error::shape(format!(
            "given groups={groups} and a weight of shape {:?}, expected an input with {} channels, got {} in {:?}",
            inputs[1].map_or(&[][..], Tensor::shape),
            weight[1] * groups,
            input[1],
            inputs[0].map_or(&[][..], Tensor::shape),
        )));
    }
    // Wide enough for the product of any two numbers that are given.
    let reach: [i128; N] = std::array::from_fn(|i| (weight[2 + i] as i128 - 1) * i128::from(dilation[i]));
    let (before, behind) = match attrs.get(1) {
        Attr::Choice(0) => ([0i128; N], [0i128; N]),
        Attr::Choice(_) => {
            if stride != [1; N] {
                return Err(Error::usage(format!("padding='same' needs a stride of 1, got {:?}", attrs.get_ints(0)?)));
            }
            // What cannot be halved is one more behind, as PyTorch has it.
            (reach.map(|r| r / 2), reach.map(|r| (r + 1) / 2))
        }
        _ => {
            let padding: [i128; N] = axes(attrs.get_ints(1)?, "padding", dims, 0, 0)?.map(i128::from);
            (padding, padding)
        }
    };
    let mut output = [0; N];
    for i in 0..N {
        let size = padded(input[2 + i] as i128, before[i], behind[i])?;
        output[i] = match size - reach[i] {
            room @ 1.. => ((room - 1) / i128::from(stride[i]) + 1) as usize,
            _ => {
                return Err(Error::shape(format!(
                    "expected an input no smaller than the kernel, got a padded size of {size} and a kernel that reaches over {} \
                     (input {:?}, weight {:?}, dilation {})",
                    reach[i] + 1,
                    inputs[0].map_or(&[][..], Tensor::shape),
                    inputs[1].map_or(&[][..], Tensor::shape),
                    dilation[i],
                )));
            }
        };
    }
    operands.image(inputs[0])?;
    Ok(Frame { operands, bias, stride, padding: before.map(|n| n as i64), dilation, groups, output })
}

/// A convolution over `dims` axes.
pub(super) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Outputs> {
    let Frame { operands, bias, stride, padding, dilation, groups, output } = frame(inputs, attrs, dims)?;
    let geometry = Geometry::new(stride, padding, dilation, groups);
    let y = convolution(&operands.input, &operands.weight, bias.as_ref(), &geometry, output)?;
    Ok(smallvec![operands.result(of_channels(&operands, y)?)?])
}

/// Of no channels PyTorch makes none, whatever the number of filters.
pub(super) fn of_channels(operands: &Operands, y: Tensor) -> Result<Tensor> {
    if operands.input.shape()[1] == 0 { narrow(&y, 1, 0, 0) } else { Ok(y) }
}

/// A call with these shapes and (stride, padding, dilation, groups).
pub(super) fn call(label: &str, shapes: &[&[usize]], attrs: [Attr; 4]) -> Sample {
    let mut args: Vec<SampleArg> = shapes.iter().map(|shape| SampleTensor::new(shape).into()).collect();
    if shapes.len() == 2 {
        args.push(Attr::None.into());
    }
    args.extend(attrs.into_iter().map(SampleArg::from));
    Sample::new(label, args)
}

/// A list of integers.
pub(super) fn ints(v: &[i64]) -> Attr {
    Attr::Ints(v.into())
}

/// Such a call that must fail.
pub(super) fn fails(
    label: &str,
    shapes: &[&[usize]],
    attrs: [Attr; 4],
    code: Code,
    message: &'static str,
) -> ErrorSample {
    ErrorSample { sample: call(label, shapes, attrs), code, message }
}

fn samples() -> Vec<Sample> {
    let one = || ints(&[1]);
    vec![
        call("a batch", &[&[2, 2, 4, 5], &[3, 2, 2, 3], &[3]], [one(), ints(&[0]), one(), Attr::Int(1)]),
        call("one image", &[&[2, 4, 4], &[3, 2, 3, 3]], [one(), ints(&[1]), one(), Attr::Int(1)]),
        call(
            "stride, padding and dilation",
            &[&[1, 2, 6, 5], &[2, 2, 2, 3], &[2]],
            [ints(&[2, 1]), ints(&[1, 2]), ints(&[1, 2]), Attr::Int(1)],
        ),
        call("groups", &[&[2, 4, 3, 3], &[2, 2, 2, 2], &[2]], [one(), ints(&[0]), one(), Attr::Int(2)]),
        call("a filter a channel", &[&[2, 3, 4, 3], &[3, 1, 2, 2]], [one(), ints(&[1]), one(), Attr::Int(3)]),
        call("an empty batch", &[&[0, 1, 3, 3], &[2, 1, 2, 2]], [one(), ints(&[0]), one(), Attr::Int(1)]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let one = || ints(&[1]);
    let usual = || [one(), ints(&[0]), one(), Attr::Int(1)];
    let images: &[usize] = &[1, 2, 4, 4];
    vec![
        fails("channels that differ", &[images, &[1, 3, 2, 2]], usual(), Code::Shape, "3 channels, got 2"),
        fails("a kernel too large", &[images, &[1, 2, 5, 2]], usual(), Code::Shape, "no smaller than the kernel"),
        fails("a bias of another size", &[images, &[1, 2, 2, 2], &[3]], usual(), Code::Shape, "a bias of shape [1]"),
        fails("an input of two dims", &[&[4, 4], &[1, 2, 2, 2]], usual(), Code::Shape, "an input of 4 dims"),
        fails(
            "groups that do not divide",
            &[images, &[3, 1, 2, 2]],
            [one(), ints(&[0]), one(), Attr::Int(2)],
            Code::Shape,
            "multiple of groups=2",
        ),
        fails(
            "a stride of 0",
            &[images, &[1, 2, 2, 2]],
            [ints(&[0]), ints(&[0]), one(), Attr::Int(1)],
            Code::Usage,
            "stride of at least 1",
        ),
        fails(
            "negative padding",
            &[images, &[1, 2, 2, 2]],
            [one(), ints(&[-1]), one(), Attr::Int(1)],
            Code::Usage,
            "padding of at least 0",
        ),
    ]
}

fn word_samples() -> Vec<Sample> {
    let one = || ints(&[1]);
    vec![
        call("same", &[&[2, 2, 4, 5], &[3, 2, 2, 3], &[3]], [one(), Attr::Choice(1), ints(&[1, 2]), Attr::Int(1)]),
        call("valid", &[&[1, 4, 4], &[2, 1, 2, 2]], [ints(&[2]), Attr::Choice(0), one(), Attr::Int(1)]),
    ]
}

fn word_errors() -> Vec<ErrorSample> {
    let attrs = [ints(&[2]), Attr::Choice(1), ints(&[1]), Attr::Int(1)];
    vec![fails("same with a stride", &[&[1, 2, 4, 4], &[1, 2, 2, 2]], attrs, Code::Usage, "needs a stride of 1")]
}

const DOC: &str = "Returns the convolution (strictly, the cross-correlation) of images with `weight`, plus `bias`.\n\n\
     `out[n, f, i, j] = bias[f] + Σ input[n, c, i·stride + p·dilation − padding, …] · weight[f, c, p, q]` over c, p and q.\n\n\
     **Shapes**: `input` `[N, C, H, W]` or `[C, H, W]`, `weight` `[F, C / groups, kH, kW]`, `bias` `[F]` or absent, result `[N, F, oH, oW]` with \
     `oH = ⌊(H + 2·padding − dilation·(kH − 1) − 1) / stride⌋ + 1`. `stride`, `padding` and `dilation` are one number or two, rows first. \
     `padding` may be `'valid'` (none) or `'same'` (as much as keeps the size, an odd one behind; stride 1 only). With `groups` each \
     part of the filters sees its own part of the channels. float32 and float64.\n\n\
     The derivatives are convolutions too. Nothing larger than one padded image is written on the way. Source: PyTorch, \
     `torch.nn.functional.conv2d`.";

/// What both have.
const BOTH: OpDef = OpDef {
    name: "conv2d",
    doc: DOC,
    args: &NUMBER_ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2)),
    ..OpDef::COMPOSITE
};

static NUMBERS: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static WORD: OpDef =
    OpDef { name: "conv2d.padding", args: &WORD_ARGS, samples: word_samples, errors: word_errors, ..BOTH }.shipped();
