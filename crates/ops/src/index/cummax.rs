//! Running maxima.

use super::sort;
use crate::shared::dims::dim_of;
use crate::shared::reduce::samples;
use adjoint_autograd::{Arg, Body, Call, Class, Facts, Kind, OpDef, Saves, Spec, Specs, Vjp};
use adjoint_cpu::{axis, floats, integers_into};
use adjoint_kernels::reduce;
use adjoint_tensor::{Array, DType, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    dim_of(call.attrs, 0, x.rank())?;
    Ok(smallvec![Spec::new(x.shape(), x.dtype()), Spec::new(x.shape(), DType::Int64)])
}

fn run(call: &Call, outs: &mut [Array], greatest: bool) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let axis = axis::of_dim(x.shape(), dim_of(call.attrs, 0, x.rank())?);
    let [values, places] = outs else { unreachable!("the rule gives two outputs") };
    if x.dtype().is_float() {
        floats!(x.dtype(), T => {
            let scan = if greatest { reduce::cummax::<T> } else { reduce::cummin::<T> };
            scan(x.as_slice::<T>(), axis, values.as_mut_slice::<T>(), places.as_mut_slice());
        });
    } else {
        let scan = if greatest { reduce::cummax::<i64> } else { reduce::cummin::<i64> };
        integers_into!(&x, values, |x, values| scan(x, axis, values, places.as_mut_slice()));
    }
    Ok(())
}

/// What `cummax` and `cummin` have.
const COMMON: OpDef = OpDef {
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int)],
    outputs: &["values", "indices"],
    class: Class::Index,
    vjp: Vjp::Fn(|b| sort::chosen(b, b.attrs().get_int(0)?)),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    samples: samples::scans,
    errors: samples::wrong_dim,
    ..OpDef::BASE
};

/// The ops.
pub static DEFS: &[&OpDef] = &[&CUMMAX, &CUMMIN];

static CUMMAX: OpDef = OpDef {
    name: "cummax",
    doc: "Returns the greatest element of `input` so far along `dim`, and where it was.\n\n\
          Of equal elements the last is taken; NaN is greater than everything. The gradient goes to where the values \
          were. Source: PyTorch, `torch.cummax`.",
    node: "CummaxBackward0",
    body: Body::Kernel { rule, run: |call, outs| run(call, outs, true) },
    ..COMMON
}
.shipped();

static CUMMIN: OpDef = OpDef {
    name: "cummin",
    doc: "Returns the least element of `input` so far along `dim`, and where it was.\n\n\
          Of equal elements the last is taken; NaN is less than everything. The gradient goes to where the values \
          were. Source: PyTorch, `torch.cummin`.",
    node: "CumminBackward0",
    body: Body::Kernel { rule, run: |call, outs| run(call, outs, false) },
    ..COMMON
}
.shipped();
