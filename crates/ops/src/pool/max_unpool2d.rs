//! The elements of pooled images back at their places.

use super::max_pool2d::ints;
use crate::index::gather::gather;
use crate::invoke;
use crate::shared::indices;
use crate::view::reshape::reshape;
use adjoint_autograd::op::{Arrays, Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Check, Class, ErrorSample, Facts, Kind, NodeNaming, OpDef, Sample, SampleArg,
    SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_tensor::{Array, Code, DType, Dims, Error, Result};
use smallvec::smallvec;

/// The ops: the public one, and the one that moves elements.
pub static DEFS: &[&OpDef] = &[&DEF, &UNPOOL];

/// The parameters.
pub(super) static ARGS: [Arg; 6] = [
    Arg::tensor("input"),
    Arg::tensor("indices"),
    Arg::required("kernel_size", Kind::Ints),
    Arg::optional("stride", Kind::Ints, Default::None),
    Arg::optional("padding", Kind::Ints, Default::Int(0)),
    Arg::optional("output_size", Kind::Ints, Default::None),
];

/// One integer a dim, from a list of as many or one for all.
fn each(given: &[i64], name: &str, dims: usize) -> Result<Dims> {
    if given.len() != 1 && given.len() != dims {
        return Err(Error::usage(format!("expected {name} to be one integer or a list of {dims}, got {given:?}")));
    }
    (0..dims)
        .map(|i| match given[i.min(given.len() - 1)] {
            n @ 0..=0x1000_0000 => Ok(n as usize),
            n => Err(Error::usage(format!("expected {name} of 0 to 2²⁸, got {n}"))),
        })
        .collect()
}

/// The size of the result along each axis.
fn size(attrs: &Attrs, input: &[usize], dims: usize) -> Result<Dims> {
    let kernel = each(attrs.get_ints(0)?, "kernelSize", dims)?;
    let stride = match attrs.get(1) {
        Attr::Ints(v) if !v.is_empty() => each(v, "stride", dims)?,
        _ => kernel.clone(),
    };
    let padding = each(attrs.get_ints(2)?, "padding", dims)?;
    let usual = |d: usize| (input[d] as i64 - 1) * stride[d] as i64 + kernel[d] as i64 - 2 * padding[d] as i64;
    let Attr::Ints(given) = attrs.get(3) else {
        return (0..dims).map(|d| positive(usual(d))).collect();
    };
    let wanted = if given.len() == dims + 2 { &given[2..] } else { &given[..] };
    if wanted.len() != dims {
        return Err(Error::usage(format!(
            "expected outputSize to have {dims} elements, or {} with batch and channels, got {given:?}",
            dims + 2
        )));
    }
    (0..dims)
        .map(|d| {
            let (n, usual, step) = (wanted[d], usual(d), stride[d] as i64);
            if usual - step < n && n < usual + step {
                return positive(n);
            }
            Err(Error::shape(format!(
                "invalid outputSize {given:?}: along axis {d} it must be between {} and {}",
                usual - step,
                usual + step
            )))
        })
        .collect()
}

fn positive(n: i64) -> Result<usize> {
    match n {
        1.. => Ok(n as usize),
        _ => Err(Error::shape(format!("expected a result with elements along each axis, got a size of {n}"))),
    }
}

/// The elements of windows over `dims` axes at their places.
pub(super) fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, dims: usize) -> Result<Outputs> {
    let [Some(x), Some(at)] = *inputs else { return Err(Error::usage("expected an input and its indices")) };
    let rank = x.rank();
    if rank != dims + 1 && rank != dims + 2 {
        return Err(Error::shape(format!(
            "expected an input of {} dims, or {} without a batch, got {:?}",
            dims + 2,
            dims + 1,
            x.shape()
        )));
    }
    if at.dtype() != DType::Int64 {
        let dtype = at.dtype().name();
        return Err(Error::dtype(format!("expected int64 indices, got {dtype}; pass those that max pooling returned")));
    }
    if at.shape() != x.shape() {
        return Err(Error::shape(format!(
            "expected indices of the shape of the input, {:?}, got {:?}",
            x.shape(),
            at.shape()
        )));
    }
    let (front, own) = x.shape().split_at(rank - dims);
    if own.contains(&0) {
        return Err(Error::shape(format!("expected an input of which only the batch is empty, got {:?}", x.shape())));
    }
    let size = size(attrs, own, dims)?;
    let mut line = Dims::from_slice(front);
    line.push(own.iter().product());
    let attrs = Attrs::new().int(size.iter().product::<usize>() as i64);
    let y = invoke::with(&UNPOOL, &[Some(&reshape(x, &line)?), Some(&reshape(at, &line)?)], attrs)?;
    let mut shape = Dims::from_slice(front);
    shape.extend(size);
    Ok(smallvec![reshape(&y, &shape)?])
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let mut shape = Dims::from_slice(x.shape());
    shape[x.rank() - 1] = call.attrs.get_int(0)? as usize;
    Ok(Spec::one(shape, x.dtype()))
}

