//! The largest elements along a dim.

use super::sort;
use crate::invoke;
use crate::shared::indices;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Call, Class, Default, Facts, Kind, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor,
    Vjp,
};
use adjoint_cpu::dtype::unsupported;
use adjoint_cpu::{axis, floats, integers_into};
use adjoint_kernels::index;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, DType, Dims, Error, Result};
use smallvec::smallvec;

fn dim(call: &Facts) -> Result<usize> {
    wrap_dim(call.attrs.opt_int(1).unwrap_or(-1), call.input(0).rank())
}

fn rule(call: &Facts) -> Result<Specs> {
    let (x, dim, k) = (call.input(0), dim(call)?, call.attrs.get_int(0)?);
    let n = indices::size(x.shape(), dim);
    if k < 0 || k > n as i64 {
        return Err(Error::usage(format!("selected index k out of range, got k={k} for dim {dim} of size {n}")));
    }
    if x.dtype() == DType::Bool {
        return Err(unsupported(x.dtype()));
    }
    let mut shape = Dims::from_slice(x.shape());
    if let Some(n) = shape.get_mut(dim) {
        *n = k as usize;
    }
    Ok(smallvec![Spec::new(&shape, x.dtype()), Spec::new(&shape, DType::Int64)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let axis = axis::of_dim(x.shape(), dim(call)?);
    let largest = !matches!(call.attrs.get(2), Attr::Bool(false));
    let [values, indices] = outs else { unreachable!("the rule gives two outputs") };
    if values.numel() == 0 {
        return Ok(());
    }
    // A 0-dim tensor is its own only element, whether 0 or 1 are asked for.
    let k = if x.rank() == 0 { 1 } else { call.attrs.get_int(0)? as usize };
    if x.dtype().is_float() {
        floats!(x.dtype(), T => {
            index::topk(x.as_slice::<T>(), axis, k, largest, values.as_mut_slice::<T>(), indices.as_mut_slice());
        });
    } else {
        integers_into!(&x, values, |x, values| index::topk(x, axis, k, largest, values, indices.as_mut_slice()));
    }
    Ok(())
}

fn sample(label: &str, shape: &[usize], k: i64, dim: i64, largest: bool) -> Sample {
    let x = SampleTensor::new(shape).distinct();
    Sample::new(label, vec![x.into(), int(k).into(), int(dim).into(), Attr::Bool(largest).into()])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "topk",
    doc: "Returns the `k` largest elements of `input` along `dim`, or the smallest unless `largest`, and where along it they were.\n\n\
          They are in order whether `sorted` is asked for or not; of equal elements those are taken that PyTorch takes, which need not be the first. NaN is greater than \
          everything. The gradient goes back to where the values were. Costs `n + k log k` a lane. \
          Source: PyTorch, `torch.topk`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("k", Kind::Int),
        Arg::optional("dim", Kind::Int, Default::Int(-1)),
        Arg::optional("largest", Kind::Bool, Default::Bool(true)),
        Arg::optional("sorted", Kind::Bool, Default::Bool(true)),
    ],
    outputs: &["values", "indices"],
    class: Class::Index,
    node: "TopkBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(|b| sort::chosen(b, b.attrs().opt_int(1).unwrap_or(-1))),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    samples: || {
        vec![
            sample("a vector", &[6], 3, 0, true),
            sample("smallest of rows", &[2, 4], 2, -1, false),
            sample("columns", &[3, 2], 1, 0, true),
            sample("none", &[3], 0, 0, true),
            sample("a 0-dim tensor", &[], 1, 0, true),
        ]
    },
    errors: || {
        vec![
            fails(sample("k too large", &[3], 4, 0, true), Code::Usage, "selected index k out of range"),
            fails(sample("k negative", &[3], -1, 0, true), Code::Usage, "selected index k out of range"),
            fails(sample("a dim too large", &[3], 1, 1, true), Code::Index, "dim 1 is out of range"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// The `k` largest elements of `x` along `dim`, or the smallest, and where they were.
pub fn topk(x: &Tensor, k: usize, dim: i64, largest: bool) -> Result<(Tensor, Tensor)> {
    sort::pair(invoke::many(&DEF, &[Some(x)], Attrs::new().int(k as i64).int(dim).bool(largest))?)
}
