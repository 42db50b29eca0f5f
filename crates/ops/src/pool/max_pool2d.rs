//! The greatest element of each window of images.

use crate::elementwise::to::to;
use crate::invoke;
use crate::shared::pool::windows::{Windows, area, planes, resized, result};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Class, ErrorSample, Facts, Grads, Jvp, Kind, OpDef, Sample, SampleArg,
    SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::pool::{Pool2d, Pooled};
use adjoint_tensor::{Array, Code, DType, Error, Result};
use smallvec::smallvec;

/// The ops: without and with indices, the kernel, and moving elements to and from places.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES, &KERNEL, &PLACE, &PICK];

/// The parameters.
pub(super) static ARGS: [Arg; 6] = [
    Arg::tensor("input"),
    Arg::required("kernel_size", Kind::Ints),
    Arg::optional("stride", Kind::Ints, Default::None),
    Arg::optional("padding", Kind::Ints, Default::Int(0)),
    Arg::optional("dilation", Kind::Ints, Default::Int(1)),
    Arg::optional("ceil_mode", Kind::Bool, Default::Bool(false)),
];

/// The parameters where indices may be returned.
pub(super) static INDEX_ARGS: [Arg; 7] = {
    let [a, b, c, d, e, f] = ARGS;
    [a, b, c, d, e, f, Arg::required("return_indices", Kind::Bool)]
};

/// Pooling over `dims` axes by `kernel_op`, which has the arguments of `_max_pool2d`.
#[allow(clippy::disallowed_methods, reason = "two numbers each")]
pub(super) fn body(
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
    dims: usize,
    kernel_op: &'static OpDef,
) -> Result<Outputs> {
    let x = planes(inputs.first().copied().flatten(), dims)?;
    let windows: Windows = Windows::new(attrs, dims, Some(attrs.get_ints(3)?), attrs.get_bool(4), area(x.shape()))?;
    if area(x.shape()).iter().product::<usize>() > i32::MAX as usize {
        return Err(Error::shape(format!("expected planes of fewer than 2³¹ elements, got {:?}", x.shape())));
    }
    let Windows { kernel, stride, padding, dilation, output } = windows;
    let all = [kernel, stride, padding, dilation, output].concat();
    let mut out = invoke::many(kernel_op, &[Some(&x)], Attrs::new().shape(&all))?;
    let values = result(&out[0], dims)?;
    if !attrs.get_bool(5) {
        return Ok(smallvec![values]);
    }
    let indices = result(&to(&out.swap_remove(1), DType::Int64)?, dims)?;
    Ok(smallvec![values, indices])
}

pub(super) static KERNEL: OpDef = OpDef {
    name: "_max_pool2d",
    part_of: "max_pool2d",
    doc: "The greatest element of each window, and its place in its plane as int32; `windows` is kernel, stride, padding, dilation and output \
          size, rows before columns.",
    args: &[Arg::tensor("input"), Arg::required("windows", Kind::Ints)],
    outputs: &["values", "indices"],
    node: "MaxPool2DWithIndicesBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(|b: &Backward| -> Result<Grads> {
        let size = area(b.shape(0));
        Ok(smallvec![Some(place(b.g(), &b.output(1)?, size)?)])
    }),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    flat: [1, 0],
    samples: || {
        let windows = Attr::Ints([3, 2, 2, 2, 1, 0, 1, 1, 2, 2][..].into());
        vec![Sample::new("overlapping windows", vec![SampleTensor::new(&[2, 4, 5]).distinct().into(), windows.into()])]
    },
    ..OpDef::BASE
}
.shipped();

pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let windows = call.attrs.get_ints(0)?;
    let shape = resized(x.shape(), [windows[8] as usize, windows[9] as usize]);
    Ok(smallvec![Spec::new(&shape, x.dtype()), Spec::new(&shape, DType::Int32)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let w = call.attrs.get_ints(0)?;
    let pair = |i: usize| [w[2 * i] as usize, w[2 * i + 1] as usize];
    let pool = Pool2d {
        planes: x.shape()[..x.rank() - 2].iter().product(),
        input: area(x.shape()),
        output: pair(4),
        kernel: pair(0),
        stride: pair(1),
        padding: pair(2),
        dilation: pair(3),
    };
    let [values, indices] = outs else { unreachable!("the rule says two outputs") };
    let at = indices.as_mut_slice::<i32>();
    floats!(x.dtype(), T => T::greatest(&pool, x.as_slice(), values.as_mut_slice(), at));
    Ok(())
}

static PLACE: OpDef = OpDef {
    name: "_pool_place",
    part_of: "max_pool2d",
    doc: "Planes of zeros of `size`, with each element of `input` added at its place in its plane.",
    args: &[Arg::tensor("input"), Arg::tensor("indices"), Arg::required("size", Kind::Ints)],
    class: Class::Index,
    node: "MaxPool2DWithIndicesBackwardBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| {
            let size = call.attrs.get_ints(0)?;
            Ok(Spec::one(resized(call.input(0).shape(), [size[0] as usize, size[1] as usize]), call.input(0).dtype()))
        },
        run: |call, outs| {
            let (g, at) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
            let planes = g.shape()[..g.rank() - 2].iter().product();
            floats!(g.dtype(), T => {
                T::scatter(planes, g.as_slice(), at.as_slice(), outs[0].as_mut_slice());
            });
            Ok(())
        },
    },
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(pick(b.g(), &b.input(1)?)?)])),
    jvp: Jvp::Transposed,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        let places = SampleTensor::ints(&[2, 2, 2], 0, 6).dtype(DType::Int32);
        let size = Attr::Ints([2, 3][..].into());
        vec![Sample::new("planes", vec![SampleTensor::new(&[2, 2, 2]).into(), places.into(), size.into()])]
    },
    ..OpDef::BASE
}
.shipped();

