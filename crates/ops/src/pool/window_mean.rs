//! Means over windows of planes, and the transpose: each is the other's derivative.

use crate::invoke;
use crate::shared::pool::windows::{area, resized};
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Call, Class, Jvp, Kind, OpDef, Sample, SampleTensor, Saves, Spec, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::pool::{Pooled, Span};
use adjoint_tensor::{Error, Result, memory, scratch};
use smallvec::smallvec;

/// The ops.
pub static DEFS: &[&OpDef] = &[&MEAN, &SPREAD];

/// Windows along both axes, and what sums are divided by: 0 for the size of the window.
#[derive(Clone, Debug)]
pub struct Spans {
    /// Windows along rows.
    pub rows: Vec<Span>,
    /// Windows along columns.
    pub cols: Vec<Span>,
    /// What sums are divided by; 0 for the size of the window.
    pub divisor: f64,
}

/// The windows of `count` outputs along an axis.
pub fn spans(count: usize, of: impl Fn(usize) -> Span) -> Result<Vec<Span>> {
    // They become integers of the call next, which are copied once, where there being no memory
    // could not be an error.
    memory::ensure(count.saturating_mul(8 * size_of::<[i64; 3]>()))?;
    scratch::collected((0..count).map(of))
}

impl Spans {
    fn attrs(&self) -> Attrs {
        let flat = |spans: &[Span]| -> Vec<i64> {
            spans.iter().flat_map(|s| [s.start as i64, s.end as i64, s.size as i64]).collect()
        };
        Attrs::new().ints(&flat(&self.rows)).ints(&flat(&self.cols)).float(self.divisor)
    }

    fn of(attrs: &Attrs) -> Result<Self> {
        let spans = |i: usize| -> Result<Vec<Span>> {
            let (all, rest) = attrs.get_ints(i)?.as_chunks::<3>();
            if !rest.is_empty() {
                return Err(Error::usage("expected three integers a window"));
            }
            scratch::collected(all.iter().map(|s| Span {
                start: s[0] as usize,
                end: s[1] as usize,
                size: s[2] as usize,
            }))
        };
        Ok(Self { rows: spans(0)?, cols: spans(1)?, divisor: attrs.get_float(2)? })
    }
}

const WINDOWS: [Arg; 3] =
    [Arg::required("rows", Kind::Ints), Arg::required("cols", Kind::Ints), Arg::required("divisor", Kind::Float)];

static MEAN: OpDef = OpDef {
    name: "_window_mean",
    part_of: "avg_pool2d",
    doc: "Sums over windows of planes by `divisor`, or the windows' sizes where that is 0; `rows` and `cols` hold start, end and size of each.",
    args: &[Arg::tensor("input"), WINDOWS[0], WINDOWS[1], WINDOWS[2]],
    class: Class::Reduce,
    node: "AvgPool2DBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| {
            let (x, spans) = (call.input(0), Spans::of(call.attrs)?);
            Ok(Spec::one(resized(x.shape(), [spans.rows.len(), spans.cols.len()]), x.dtype()))
        },
        run: |call, outs| {
            let (x, spans) = (call.input(0).contiguous()?, Spans::of(call.attrs)?);
            let Spans { rows, cols, divisor } = &spans;
            floats!(x.dtype(), T => {
                let out = outs[0].as_mut_slice();
                T::mean(planes(call), area(x.shape()), [rows, cols], *divisor, x.as_slice(), out);
            });
            Ok(())
        },
    },
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(spread(b.g(), &Spans::of(b.attrs())?, area(b.shape(0)))?)])),
    jvp: Jvp::Linear,
    saves: Saves::NOTHING,
    flat: [1, 0],
    samples: || vec![Sample::new("planes", samples(&[2, 3, 4]))],
    ..OpDef::BASE
}
.shipped();

static SPREAD: OpDef = OpDef {
    name: "_window_spread",
    part_of: "avg_pool2d",
    doc: "The derivative of `_window_mean` by an input of `size`.",
    args: &[Arg::tensor("grad_output"), WINDOWS[0], WINDOWS[1], WINDOWS[2], Arg::required("size", Kind::Ints)],
    class: Class::Opaque,
    node: "AvgPool2DBackwardBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| {
            let size = call.attrs.get_ints(3)?;
            Ok(Spec::one(resized(call.input(0).shape(), [size[0] as usize, size[1] as usize]), call.input(0).dtype()))
        },
        run: |call, outs| {
            let (g, spans) = (call.input(0).contiguous()?, Spans::of(call.attrs)?);
            let Spans { rows, cols, divisor } = &spans;
            let size = area(outs[0].shape());
            floats!(g.dtype(), T => {
                let out = outs[0].as_mut_slice();
                T::spread(planes(call), size, [rows, cols], *divisor, g.as_slice(), out);
            });
            Ok(())
        },
    },
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(window_mean(b.g(), &Spans::of(b.attrs())?)?)])),
    jvp: Jvp::Linear,
    saves: Saves::NOTHING,
    samples: || {
        let mut args = samples(&[2, 2, 2]);
        args.push(Attr::Ints([3, 4][..].into()).into());
        vec![Sample::new("planes", args)]
    },
    ..OpDef::BASE
}
.shipped();

fn samples(shape: &[usize]) -> Vec<adjoint_autograd::SampleArg> {
    let ints = |v: &[i64]| Attr::Ints(v.into());
    vec![
        SampleTensor::new(shape).into(),
        ints(&[0, 2, 2, 1, 3, 3]).into(),
        ints(&[0, 3, 3, 2, 4, 2]).into(),
        Attr::Float(0.0).into(),
    ]
}

fn planes(call: &Call) -> usize {
    let shape = call.input(0).shape();
    shape[..shape.len() - 2].iter().product()
}

/// Means over windows.
pub fn window_mean(x: &Tensor, spans: &Spans) -> Result<Tensor> {
    invoke::with(&MEAN, &[Some(x)], spans.attrs())
}

fn spread(g: &Tensor, spans: &Spans, size: [usize; 2]) -> Result<Tensor> {
    invoke::with(&SPREAD, &[Some(g)], spans.attrs().shape(&size))
}