fn check(call: &Call) -> Result<Arrays> {
    let at = indices::read(call.input(1))?;
    indices::in_range(at.as_slice(), call.attrs.get_int(0)? as usize, call.input(1).rank() - 1)?;
    Ok(smallvec![at])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, at) = (call.input(0).contiguous()?, &call.checked[0]);
    let (from, to) = (x.shape()[x.rank() - 1], call.attrs.get_int(0)? as usize);
    floats!(x.dtype(), T => {
        let out: &mut [T] = outs[0].as_mut_slice();
        out.fill(T::default());
        let planes = x.as_slice::<T>().chunks_exact(from.max(1)).zip(at.as_slice::<i64>().chunks_exact(from.max(1)));
        for (out, (x, at)) in out.chunks_exact_mut(to.max(1)).zip(planes) {
            for (&x, &at) in x.iter().zip(at) {
                out[at as usize] = x;
            }
        }
    });
    Ok(())
}

static UNPOOL: OpDef = OpDef {
    name: "_max_unpool",
    part_of: "max_unpool2d",
    doc: "Zeros of `length` along the last dim with each element of `input` at its place; of equal places the last wins, and the gradient is as \
          if each had, which is PyTorch's convention.",
    args: &[Arg::tensor("input"), Arg::tensor("indices"), Arg::required("length", Kind::Int)],
    class: Class::Index,
    node: "MaxUnpool2DBackward0",
    shown: NodeNaming::without(0b10),
    surface: &[],
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(gather(b.g(), b.g().rank() - 1, &b.input(1)?)?), None])),
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        // One element a row: no place comes twice.
        let x = SampleTensor::new(&[3, 1]).into();
        vec![Sample::new("rows", vec![x, SampleTensor::ints(&[3, 1], 0, 4).into(), Attr::Int(4).into()])]
    },
    ..OpDef::BASE
}
.shipped();

/// A call with one element a plane, so that no place comes twice.
pub(super) fn sample(label: &str, shape: &[usize], attrs: [Attr; 4]) -> Sample {
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(shape).into(), SampleTensor::ints(shape, 0, 3).into()];
    args.extend(attrs.map(SampleArg::from));
    Sample::new(label, args)
}

fn samples() -> Vec<Sample> {
    vec![
        sample("a batch", &[2, 2, 1, 1], [ints(&[2]), Attr::None, ints(&[0]), Attr::None]),
        sample("a size given", &[2, 1, 1], [ints(&[2]), Attr::None, ints(&[0]), ints(&[3, 2])]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |label, shape: &[usize], size, code, message| ErrorSample {
        sample: sample(label, shape, [ints(&[2]), Attr::None, ints(&[0]), size]),
        code,
        message,
    };
    vec![
        e("an input of two dims", &[2, 2], Attr::None, Code::Shape, "an input of 4 dims"),
        e("a size out of reach", &[1, 1, 1], ints(&[5, 2]), Code::Shape, "invalid outputSize"),
        e("three sizes", &[1, 1, 1], ints(&[2, 2, 2]), Code::Usage, "to have 2 elements"),
    ]
}

/// The op.
static DEF: OpDef = OpDef {
    name: "max_unpool2d",
    doc: "Returns images of zeros with the elements of `input` at the places `indices`, those that `maxPool2d` with `returnIndices` gave.\n\n\
          **Shapes**: `input` and `indices` (int64) `[N, C, H, W]` or `[C, H, W]`, result `[N, C, oH, oW]` with `oH = (H − 1)·stride + kernelSize \
          − 2·padding`. Several sizes pool to one: `outputSize`, less than a stride from that, chooses another. An index outside its plane is \
          an error. Where a place comes several times the last element wins, and the gradient is as if each had. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.max_unpool2d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 2)),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
