//! What normalizations with a weight and a bias for each channel become.

use crate::elementwise::{add::add, mul::mul, sub::sub};
use crate::invoke::{self, number};
use crate::reduce::{mean::mean_dims, sum::sum_dims};
use crate::shared::nn::norm_gradient::{self, Views};
use crate::view::{expand::expand, reshape::reshape};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Class, ErrorSample, Facts, Grads, Kind, OpDef, Sample, SampleArg,
    SampleTensor, Saves, Spec, Specs, Tensor, Vjp, modes,
};
use adjoint_cpu::floats;
use adjoint_kernels::norm::Derivatives;
use adjoint_kernels::norm::channels::{self, Channels, Held, MOMENTS, Sharing};
use adjoint_tensor::{Array, Code, Error, Result};
use smallvec::{SmallVec, smallvec};

/// Sizes and sharing of a call, from the shape of its input and the channels that share moments, 0
/// for each channel over the batch.
fn channels_of(shape: &[usize], group: i64) -> Result<Channels> {
    let [outer, channels, inner] = *shape else {
        return Err(Error::shape(format!("expected an input [outer, channels, inner], got {shape:?}")));
    };
    let sharing = match usize::try_from(group) {
        Ok(0) => Sharing::Batch,
        Ok(of) if channels % of == 0 => Sharing::Group(of),
        _ => {
            return Err(Error::shape(format!(
                "expected groups that divide {channels} channels, got groups of {group}"
            )));
        }
    };
    Ok(Channels { outer, channels, inner, sharing })
}

fn rule(call: &Facts) -> Result<Specs> {
    let dtype = call.floating(0)?;
    let at = channels_of(call.input(0).shape(), call.attrs.get_int(0)?)?;
    for (i, name) in [(1, "weight"), (2, "bias")] {
        if let Some(t) = call.given(i).filter(|t| t.shape() != [at.channels]) {
            return Err(Error::shape(format!("expected a {name} of shape [{}], got {:?}", at.channels, t.shape())));
        }
    }
    call.same_dtype()?;
    let of_each = |shape: &[usize]| Spec::new(shape, dtype);
    let stats = at.moments();
    Ok(smallvec![of_each(call.input(0).shape()), of_each(&[stats]), of_each(&[stats]), of_each(&[MOMENTS, stats])])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let at = channels_of(call.input(0).shape(), call.attrs.get_int(0)?)?;
    let x = call.input(0).contiguous()?;
    let given = |i: usize| call.given(i).map(Array::contiguous).transpose();
    let (weight, bias) = (given(1)?, given(2)?);
    let eps = call.attrs.get_float(1)?;
    let held = call.attrs.opt_dtype(2).map(|dtype| Held { dtype, sums: call.attrs.get_bool(3) });
    let [y, mean, var, moments] = outs else { unreachable!("the rule names four outputs") };
    floats!(x.dtype(), T => {
        let (weight, bias) = (weight.as_ref().map(Array::as_slice::<T>), bias.as_ref().map(Array::as_slice::<T>));
        let moments = moments.as_mut_slice::<T>();
        channels::channel_norm::<T>(x.as_slice(), weight, bias, at, eps, held, y.as_mut_slice(), moments);
        let stats = at.moments();
        mean.as_mut_slice::<T>().copy_from_slice(&moments[3 * stats..4 * stats]);
        var.as_mut_slice::<T>().copy_from_slice(&moments[4 * stats..]);
    });
    Ok(())
}

