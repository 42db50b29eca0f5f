//! The cross entropy of rows of scores and classes, in one pass.

use super::nll_loss::{check, classes, fits, total_weight};
use super::softmax::{softmax, sum_kept};
use crate::elementwise::{div::div, eq::eq, mul::mul, sub::sub, where_::where_};
use crate::invoke::{self, number};
use crate::reduce::sum::{sum_all, sum_dims};
use crate::shared::nn::reduction::{self, Reduction};
use crate::view::reshape::reshape;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Check, Class, Facts, Grads, Kind, NodeNaming, OpDef, Saves, Spec, Specs, Tensor,
    Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::dtype::Element;
use adjoint_kernels::softmax::{ClassTargets, cross_entropy, cross_entropy_backward};
use adjoint_tensor::{Array, DType, Error, Result, Scalar};
use smallvec::smallvec;

const ARGS: [Arg; 3] =
    [Arg::required("ignore_index", Kind::Int), reduction::ARG, Arg::required("label_smoothing", Kind::Float)];

/// The classes and weights of a call, as a kernel takes them.
struct Targets {
    classes: Array,
    weight: Option<Array>,
    ignore: i64,
    smoothing: f64,
}

impl Targets {
    fn of(classes: Array, weight: Option<&Array>, dtype: DType, attrs: &Attrs) -> Result<Targets> {
        Ok(Targets {
            classes,
            weight: weight.map(|w| w.cast(dtype)?.contiguous()).transpose()?,
            ignore: attrs.get_int(0)?,
            smoothing: attrs.get_float(2)?,
        })
    }
}

macro_rules! targets {
    ($targets:expr, $t:ty) => {
        ClassTargets::<$t> {
            classes: $targets.classes.as_slice(),
            weight: $targets.weight.as_ref().map(|w| w.as_slice()),
            ignore: $targets.ignore,
            smoothing: $targets.smoothing,
        }
    };
}

