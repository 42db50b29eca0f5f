//! The greatest element of each window of images, where windows are at random places.

use super::max_pool2d::ints;
use super::window_max::place_in_volumes;
use crate::elementwise::to::to;
use crate::invoke;
use crate::random::rand::rand;
use crate::shared::pool::windows::{planes, volume};
use crate::view::reshape::reshape;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Class, ErrorSample, Facts, Kind, NodeNaming, OpDef, Sample, SampleArg,
    SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::pool::{Pooled, Reach};
use adjoint_tensor::{Array, Code, DType, Dims, Error, Result, scratch};
use smallvec::smallvec;

/// The ops: without and with indices, and the kernel.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES, &KERNEL];

const SAMPLES: Arg = Arg::optional("_random_samples", Kind::Tensor, Default::None);

/// The parameters.
pub(super) static ARGS: [Arg; 5] = [
    Arg::tensor("input"),
    Arg::required("kernel_size", Kind::Ints),
    Arg::optional("output_size", Kind::Ints, Default::None),
    Arg::optional("output_ratio", Kind::Floats, Default::None),
    SAMPLES,
];

/// The parameters where indices may be returned.
pub(super) static INDEX_ARGS: [Arg; 6] = {
    let [input, kernel, size, ratio, samples] = ARGS;
    [input, kernel, size, ratio, Arg::required("return_indices", Kind::Bool), samples]
};

/// One number a dim from a list of as many or one for all.
fn each<T: Copy>(given: &[T], name: &str, dims: usize) -> Result<[T; 3]> {
    if given.len() != 1 && given.len() != dims {
        return Err(Error::usage(format!("expected {name} to be one number or a list of {dims}, got {}", given.len())));
    }
    Ok(std::array::from_fn(|i| given[(i + dims).saturating_sub(3).min(given.len() - 1)]))
}

/// Pooling over the last `dims` axes.
pub(super) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Outputs> {
    let x = planes(inputs.first().copied().flatten(), dims)?;
    let (front, size) = x.shape().split_at(x.rank() - dims);
    let kernel = each(attrs.get_ints(0)?, "kernelSize", dims)?;
    let output: [i64; 3] = match (attrs.get(1), attrs.get(2)) {
        (Attr::Ints(size), Attr::None) => each(size, "outputSize", dims)?,
        (Attr::None, Attr::Floats(ratio)) => {
            let ratio = each(ratio, "outputRatio", dims)?;
            if let Some(bad) = ratio.iter().find(|&&r| !(r > 0.0 && r < 1.0)) {
                return Err(Error::usage(format!("expected outputRatio between 0 and 1, got {bad}")));
            }
            std::array::from_fn(|i| {
                let n = (i + dims).checked_sub(3).map_or(1, |axis| size[axis]);
                (n as f64 * ratio[i]) as i64
            })
        }
        (Attr::None, _) => return Err(Error::usage("expected outputSize or outputRatio, got neither")),
        _ => return Err(Error::usage("expected one of outputSize and outputRatio, got both")),
    };
    for (axis, &n) in size.iter().enumerate() {
        let (kernel, output) = (kernel[axis + 3 - dims], output[axis + 3 - dims]);
        // PyTorch leaves one element of room in volumes, none in images.
        let room = if dims == 3 { n.saturating_sub(1) } else { n };
        if kernel < 1 || output < 1 || i128::from(kernel) + i128::from(output) - 1 > room as i128 {
            return Err(Error::shape(format!(
                "expected kernelSize and outputSize of at least 1 with kernelSize + outputSize − 1 of at most {room} along axis {axis}, \
                 got {kernel} and {output}"
            )));
        }
    }
    if size.iter().product::<usize>() > i32::MAX as usize {
        return Err(Error::shape(format!("expected planes of fewer than 2³¹ elements, got {:?}", x.shape())));
    }
    let (batch, channels) = if front.len() == 2 { (front[0], front[1]) } else { (1, front[0]) };
    let samples = match inputs.get(1).copied().flatten() {
        Some(t) if t.shape() != [batch, channels, dims] || t.dtype() != x.dtype() => {
            return Err(Error::shape(format!(
                "expected _randomSamples of shape [{batch}, {channels}, {dims}] and the dtype of the input, got {:?}, {}",
                t.shape(),
                t.dtype().name()
            )));
        }
        Some(t) => t.detach(),
        None => rand(&[batch, channels, dims], x.dtype())?,
    };
    // Images are volumes of one plane.
    let (mut flat, mut shape) = (Dims::from_slice(front), Dims::from_slice(front));
    flat.extend((dims..3).map(|_| 1).chain(size.iter().copied()));
    shape.extend(output[3 - dims..].iter().map(|&n| n as usize));
    let held = |v: [i64; 3]| -> [i64; 3] { std::array::from_fn(|i| if i + dims < 3 { 1 } else { v[i] }) };
    let call = Attrs::new().ints(&held(kernel)).ints(&held(output));
    let mut out = invoke::many(&KERNEL, &[Some(&reshape(&x, &flat)?), Some(&samples)], call)?;
    let indices = reshape(&to(&out.swap_remove(1), DType::Int64)?, &shape)?;
    let values = reshape(&out.swap_remove(0), &shape)?;
    Ok(if attrs.get_bool(3) { smallvec![values, indices] } else { smallvec![values] })
}