/// The shapes in which elements that share moments, or a weight, are whole dims.
fn with_views<R>(shape: &[usize], group: i64, f: impl FnOnce(&Views<'_>) -> Result<R>) -> Result<R> {
    let Channels { outer, channels, inner, sharing } = channels_of(shape, group)?;
    let (of, moments): (usize, &[usize]) = match sharing {
        Sharing::Batch => (1, &[0, 3]),
        Sharing::Group(of) => (of, &[2, 3]),
    };
    let groups = channels / of;
    f(&Views { shape: &[outer, groups, of, inner], moments, weight: &[groups, of, 1], sums: &[0, 3] })
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (group, eps) = (b.attrs().get_int(0)?, b.attrs().get_float(1)?);
    let mut wants: SmallVec<[i64; 3]> = (0..3).map(|i| i64::from(i < b.inputs() && b.wants(i))).collect();
    let mut grads: Grads = smallvec![None, None, None];
    if let Some(g) = b.grad(0) {
        // Where gradients are differentiated again, that of the bias is a function of `g` alone, as
        // PyTorch's is for groups; for a batch PyTorch has all of them from one op.
        if group != 0 && modes::recording() && wants[2] != 0 {
            grads[2] = Some(sum_dims(g, &[0, 2], false)?);
            wants[2] = 0;
        }
        match b.opt_input(0)? {
            Some(x) if wants.contains(&1) => {
                // They are functions of x, by which the derivative's own derivative goes as a whole.
                let moments = b.output(3)?.detach();
                let inputs =
                    [Some(g), Some(&x), Some(&moments), b.opt_input(1)?.as_ref()].map(Option::<&Tensor>::cloned);
                let inputs: SmallVec<[Option<&Tensor>; 4]> = inputs.iter().map(Option::as_ref).collect();
                let found = invoke::many(&BACKWARD, &inputs, Attrs::new().int(group).float(eps).ints(&wants))?;
                for ((grad, found), _) in grads.iter_mut().zip(found).zip(&wants).filter(|(_, wanted)| **wanted != 0) {
                    *grad = Some(found);
                }
            }
            // The bias alone reads nothing but its gradient.
            _ if wants[2] != 0 => grads[2] = Some(sum_dims(g, &[0, 2], false)?),
            _ => {}
        }
    }
    for i in [1, 2] {
        if let (Some(g), true) = (b.grad(i), b.wants(0)) {
            let part = with_views(b.shape(0), group, |views| by_moment(g, &b.input(0)?, views, i == 2))?;
            let whole = grads[0].take();
            grads[0] = Some(whole.map_or_else(|| Ok(part.clone()), |whole| add(&whole, &part))?);
        }
    }
    Ok(grads)
}

/// The gradient of a mean, or with `squares` of a variance: `g / n`, or `2 · g · (x − mean) / n`.
fn by_moment(g: &Tensor, full_x: &Tensor, views: &Views<'_>, squares: bool) -> Result<Tensor> {
    let x = reshape(full_x, views.shape)?;
    let mean = mean_dims(&x, views.moments, true)?;
    let n: usize = views.moments.iter().map(|&d| views.shape[d]).product();
    let g = mul(&reshape(g, mean.shape())?, &number(if squares { 2.0 } else { 1.0 } / n as f64)?)?;
    let g = if squares { mul(&g, &sub(&x, &mean)?)? } else { expand(&g, x.shape())? };
    reshape(&g, full_x.shape())
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    let x = call.input(1);
    let wants = call.attrs.get_ints(2)?;
    let channels = [x.shape()[1]];
    let spec = |i: usize, shape: &[usize]| Spec::new(if wants[i] != 0 { shape } else { &[0] }, x.dtype());
    Ok(smallvec![spec(0, x.shape()), spec(1, &channels), spec(2, &channels)])
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (g, x) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    // Repeated zeros where a result is differentiated by them.
    let moments = call.input(2).contiguous()?;
    let weight = call.given(3).map(Array::contiguous).transpose()?;
    let at = channels_of(x.shape(), call.attrs.get_int(0)?)?;
    let wants = call.attrs.get_ints(2)?;
    let [dx, dw, db] = outs else { unreachable!("the rule names three outputs") };
    floats!(x.dtype(), T => {
        let out = Derivatives {
            x: (wants[0] != 0).then(|| dx.as_mut_slice()),
            weight: (wants[1] != 0).then(|| dw.as_mut_slice()),
            bias: (wants[2] != 0).then(|| db.as_mut_slice()),
        };
        let weight = weight.as_ref().map(Array::as_slice::<T>);
        channels::channel_norm_backward::<T>(g.as_slice(), x.as_slice(), moments.as_slice(), weight, at, out);
    });
    Ok(())
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    let (group, eps, wants) = (b.attrs().get_int(0)?, b.attrs().get_float(1)?, b.attrs().get_ints(2)?);
    let [dg, dx, dw] = with_views(b.shape(1), group, |views| norm_gradient::second(b, views, 3, eps, wants))?;
    Ok(smallvec![dg, dx, None, dw])
}

fn sample(label: &str, shape: &[usize], group: i64, affine: usize) -> Sample {
    let channels = shape.get(1).copied().unwrap_or(1);
    let vector = |i: usize| -> SampleArg {
        if i < affine { SampleTensor::new(&[channels]).into() } else { crate::shared::nn::reduction::absent() }
    };
    let numbers = [Attr::Int(group), Attr::Float(1e-3), Attr::None, Attr::Bool(false)].map(Into::into);
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(shape).into(), vector(0), vector(1)];
    args.extend(numbers);
    Sample::new(label, args)
}

