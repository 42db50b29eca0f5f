//! Running sums.

use super::sum::result_dtype;
use crate::invoke;
use crate::shared::dims::dim_or_none;
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Batching, Body, Call, Class, Facts, Jvp, Kind, OpDef, Sample, SampleTensor, Spec, Specs, Tensor,
    Vjp,
};
use adjoint_cpu::reduce::narrow;
use adjoint_cpu::{floats, integer_elements};
use adjoint_kernels::dtype::Element;
use adjoint_kernels::reduce::{self, Axis};
use adjoint_tensor::{Array, DType, Error, Result, scratch};
use smallvec::smallvec;

/// The parameters of `cumsum` and `cumprod`.
pub(super) const ARGS: &[Arg] =
    &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::optional("dtype", Kind::DType, Default::None)];

/// The dim of a scan, wrapped.
pub(super) fn dim_of(attrs: &Attrs, rank: usize) -> Result<usize> {
    dim_or_none(attrs, 0, rank)?.ok_or_else(|| Error::usage("expected a dim"))
}

/// The axis of a scan; one element for a 0-dim tensor.
pub(super) fn axis_of(x: &Array, dim: usize) -> Axis {
    if x.rank() == 0 { Axis::whole(1) } else { Axis::of(x.shape(), dim) }
}

pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    dim_of(call.attrs, x.rank())?;
    Ok(Spec::one(x.shape(), result_dtype(x.dtype(), call.attrs.opt_dtype(1))))
}

/// Writes running sums, or products, computed in the output's dtype.
pub(super) fn run(call: &Call, sums: bool, out: &mut Array) -> Result<()> {
    let dtype = out.dtype();
    let x = call.input(0);
    let axis = axis_of(x, dim_of(call.attrs, x.rank())?);
    if dtype.is_float() {
        let x = x.cast(dtype)?.contiguous()?;
        floats!(dtype, T => {
            let kernel = if sums { reduce::cumsum } else { reduce::cumprod };
            kernel(x.as_slice::<T>(), axis, out.as_mut_slice::<T>());
        });
        return Ok(());
    }
    let x = if x.dtype().is_float() { x.cast(DType::Int64)? } else { x.contiguous()? };
    let mut wide = scratch::filled(0i64, x.numel())?;
    integer_elements!(x, x => {
        let kernel = if sums { reduce::cumsum_int } else { reduce::cumprod_int };
        kernel(x, axis, &mut wide);
    });
    narrow(wide, out)
}

/// The ops: forward, and in reverse, which is its transpose.
pub static DEFS: &[&OpDef] = &[&CUMSUM, &REVERSED];

static CUMSUM: OpDef = OpDef {
    name: "cumsum",
    doc: "Returns the running sum of `input` along `dim`: `out_i = x_0 + … + x_i`.\n\n\
          Floats accumulate in float64. Integers and bools are summed in int64; `dtype` casts first. `dx` is the running sum of `g` \
          from the end. Source: PyTorch, `torch.cumsum`.",
    args: ARGS,
    node: "CumsumBackward0",
    in_place: true,
    body: Body::Kernel { rule, run: |call, outs| run(call, true, &mut outs[0]) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(reversed(b.g(), dim_of(b.attrs(), b.shape(0).len())?)?)])),
    jvp: Jvp::Linear,
    samples: samples::scans,
    errors: samples::wrong_dim,
    ..OpDef::BASE
}
.shipped();

static REVERSED: OpDef = OpDef {
    name: "_cumsum_reversed",
    part_of: "cumsum",
    doc: "Running sums from the end: `out_i = x_i + … + x_{n−1}`.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int)],
    class: Class::Opaque,
    node: "CumsumBackward0",
    surface: &[],
    body: Body::Kernel { rule, run: run_reversed },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(cumsum(b.g(), dim_of(b.attrs(), b.shape(0).len())?)?)])),
    jvp: Jvp::Linear,
    samples: || vec![Sample::new("a middle dim", vec![SampleTensor::new(&[2, 3, 2]).into(), Attr::Int(1).into()])],
    ..OpDef::BASE
}
.shipped();

fn run_reversed(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let Axis { outer, n, inner } = axis_of(&x, dim_of(call.attrs, x.rank())?);
    let out = &mut outs[0];
    floats!(x.dtype(), T => {
        let (x, out) = (x.as_slice::<T>(), out.as_mut_slice::<T>());
        for line in 0..outer * inner {
            let start = line / inner * n * inner + line % inner;
            let mut sum = 0.0f64;
            for i in (0..n).rev() {
                sum += x[start + i * inner].to_f64();
                out[start + i * inner] = sum as T;
            }
        }
    });
    Ok(())
}

/// The running sum along `dim`.
pub fn cumsum(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&CUMSUM, &[Some(x)], Attrs::new().int(dim as i64))
}

/// The running sum along `dim` from the end.
pub fn reversed(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&REVERSED, &[Some(x)], Attrs::new().int(dim as i64))
}
