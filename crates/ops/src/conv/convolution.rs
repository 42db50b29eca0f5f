//! The convolution of batches of images, and its two derivatives.
//!
//! `Σ g · conv(x, w)` is linear in each of x, w and g, and the three ops are its derivatives by g,
//! x and w. So the derivatives of each of them are the other two, and gradients of every order are
//! convolutions.

use crate::invoke;
use crate::reduce::sum::sum_dims;
use crate::shared::conv::columns::{axes_of, by_columns};
use crate::shared::conv::geometry::Geometry;
use adjoint_autograd::op::{Default, HalfOps};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Class, Facts, Grads, Jvp, Kind, NodeNaming, OpDef, Sample, SampleTensor,
    Saves, Spec, Specs, Tensor, Vjp, required,
};
use adjoint_cpu::floats;
use adjoint_kernels::conv::{Conv2d, Convolve};
use adjoint_tensor::{Array, Code, Error, Result};
use smallvec::smallvec;

/// The ops.
pub static DEFS: &[&OpDef] = &[&CONVOLUTION, &INPUT, &WEIGHT];

const GEOMETRY: Arg = Arg::required("geometry", Kind::Ints);

/// Rows and columns of a batch of images, or of a weight.
pub fn area(shape: &[usize]) -> [usize; 2] {
    [shape[2], shape[3]]
}

fn sample(label: &str, shapes: &[&[usize]], geometry: [i64; 9]) -> Sample {
    let mut args: Vec<_> = shapes.iter().map(|shape| SampleTensor::new(shape).into()).collect();
    args.push(Attr::Ints(geometry[..].into()).into());
    Sample::new(label, args)
}

static CONVOLUTION: OpDef = OpDef {
    name: "_convolution",
    part_of: "conv2d",
    doc: "The convolution of `[N, C, H, W]` with `[F, C / groups, …]`; `geometry` is stride, padding, dilation and output size, rows before \
          columns, and groups.",
    args: &[Arg::tensor("input"), Arg::tensor("weight"), Arg::optional("bias", Kind::Tensor, Default::None), GEOMETRY],
    class: Class::Contract,
    node: "ConvolutionBackward0",
    shown: NodeNaming::PLAIN.saving(&[("input", "input")]),
    surface: &[],
    body: Body::Kernel { rule: forward_rule, run: forward_run },
    vjp: Vjp::Fn(forward_vjp),
    saves: Saves { inputs: &[0b10, 0b01, 0], outputs: &[] },
    samples: || {
        let geometry = [2, 1, 1, 0, 1, 2, 2, 2, 2];
        vec![sample("two groups", &[&[2, 2, 3, 5], &[4, 1, 2, 2], &[4]], geometry)]
    },
    ..OpDef::BASE
}
.shipped();

static INPUT: OpDef = OpDef {
    name: "_convolution_input",
    part_of: "conv2d",
    doc: "The derivative of `_convolution` by its input, of which `geometry` holds the size in place of the output's.",
    args: &[Arg::tensor("grad_output"), Arg::tensor("weight"), GEOMETRY],
    class: Class::Contract,
    node: "ConvolutionBackward0",
    surface: &[],
    body: Body::Kernel { rule: input_rule, run: input_run },
    half_ops: HalfOps::Value(input_by_columns),
    vjp: Vjp::Fn(input_vjp),
    jvp: Jvp::Multilinear,
    saves: Saves { inputs: &[0b10, 0b01], outputs: &[] },
    samples: || vec![sample("two groups", &[&[2, 4, 2, 3], &[4, 1, 2, 2]], [2, 1, 1, 0, 1, 2, 3, 5, 2])],
    ..OpDef::BASE
}
.shipped();

static WEIGHT: OpDef = OpDef {
    name: "_convolution_weight",
    part_of: "conv2d",
    doc: "The derivative of `_convolution` by its weight, of which `geometry` holds the size in place of the output's.",
    args: &[Arg::tensor("grad_output"), Arg::tensor("input"), GEOMETRY],
    class: Class::Contract,
    node: "ConvolutionBackward0",
    surface: &[],
    body: Body::Kernel { rule: weight_rule, run: weight_run },
    vjp: Vjp::Fn(weight_vjp),
    jvp: Jvp::Multilinear,
    saves: Saves { inputs: &[0b10, 0b01], outputs: &[] },
    samples: || vec![sample("two groups", &[&[2, 4, 2, 3], &[2, 2, 3, 5]], [2, 1, 1, 0, 1, 2, 2, 2, 2])],
    ..OpDef::BASE
}
.shipped();

/// Refuses what would need too large a copy of a padded image.
fn room(conv: &Conv2d) -> Result<()> {
    if conv.fits() {
        return Ok(());
    }
    let (size, padding, kernel) = (conv.input, conv.padding, conv.kernel);
    Err(Error::new(
        Code::OutOfMemory,
        format!(
            "one image of size {size:?} with padding {padding:?} is too large for a kernel of size {kernel:?}; take less padding or smaller images"
        ),
    ))
}

fn forward_rule(call: &Facts) -> Result<Specs> {
    let (x, w) = (call.input(0), call.input(1));
    let (geometry, [rows, cols]) = Geometry::of(call.attrs)?;
    room(&geometry.conv(x.shape(), w.shape(), [rows, cols]))?;
    Ok(Spec::one([x.shape()[0], w.shape()[0], rows, cols], call.same_dtype()?))
}