fn rule(call: &Facts) -> Result<Specs> {
    let (x, target) = (call.input(0), call.input(1));
    let dtype = call.floating(0)?;
    if x.rank() != 2 {
        return Err(Error::shape(format!("expected rows of scores, got shape {:?}", x.shape())));
    }
    let rows = fits(x, target, call.given(2))?;
    let none = Reduction::of(call.attrs, 1) == Reduction::None;
    let loss = Spec::new(if none { rows.as_slice() } else { &[] }, dtype);
    Ok(smallvec![loss, Spec::new([x.shape()[0], 2], dtype)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let [rows, n] = [x.shape()[0], x.shape()[1]];
    let read = Targets::of(call.checked[0].clone(), call.given(2), x.dtype(), call.attrs)?;
    let reduction = Reduction::of(call.attrs, 1);
    let [loss, stats] = outs else { unreachable!("the rule names two outputs") };
    let mut losses = Array::empty(&[if reduction == Reduction::None { 0 } else { rows }], x.dtype())?;
    floats!(x.dtype(), T => {
        let targets = targets!(read, T);
        if reduction == Reduction::None {
            cross_entropy(x.as_slice::<T>(), n, &targets, loss.as_mut_slice(), stats.as_mut_slice());
        } else {
            let losses = losses.as_mut_slice::<T>();
            cross_entropy(x.as_slice::<T>(), n, &targets, losses, stats.as_mut_slice());
            let sum: f64 = losses.iter().map(|v| v.to_f64()).sum();
            loss.as_mut_slice::<T>()[0] = if reduction == Reduction::Mean { sum / targets.total() } else { sum } as T;
        }
    });
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (x, target, weight) = (b.input(0)?, b.input(1)?, b.opt_input(2)?);
    let stats = b.output(1)?.detach();
    let inputs = [Some(b.g()), Some(&x), Some(&stats), Some(&target), weight.as_ref()];
    Ok(smallvec![Some(invoke::with(&BACKWARD, &inputs, b.attrs().clone())?)])
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (g, x, stats) = (call.input(0).contiguous()?, call.input(1).contiguous()?, call.input(2).contiguous()?);
    let read = Targets::of(classes(call.input(3))?, call.given(4), x.dtype(), call.attrs)?;
    let reduction = Reduction::of(call.attrs, 1);
    let n = x.shape()[1];
    floats!(x.dtype(), T => {
        let targets = targets!(read, T);
        let g = g.as_slice::<T>();
        let divisor = if reduction == Reduction::Mean { targets.total() } else { 1.0 };
        let each = reduction == Reduction::None;
        let g = |row: usize| g[if each { row } else { 0 }].to_f64() / divisor;
        cross_entropy_backward(g, x.as_slice::<T>(), stats.as_slice(), n, &targets, outs[0].as_mut_slice());
    });
    Ok(())
}

/// With K the weighted targets as distributions and a its sums over classes, the derivative is `g ·
/// (a · softmax(x) − K)`, over the sum of weights for a mean.
fn backward_vjp(b: &Backward) -> Result<Grads> {
    let (h, g, x) = (b.g(), b.input(0)?, b.input(1)?);
    let (target, weight) = (b.input(3)?, b.opt_input(4)?);
    let (ignore, reduction) = (b.attrs().get_int(0)?, Reduction::of(b.attrs(), 1));
    let none = reduction == Reduction::None;
    let attrs = Attrs::new().int(ignore).float(b.attrs().get_float(2)?).shape(x.shape()).dtype(x.dtype());
    let k = invoke::with(&DISTRIBUTION, &[Some(&target), weight.as_ref()], attrs)?;
    let a = sum_dims(&k, &[1], true)?;
    let p = softmax(&x, 1)?;
    let over = |t: Tensor| match reduction {
        Reduction::Mean => div(&t, &total_weight(&target, weight.as_ref(), ignore, &x)?),
        _ => Ok(t),
    };
    let dg = if b.wants(0) {
        let terms = mul(h, &sub(&mul(&a, &p)?, &k)?)?;
        Some(over(if none { sum_dims(&terms, &[1], false)? } else { sum_all(&terms)? })?)
    } else {
        None
    };
    let dx = if b.wants(1) {
        let each = if none { reshape(&g, &[x.shape()[0], 1])? } else { g };
        let way = mul(&p, &sub(h, &sum_kept(&mul(h, &p)?, 1)?)?)?;
        // Where all rows are ignored the sum of weights is 0; they still have no part in it.
        let zero = number(0.0)?;
        Some(where_(&eq(&a, &zero)?, &zero, &over(mul(&mul(&each, &a)?, &way)?)?)?)
    } else {
        None
    };
    Ok(smallvec![dg, dx])
}

fn distribution_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let out = &mut outs[0];
    let n = out.shape()[1];
    let classes = classes(call.input(0))?;
    let weight = call.given(1).map(Array::to_vec_f64).transpose()?;
    let (ignore, smoothing) = (call.attrs.get_int(0)?, call.attrs.get_float(1)?);
    out.fill(Scalar::Int(0));
    floats!(out.dtype(), T => {
        for (row, &class) in out.as_mut_slice::<T>().chunks_exact_mut(n.max(1)).zip(classes.as_slice::<i64>()) {
            if class == ignore {
                continue;
            }
            for (c, out) in row.iter_mut().enumerate() {
                let share = smoothing / n as f64 + if c as i64 == class { 1.0 - smoothing } else { 0.0 };
                *out = (share * weight.as_ref().map_or(1.0, |w| w[c])) as T;
            }
        }
    });
    Ok(())
}

/// The ops: the loss, its derivative, and the targets as distributions.
pub static DEFS: &[&OpDef] = &[&LOSS, &BACKWARD, &DISTRIBUTION];

static LOSS: OpDef = OpDef {
    name: "_rows_cross_entropy",
    part_of: "cross_entropy",
    doc: "`cross_entropy` of rows of scores and classes.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        ARGS[0],
        ARGS[1],
        ARGS[2],
    ],
    hidden_outputs: 1,
    class: Class::Opaque,
    node: "NllLossBackward0",
    shown: NodeNaming::without(0b110),
    surface: &[],
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b111], outputs: &[0b10] },
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_rows_cross_entropy_backward",
    part_of: "cross_entropy",
    doc: "The derivative of `_rows_cross_entropy` by `input`.",
    args: &[
        Arg::tensor("grad_output"),
        Arg::tensor("input"),
        Arg::tensor("stats"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        ARGS[0],
        ARGS[1],
        ARGS[2],
    ],
    class: Class::Opaque,
    node: "NllLossBackwardBackward0",
    surface: &[],
    body: Body::Kernel { rule: |call| Ok(Spec::one(call.input(1).shape(), call.input(1).dtype())), run: backward_run },
    vjp: Vjp::Fn(backward_vjp),
    saves: Saves { inputs: &[0b11011, 0b11011], outputs: &[] },
    ..OpDef::BASE
}
.shipped();

static DISTRIBUTION: OpDef = OpDef {
    name: "_class_distribution",
    part_of: "cross_entropy",
    doc: "Classes as distributions over `size[1]` classes, smoothed and weighted; zeros where they are ignored.",
    args: &[
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::required("ignore_index", Kind::Int),
        Arg::required("label_smoothing", Kind::Float),
        Arg::required("size", Kind::Ints),
        Arg::required("dtype", Kind::DType),
    ],
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one(call.attrs.get_shape(2)?, call.attrs.opt_dtype(3).unwrap_or(DType::Float32))),
        run: distribution_run,
    },
    vjp: Vjp::None("classes and weights are constants"),
    ..OpDef::BASE
}
.shipped();

/// The cross entropy of rows of scores, `[N, C]`, and classes, `[N]`.
pub fn rows_cross_entropy(
    x: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore: i64,
    reduction: Reduction,
    smoothing: f64,
) -> Result<Tensor> {
    let attrs = Attrs::new().int(ignore).with(reduction.attr()).float(smoothing);
    invoke::with(&LOSS, &[Some(x), Some(target), weight], attrs)
}