static KERNEL: OpDef = OpDef {
    name: "_fractional_max_pool",
    part_of: "fractional_max_pool2d",
    doc: "The greatest element of each window of `[*, D, H, W]`, and its place in its volume as int32. Each volume has windows of its own, whose \
          places its random numbers say, columns first for images and depth first for volumes.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("samples"),
        Arg::required("kernel_size", Kind::Ints),
        Arg::required("output_size", Kind::Ints),
    ],
    outputs: &["values", "indices"],
    class: Class::Opaque,
    node: "FractionalMaxPool2DBackward0",
    shown: NodeNaming::without(0b10),
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(|b| {
        let shape = b.shape(0);
        Ok(smallvec![Some(place_in_volumes(b.g(), &b.output(1)?, &shape[shape.len() - 3..])?), None])
    }),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    flat: [1, 0],
    samples: || {
        let x = SampleTensor::new(&[1, 2, 1, 4, 5]).distinct().into();
        let places = SampleTensor::new(&[1, 2, 2]).range(0.0, 0.99).constant().into();
        vec![Sample::new("images", vec![x, places, ints(&[1, 2, 2]).into(), ints(&[1, 2, 3]).into()])]
    },
    ..OpDef::BASE
}
.shipped();

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let mut shape = Dims::from_slice(&x.shape()[..x.rank() - 3]);
    shape.extend(call.attrs.get_ints(1)?.iter().map(|&n| n as usize));
    Ok(smallvec![Spec::new(&shape, x.dtype()), Spec::new(&shape, DType::Int32)])
}

/// Where the windows along an axis begin (Graham 2014, and PyTorch's `generate_intervals`): steps of
/// two sizes, which the random number `u` puts in order. `round` is the precision of the elements.
fn starts(u: f64, size: usize, kernel: usize, count: usize, round: impl Fn(f64) -> f64) -> Result<Vec<Reach>> {
    let alpha = if count > 1 { round((size - kernel) as f64 / (count - 1) as f64) } else { 0.0 };
    scratch::collected((0..count).map(|i| {
        let at = |u: f64| round(u * alpha) as usize;
        let start = if i + 1 == count { size - kernel } else { at(round(i as f64 + u)) - at(u) };
        Reach { start, end: start + kernel, step: 1 }
    }))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, samples) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    let [values, indices] = outs else { unreachable!("the rule says two outputs") };
    let (size, at) = (volume(x.shape()), indices.as_mut_slice::<i32>());
    let (numbers, dims) = (call.attrs, samples.shape()[2]);
    floats!(x.dtype(), T => pool::<T>(numbers, dims, size, [x.as_slice(), samples.as_slice()], values.as_mut_slice(), at))
}

