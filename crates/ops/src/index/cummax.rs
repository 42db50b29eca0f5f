//! Running maxima.

use super::sort;
use crate::shared::dims::dim_of;
use crate::shared::reduce::samples;
use adjoint_autograd::{Arg, Body, Call, Class, Facts, Kind, OpDef, Saves, Spec, Specs, Vjp};
use adjoint_cpu::{axis, floats, integers_into};
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::{Array, DType, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    dim_of(call.attrs, 0, x.rank())?;
    Ok(smallvec![Spec::new(x.shape(), x.dtype()), Spec::new(x.shape(), DType::Int64)])
}

/// Writes along each lane the element that `wins` over all before it, and where it was. Of equal ones the last; NaN
/// wins over everything.
#[allow(clippy::eq_op, reason = "NaN is not itself")]
fn scan<T: PartialOrd + Copy>(
    x: &[T],
    Axis { outer, n, inner }: Axis,
    values: &mut [T],
    places: &mut [i64],
    wins: fn(&T, &T) -> bool,
) {
    for line in 0..outer * inner {
        let start = line / inner * n * inner + line % inner;
        let mut best = 0;
        for i in 0..n {
            let (at, held) = (x[start + i * inner], x[start + best * inner]);
            if at != at || (held == held && wins(&at, &held)) {
                best = i;
            }
            values[start + i * inner] = x[start + best * inner];
            places[start + i * inner] = best as i64;
        }
    }
}

fn run(call: &Call, outs: &mut [Array], greatest: bool) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let axis = axis::of_dim(x.shape(), dim_of(call.attrs, 0, x.rank())?);
    let [values, places] = outs else { unreachable!("the rule gives two outputs") };
    if x.dtype().is_float() {
        floats!(x.dtype(), T => {
            let wins: fn(&T, &T) -> bool = if greatest { T::ge } else { T::le };
            scan(x.as_slice::<T>(), axis, values.as_mut_slice::<T>(), places.as_mut_slice(), wins);
        });
    } else {
        let wins: fn(&i64, &i64) -> bool = if greatest { i64::ge } else { i64::le };
        integers_into!(&x, values, |x, values| scan(x, axis, values, places.as_mut_slice(), wins));
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
