//! Linear recurrences and shifts along a dim: what derivatives of running products are made of.
//!
//! Both ops are closed under differentiation, so running products have derivatives of every order,
//! also through zeros, in time linear in their length.

use crate::elementwise::mul::mul;
use crate::invoke;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Batching, Body, Call, Class, Grads, Jvp, Kind, OpDef, Sample, SampleTensor, Saves,
    Spec, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::dtype::Element;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

/// The ops.
pub static DEFS: &[&OpDef] = &[&RECURRENCE, &SHIFT];

static RECURRENCE: OpDef = OpDef {
    name: "_recurrence",
    part_of: "cumprod",
    doc: "Along `dim`, `y_i = x_i + a_i · y_{i−1}`, or in reverse `y_i = x_i + a_{i+1} · y_{i+1}`; accumulated in float64. \
          Each direction is the transpose of the other.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("factor"),
        Arg::required("dim", Kind::Int),
        Arg::required("reverse", Kind::Bool),
    ],
    node: "CumprodBackward0",
    surface: &[],
    body: Body::Kernel { rule: |call| Ok(Spec::one(call.input(0).shape(), call.same_dtype()?)), run: recurrence_run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(recurrence_vjp),
    saves: Saves { inputs: &[0b10, 0b10], outputs: &[0, 0b1] },
    samples: || {
        [false, true]
            .map(|reverse| {
                let t = || SampleTensor::new(&[2, 4, 2]).into();
                let label = if reverse { "in reverse" } else { "forward" };
                Sample::new(label, vec![t(), t(), Attr::Int(1).into(), Attr::Bool(reverse).into()])
            })
            .into()
    },
    ..OpDef::BASE
}
.shipped();

static SHIFT: OpDef = OpDef {
    name: "_shift",
    part_of: "cumprod",
    doc: "The elements one place later along `dim`, or earlier with `reverse`; `fill` enters at the end left behind.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::required("reverse", Kind::Bool),
        Arg::required("fill", Kind::Float),
    ],
    class: Class::Index,
    node: "CumprodBackward0",
    surface: &[],
    body: Body::Kernel { rule: |call| Ok(Spec::one(call.input(0).shape(), call.floating(0)?)), run: shift_run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(|b| {
        let (dim, reverse) = (b.attrs().get_int(0)? as usize, b.attrs().get_bool(1));
        Ok(smallvec![Some(shift(b.g(), dim, !reverse, 0.0)?)])
    }),
    jvp: Jvp::Transposed,
    samples: || {
        [false, true]
            .map(|reverse| {
                let t = SampleTensor::new(&[2, 3, 2]).into();
                let label = if reverse { "earlier" } else { "later" };
                Sample::new(label, vec![t, Attr::Int(1).into(), Attr::Bool(reverse).into(), Attr::Float(1.0).into()])
            })
            .into()
    },
    ..OpDef::BASE
}
.shipped();

fn recurrence_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, a) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    let Axis { outer, n, inner } = Axis::of(x.shape(), call.attrs.get_int(0)? as usize);
    let reverse = call.attrs.get_bool(1);
    let out = &mut outs[0];
    floats!(x.dtype(), T => {
        let (x, a, out) = (x.as_slice::<T>(), a.as_slice::<T>(), out.as_mut_slice::<T>());
        for line in 0..outer * inner {
            let start = line / inner * n * inner + line % inner;
            let mut y = 0.0f64;
            for i in 0..n {
                let at = start + if reverse { n - 1 - i } else { i } * inner;
                if i > 0 {
                    // In reverse the factor belongs to the link with the next element, which came
                    // before in this loop.
                    y *= a[if reverse { at + inner } else { at }].to_f64();
                }
                y += x[at].to_f64();
                out[at] = y as T;
            }
        }
    });
    Ok(())
}

fn recurrence_vjp(b: &Backward) -> Result<Grads> {
    let (dim, reverse) = (b.attrs().get_int(0)? as usize, b.attrs().get_bool(1));
    let dx = recurrence(b.g(), &b.input(1)?, dim, !reverse)?;
    let da = if !b.wants(1) {
        None
    } else if reverse {
        // a_i links y_i with y_{i−1}, whose gradient it multiplies.
        Some(mul(&shift(&dx, dim, false, 0.0)?, &b.output(0)?)?)
    } else {
        Some(mul(&dx, &shift(&b.output(0)?, dim, false, 0.0)?)?)
    };
    Ok(smallvec![Some(dx), da])
}

fn shift_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let Axis { n, inner, .. } = Axis::of(x.shape(), call.attrs.get_int(0)? as usize);
    let (reverse, fill) = (call.attrs.get_bool(1), call.attrs.get_float(2)?);
    let out = &mut outs[0];
    if x.numel() == 0 {
        return Ok(());
    }
    floats!(x.dtype(), T => {
        for (x, y) in x.as_slice::<T>().chunks_exact(n * inner).zip(out.as_mut_slice::<T>().chunks_exact_mut(n * inner)) {
            let kept = (n - 1) * inner;
            if reverse {
                y[..kept].copy_from_slice(&x[inner..]);
                y[kept..].fill(fill as T);
            } else {
                y[inner..].copy_from_slice(&x[..kept]);
                y[..inner].fill(fill as T);
            }
        }
    });
    Ok(())
}

/// `y_i = x_i + a_i · y_{i−1}` along `dim`, or in reverse `y_i = x_i + a_{i+1} · y_{i+1}`.
pub fn recurrence(x: &Tensor, a: &Tensor, dim: usize, reverse: bool) -> Result<Tensor> {
    invoke::with(&RECURRENCE, &[Some(x), Some(a)], Attrs::new().int(dim as i64).bool(reverse))
}

/// The elements one position later along `dim`, or earlier; `fill` enters.
pub fn shift(x: &Tensor, dim: usize, reverse: bool, fill: f64) -> Result<Tensor> {
    invoke::with(&SHIFT, &[Some(x)], Attrs::new().int(dim as i64).bool(reverse).float(fill))
}