fn forward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (geometry, output) = Geometry::of(call.attrs)?;
    let (x, w) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    let bias = call.given(2).map(Array::contiguous).transpose()?;
    let extents = geometry.conv(x.shape(), w.shape(), output);
    floats!(x.dtype(), T => {
        let bias = bias.as_ref().map(Array::as_slice::<T>);
        T::forward(&extents, x.as_slice(), w.as_slice(), bias, outs[0].as_mut_slice());
    });
    Ok(())
}

fn forward_vjp(b: &Backward) -> Result<Grads> {
    let (geometry, _) = Geometry::of(b.attrs())?;
    let g = b.g();
    let dx = if b.wants(0) { Some(by_input(g, &b.input(1)?, &geometry, area(b.shape(0)))?) } else { None };
    let dw = if b.wants(1) { Some(by_weight(g, &b.input(0)?, &geometry, area(b.shape(1)))?) } else { None };
    let bias = b.inputs() > 2 && b.wants(2);
    let db = if bias { Some(sum_dims(g, &[0, 2, 3], false)?) } else { None };
    Ok(smallvec![dx, dw, db])
}

fn input_rule(call: &Facts) -> Result<Specs> {
    let (g, w) = (call.input(0), call.input(1));
    let (geometry, [rows, cols]) = Geometry::of(call.attrs)?;
    let shape = [g.shape()[0], w.shape()[1] * geometry.groups, rows, cols];
    room(&geometry.conv(&shape, w.shape(), area(g.shape())))?;
    Ok(Spec::one(shape, call.same_dtype()?))
}

fn input_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (geometry, _) = Geometry::of(call.attrs)?;
    let (g, w) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    let out = &mut outs[0];
    let extents = geometry.conv(out.shape(), w.shape(), area(g.shape()));
    floats!(g.dtype(), T => T::input_gradient(&extents, g.as_slice(), w.as_slice(), out.as_mut_slice()));
    Ok(())
}

/// What it is in half precision.
fn input_by_columns(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Tensor>> {
    let (g, w) = (required(inputs, 0), required(inputs, 1));
    let (geometry, size) = Geometry::of(attrs)?;
    let axes = axes_of(&geometry, size, &w.shape()[2..], &g.shape()[2..]);
    by_columns(g, w, geometry.groups, axes).map(Some)
}

fn input_vjp(b: &Backward) -> Result<Grads> {
    let (geometry, _) = Geometry::of(b.attrs())?;
    let h = b.g();
    let dg = if b.wants(0) { Some(convolution(h, &b.input(1)?, None, &geometry, area(b.shape(0)))?) } else { None };
    let dw = if b.wants(1) { Some(by_weight(&b.input(0)?, h, &geometry, area(b.shape(1)))?) } else { None };
    Ok(smallvec![dg, dw])
}

fn weight_rule(call: &Facts) -> Result<Specs> {
    let (g, x) = (call.input(0), call.input(1));
    let (geometry, [rows, cols]) = Geometry::of(call.attrs)?;
    let shape = [g.shape()[1], x.shape()[1] / geometry.groups, rows, cols];
    room(&geometry.conv(x.shape(), &shape, area(g.shape())))?;
    Ok(Spec::one(shape, call.same_dtype()?))
}

fn weight_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (geometry, _) = Geometry::of(call.attrs)?;
    let (g, x) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    let out = &mut outs[0];
    let extents = geometry.conv(x.shape(), out.shape(), area(g.shape()));
    floats!(g.dtype(), T => T::weight_gradient(&extents, g.as_slice(), x.as_slice(), out.as_mut_slice()));
    Ok(())
}

fn weight_vjp(b: &Backward) -> Result<Grads> {
    let (geometry, _) = Geometry::of(b.attrs())?;
    let h = b.g();
    let dg = if b.wants(0) { Some(convolution(&b.input(1)?, h, None, &geometry, area(b.shape(0)))?) } else { None };
    let dx = if b.wants(1) { Some(by_input(&b.input(0)?, h, &geometry, area(b.shape(1)))?) } else { None };
    Ok(smallvec![dg, dx])
}

/// The convolution, with results of size `output`.
pub fn convolution(
    x: &Tensor,
    w: &Tensor,
    bias: Option<&Tensor>,
    geometry: &Geometry,
    output: [usize; 2],
) -> Result<Tensor> {
    invoke::with(&CONVOLUTION, &[Some(x), Some(w), bias], geometry.attrs(output))
}

/// Its derivative by an input of size `input`, which is also the transposed convolution.
pub fn by_input(g: &Tensor, w: &Tensor, geometry: &Geometry, input: [usize; 2]) -> Result<Tensor> {
    invoke::with(&INPUT, &[Some(g), Some(w)], geometry.attrs(input))
}

/// Its derivative by a weight of size `kernel`.
pub fn by_weight(g: &Tensor, x: &Tensor, geometry: &Geometry, kernel: [usize; 2]) -> Result<Tensor> {
    invoke::with(&WEIGHT, &[Some(g), Some(x)], geometry.attrs(kernel))
}