/// The ops: normalization of channels and its derivative.
pub static DEFS: &[&OpDef] = &[&CHANNEL_NORM, &BACKWARD];

static CHANNEL_NORM: OpDef = OpDef {
    name: "_channel_norm",
    part_of: "batch_norm",
    doc: "Returns `(input − mean) / √(variance + eps) · weight + bias` for `input` `[outer, channels, inner]`, the means, and the variances.\n\n\
          Moments are those of each channel, or of each group of `group` channels of a sample where that is not 0. With `held` the \
          moments are rounded to that dtype before they are used, and with `heldSums` sums of squares, too.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::required("group", Kind::Int),
        Arg::required("eps", Kind::Float),
        Arg::optional("held", Kind::DType, Default::None),
        Arg::optional("held_sums", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["output", "mean", "var"],
    hidden_outputs: 1,
    class: Class::Opaque,
    cheap: true,
    node: "NativeBatchNormBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b011, 0b001], outputs: &[0b1000, 0b1000] },
    samples: || {
        vec![
            sample("each channel", &[3, 2, 5], 0, 2),
            sample("rows of channels", &[5, 3, 1], 0, 2),
            sample("a group", &[2, 4, 3], 2, 2),
            sample("without weights", &[2, 3, 2], 0, 0),
            sample("a weight without a bias", &[2, 3, 2], 3, 1),
        ]
    },
    errors: || {
        let fails = |sample, message| ErrorSample { sample, code: Code::Shape, message };
        vec![
            fails(sample("two dims", &[2, 3], 0, 0), "[outer, channels, inner]"),
            fails(sample("a group that does not divide", &[2, 3, 2], 2, 0), "divide 3 channels"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_channel_norm_backward",
    part_of: "batch_norm",
    doc: "The derivatives of normalized channels by `input`, `weight` and `bias`, those of them that `wants` says; the others are empty.",
    args: &[
        Arg::tensor("grad_output"),
        Arg::tensor("input"),
        Arg::tensor("moments"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::required("group", Kind::Int),
        Arg::required("eps", Kind::Float),
        Arg::required("wants", Kind::Ints),
    ],
    outputs: &["input", "weight", "bias"],
    class: Class::Opaque,
    node: "NativeBatchNormBackwardBackward0",
    surface: &[],
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    vjp: Vjp::Fn(backward_vjp),
    saves: Saves { inputs: &[0b1011, 0b1011, 0, 0b1011], outputs: &[] },
    ..OpDef::BASE
}
.shipped();

/// Normalization of an input `[outer, channels, inner]`: of each channel, or of groups of `group`
/// channels where that is not 0. Returns means and variances, too. `held` says to what the moments
/// are rounded before they are used.
pub fn channel_norm(
    [x, weight, bias]: [Option<&Tensor>; 3],
    group: usize,
    eps: f64,
    held: Option<Held>,
) -> Result<[Tensor; 3]> {
    let dtype = held.map_or(Attr::None, |held| Attr::DType(held.dtype));
    let attrs = Attrs::new().int(group as i64).float(eps).with(dtype).bool(held.is_some_and(|held| held.sums));
    let mut all = invoke::many(&CHANNEL_NORM, &[x, weight, bias], attrs)?;
    let (var, mean) = (all.remove(2), all.remove(1));
    Ok([all.remove(0), mean, var])
}