/// Pools each volume by the windows that its random numbers say.
fn pool<T: Pooled>(
    attrs: &Attrs,
    dims: usize,
    size: [usize; 3],
    [x, samples]: [&[T]; 2],
    values: &mut [T],
    indices: &mut [i32],
) -> Result<()> {
    let (kernel, output) = (attrs.get_ints(0)?, attrs.get_ints(1)?);
    let (area, windows) = (size.iter().product::<usize>(), output.iter().product::<i64>() as usize);
    let results = values.chunks_exact_mut(windows).zip(indices.chunks_exact_mut(windows));
    for ((x, u), (y, at)) in x.chunks_exact(area).zip(samples.chunks_exact(dims)).zip(results) {
        let axis = |axis: usize| {
            // Of images the columns come first.
            let u = match dims {
                2 if axis == 0 => 0.0,
                2 => u[2 - axis].to_f64(),
                _ => u[axis].to_f64(),
            };
            starts(u, size[axis], kernel[axis] as usize, output[axis] as usize, |v| T::from_f64(v).to_f64())
        };
        T::greatest_in_volumes(1, size, [&axis(0)?, &axis(1)?, &axis(2)?], x, y, at);
    }
    Ok(())
}

/// A call with these shapes and places.
pub(super) fn sample(label: &str, shape: &[usize], attrs: Vec<Attr>, places: &[usize]) -> Sample {
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(shape).distinct().into()];
    args.extend(attrs.into_iter().map(SampleArg::from));
    args.push(SampleTensor::new(places).range(0.0, 0.99).constant().into());
    Sample::new(label, args)
}

fn errors() -> Vec<ErrorSample> {
    let e = |label, attrs, code, message| ErrorSample {
        sample: sample(label, &[1, 1, 4, 4], attrs, &[1, 1, 2]),
        code,
        message,
    };
    let floats = |v: &[f64]| Attr::Floats(v.into());
    vec![
        e("no size", vec![ints(&[2]), Attr::None, Attr::None], Code::Usage, "got neither"),
        e("size and ratio", vec![ints(&[2]), ints(&[2]), floats(&[0.5])], Code::Usage, "got both"),
        e("a ratio of 1", vec![ints(&[2]), Attr::None, floats(&[1.0])], Code::Usage, "between 0 and 1"),
        e("too many windows", vec![ints(&[2]), ints(&[4]), Attr::None], Code::Shape, "of at most 4"),
    ]
}

/// What both have.
const BOTH: OpDef = OpDef {
    name: "fractional_max_pool2d",
    doc: "Returns the greatest element of each window of images, where windows of `kernelSize` are at random places.\n\n\
          **Shapes**: `input` `[N, C, H, W]` or `[C, H, W]`, result `[N, C, oH, oW]` with `outputSize`, or the input's size times `outputRatio`, \
          rounded down. Steps between windows have two sizes, in an order that one uniform number for each axis of each plane says: \
          `_randomSamples` `[N, C, 2]`, drawn where it is left out, as PyTorch's. `returnIndices` gives the places in their planes, int64, as \
          well. float32 and float64. Source: PyTorch, `torch.nn.functional.fractional_max_pool2d`; Graham, \"Fractional max-pooling\", 2014.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2)),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef {
    samples: || {
        let ratio = Attr::Floats([0.5, 0.6][..].into());
        vec![
            sample("a size", &[1, 2, 5, 4], vec![ints(&[2]), ints(&[3, 2]), Attr::None], &[1, 2, 2]),
            sample("a ratio", &[2, 4, 5], vec![ints(&[2, 1]), Attr::None, ratio], &[1, 2, 2]),
        ]
    },
    errors,
    ..BOTH
}
.shipped();

static INDICES: OpDef = OpDef {
    name: "fractional_max_pool2d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: || {
        let attrs = vec![ints(&[2]), ints(&[2]), Attr::None, Attr::Bool(true)];
        vec![sample("with indices", &[1, 2, 4, 4], attrs, &[1, 2, 2])]
    },
    ..BOTH
}
.shipped();