static PICK: OpDef = OpDef {
    name: "_pool_pick",
    part_of: "max_pool2d",
    doc: "The element of each plane at each place.",
    args: &[Arg::tensor("input"), Arg::tensor("indices")],
    class: Class::Index,
    node: "MaxPool2DWithIndicesBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one(call.input(1).shape(), call.input(0).dtype())),
        run: |call, outs| {
            let (x, at) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
            let planes = x.shape()[..x.rank() - 2].iter().product();
            floats!(x.dtype(), T => {
                T::gather(planes, x.as_slice(), at.as_slice(), outs[0].as_mut_slice());
            });
            Ok(())
        },
    },
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(place(b.g(), &b.input(1)?, area(b.shape(0)))?)])),
    jvp: Jvp::Transposed,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        let places = SampleTensor::ints(&[2, 2, 2], 0, 6).dtype(DType::Int32);
        vec![Sample::new("planes", vec![SampleTensor::new(&[2, 2, 3]).into(), places.into()])]
    },
    ..OpDef::BASE
}
.shipped();

/// Planes of zeros of `size` with each element of `g` added at its place, an int32, in its plane.
pub(super) fn place(g: &Tensor, at: &Tensor, size: [usize; 2]) -> Result<Tensor> {
    invoke::with(&PLACE, &[Some(g), Some(at)], Attrs::new().shape(&size))
}

fn pick(x: &Tensor, at: &Tensor) -> Result<Tensor> {
    invoke::with(&PICK, &[Some(x), Some(at)], Attrs::new())
}

/// A call of distinct elements with these attributes.
pub(super) fn call(label: &str, shape: &[usize], attrs: Vec<Attr>) -> Sample {
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(shape).distinct().into()];
    args.extend(attrs.into_iter().map(SampleArg::from));
    Sample::new(label, args)
}

/// A list of integers.
pub(super) fn ints(v: &[i64]) -> Attr {
    Attr::Ints(v.into())
}

fn samples() -> Vec<Sample> {
    let rest = |stride, padding: i64, dilation: i64, ceil| {
        vec![ints(&[2]), stride, ints(&[padding]), ints(&[dilation]), Attr::Bool(ceil)]
    };
    let with = |kernel: &[i64], mut rest: Vec<Attr>| {
        rest[0] = ints(kernel);
        rest
    };
    vec![
        call("side by side", &[2, 2, 4, 6], rest(Attr::None, 0, 1, false)),
        call("overlapping and padded", &[1, 2, 4, 5], with(&[3, 2], rest(ints(&[1, 2]), 1, 1, false))),
        call("a last window cut off", &[2, 5, 5], rest(Attr::None, 0, 1, true)),
        call("dilation", &[1, 5, 5], rest(ints(&[1]), 0, 2, false)),
        call("an empty batch", &[0, 2, 4, 4], rest(Attr::None, 0, 1, false)),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let rest = |kernel: &[i64], stride, padding: i64| {
        vec![ints(kernel), stride, ints(&[padding]), ints(&[1]), Attr::Bool(false)]
    };
    let e =
        |label, shape: &[usize], attrs, code, message| ErrorSample { sample: call(label, shape, attrs), code, message };
    vec![
        e("an input of two dims", &[4, 4], rest(&[2], Attr::None, 0), Code::Shape, "an input of 4 dims"),
        e("no columns", &[1, 2, 4, 0], rest(&[2], Attr::None, 0), Code::Shape, "only the batch is empty"),
        e("three sizes", &[1, 4, 4], rest(&[2, 2, 2], Attr::None, 0), Code::Usage, "one integer or a list of 2"),
        e("a stride of 0", &[1, 4, 4], rest(&[2], ints(&[0]), 0), Code::Usage, "stride of at least 1"),
        e("too much padding", &[1, 4, 4], rest(&[2], Attr::None, 2), Code::Usage, "at most half the kernel"),
        e("no room", &[1, 2, 2], rest(&[3], Attr::None, 0), Code::Shape, "room for a window"),
    ]
}

fn index_samples() -> Vec<Sample> {
    let attrs = vec![ints(&[2]), Attr::None, ints(&[1]), ints(&[1]), Attr::Bool(true), Attr::Bool(true)];
    vec![call("with indices", &[2, 2, 4, 5], attrs)]
}

const DOC: &str = "Returns the greatest element of each window of images.\n\n\
     **Shapes**: `input` `[N, C, H, W]` or `[C, H, W]`, result `[N, C, oH, oW]` with `oH = ⌊(H + 2·padding − dilation·(kernelSize − 1) − 1) / stride⌋ + 1`, \
     rounded up instead with `ceilMode` where the last window still begins inside. `kernelSize`, `stride` (the kernel's by default), \
     `padding` (at most half the kernel) and `dilation` are one number or two, rows first. What is outside the image counts as −∞; a NaN wins. \
     The gradient goes to the element chosen, the first of equals. `returnIndices` gives the places in their planes, int64, as well. \
     float32 and float64. Source: PyTorch, `torch.nn.functional.max_pool2d`.";

/// What both have.
const BOTH: OpDef = OpDef {
    name: "max_pool2d",
    doc: DOC,
    args: &ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2, &KERNEL)),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static INDICES: OpDef = OpDef {
    name: "max_pool2d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: index_samples,
    ..BOTH
}
.shipped();
