//! The negative log likelihood.

use crate::invoke;
use crate::shared::checks;
use crate::shared::nn::reduction;
pub use crate::shared::nn::reduction::Reduction;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Arrays, Attr, Attrs, Backward, Body, Call, Check, Class, ErrorSample, Facts, Grads, Kind, Named,
    NodeNaming, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::dtype::Element;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::{Array, Code, DType, Dims, Error, Meta, Result, Scalar};
use smallvec::smallvec;

/// The index that no class has by default.
pub(super) const IGNORE: i64 = -100;

/// A classification: log probabilities as `[outer, classes, inner]`, and a class for each of the
/// rest.
struct Targets {
    axis: Axis,
    classes: Array,
    weight: Option<Vec<f64>>,
    ignore: i64,
}

impl Targets {
    /// From classes as [`classes`] gives them, and weight; `shape` is that of the log
    /// probabilities, which the operands were checked against.
    fn of(shape: &[usize], classes: Array, weight: Option<&Array>, attrs: &Attrs) -> Result<Targets> {
        let axis = if shape.len() == 1 { Axis::rows(1, shape[0]) } else { Axis::of(shape, 1) };
        Ok(Targets {
            axis,
            classes,
            weight: weight.map(Array::to_vec_f64).transpose()?,
            ignore: attrs.opt_int(0).unwrap_or(IGNORE),
        })
    }

    /// Calls `f(position among the targets, position among the log probabilities, weight)` for each
    /// that counts.
    fn each(&self, mut f: impl FnMut(usize, usize, f64)) {
        for (p, &class) in self.classes.as_slice::<i64>().iter().enumerate() {
            if class != self.ignore {
                let Axis { n, inner, .. } = self.axis;
                let at = (p / inner * n + class as usize) * inner + p % inner;
                f(p, at, self.weight.as_ref().map_or(1.0, |w| w[class as usize]));
            }
        }
    }

    fn total(&self) -> f64 {
        let mut total = 0.0;
        self.each(|_, _, w| total += w);
        total
    }
}

/// Targets as contiguous 64-bit integers.
pub(super) fn classes(target: &Array) -> Result<Array> {
    target.cast(DType::Int64)?.contiguous()
}

/// Fails unless every class that does not count for nothing exists; returns the classes. The log
/// probabilities are input 0, the target is input 1, and attribute 0 says which class is ignored.
pub(super) fn check(call: &Call) -> Result<Arrays> {
    let (shape, read) = (call.input(0).shape(), classes(call.input(1))?);
    let (n, ignore) = (shape[usize::from(shape.len() > 1)], ignored(call.attrs));
    if let Some(class) = read.as_slice::<i64>().iter().find(|&&c| c != ignore && (c < 0 || c >= n as i64)) {
        return Err(Error::index(format!("target {class} is out of bounds for {n} classes"))
            .with("target", class)
            .with("classes", n));
    }
    Ok(smallvec![read])
}

/// Fails unless target, weight and log probabilities of this shape go together.
pub(super) fn fits(x: &Meta, target: &Meta, weight: Option<&Meta>) -> Result<Dims> {
    let shape = x.shape();
    if shape.is_empty() {
        return Err(Error::shape("expected an input of 1 or more dims, got a 0-dim tensor"));
    }
    if !matches!(target.dtype(), DType::Int64 | DType::UInt8) {
        return Err(checks::wrong_integers("a target", "int64 or uint8", target.dtype()));
    }
    let (classes, rest) = if shape.len() == 1 {
        (shape[0], Dims::new())
    } else {
        (shape[1], shape[..1].iter().chain(&shape[2..]).copied().collect())
    };
    if target.shape() != rest.as_slice() {
        return Err(Error::shape(format!(
            "expected a target of shape {:?} for input {shape:?} (its shape without the classes), got {:?}",
            rest.as_slice(),
            target.shape()
        ))
        .with("input", format_args!("{shape:?}"))
        .with("target", format_args!("{:?}", target.shape())));
    }
    if let Some(w) = weight.filter(|w| w.shape() != [classes]) {
        return Err(Error::shape(format!("expected a weight of shape [{classes}], one a class, got {:?}", w.shape())));
    }
    if let Some(w) = weight {
        checks::same_dtype("a weight", w.dtype(), x.dtype())?;
    }
    Ok(rest)
}

fn ignored(attrs: &Attrs) -> i64 {
    attrs.opt_int(0).unwrap_or(IGNORE)
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let rest = fits(x, call.input(1), call.given(2))?;
    let none = Reduction::of(call.attrs, 1) == Reduction::None;
    Ok(Spec::one(if none { rest } else { Dims::new() }, call.floating(0)?))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let weight = call.given(2);
    let targets = Targets::of(x.shape(), call.checked[0].clone(), weight, call.attrs)?;
    let reduction = Reduction::of(call.attrs, 1);
    let out = &mut outs[0];
    out.fill(Scalar::Int(0));
    floats!(x.dtype(), T => {
        let (x, out) = (x.as_slice::<T>(), out.as_mut_slice::<T>());
        if reduction == Reduction::None {
            targets.each(|p, at, w| out[p] = (-w * x[at].to_f64()) as T);
        } else {
            let (mut sum, mut total) = (0.0, 0.0);
            targets.each(|_, at, w| {
                sum -= w * x[at].to_f64();
                total += w;
            });
            out[0] = if reduction == Reduction::Mean { sum / total } else { sum } as T;
        }
    });
    Ok(())
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    let g = call.input(0);
    Ok(Spec::one(call.attrs.get_shape(2)?, g.dtype()))
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let g = call.input(0).contiguous()?;
    let out = &mut outs[0];
    out.fill(Scalar::Int(0));
    let targets = Targets::of(out.shape(), classes(call.input(1))?, call.given(2), call.attrs)?;
    let reduction = Reduction::of(call.attrs, 1);
    let divisor = if reduction == Reduction::Mean { targets.total() } else { 1.0 };
    floats!(g.dtype(), T => {
        let (g, out) = (g.as_slice::<T>(), out.as_mut_slice::<T>());
        let each = reduction == Reduction::None;
        targets.each(|p, at, w| out[at] = (-w * g[if each { p } else { 0 }].to_f64() / divisor) as T);
    });
    Ok(())
}

fn total_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let shape = call.attrs.get_shape(1)?;
    let total = Targets::of(&shape, classes(call.input(0))?, call.given(1), call.attrs)?.total();
    outs[0].fill(Scalar::Float(total));
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (target, weight) = (b.input(1)?, b.opt_input(2)?);
    let attrs = Attrs::new().int(ignored(b.attrs())).with(Reduction::of(b.attrs(), 1).attr()).shape(b.shape(0));
    Ok(smallvec![Some(invoke::with(&BACKWARD, &[Some(b.g()), Some(&target), weight.as_ref()], attrs)?)])
}

/// The loss is linear in the log probabilities, so the transpose of its derivative is the loss.
fn backward_vjp(b: &Backward) -> Result<Grads> {
    let (target, weight) = (b.input(1)?, b.opt_input(2)?);
    let attrs = Attrs::new().int(ignored(b.attrs())).with(Reduction::of(b.attrs(), 1).attr());
    Ok(smallvec![Some(invoke::with(&NLL_LOSS, &[Some(b.g()), Some(&target), weight.as_ref()], attrs)?)])
}

fn node_name(call: &Named) -> &'static str {
    nll_node(call.rank(0).unwrap_or(2), Reduction::of(call.attrs, 1))
}

/// The name of the node for an input of `rank` dims: PyTorch has an op for rows and one for planes, to which it reshapes all
/// others, and back where the result has their shape.
pub fn nll_node(rank: usize, reduction: Reduction) -> &'static str {
    match rank {
        0..=2 => "NllLossBackward0",
        4 => "NllLoss2DBackward0",
        _ if reduction == Reduction::None => "ViewBackward0",
        _ => "NllLoss2DBackward0",
    }
}

fn samples() -> Vec<Sample> {
    let s = |label: &str, shape: &[usize], target: &[usize], weight: bool, ignore, reduction: Reduction| {
        let weight =
            if weight { SampleTensor::new(&[3]).range(0.5, 1.5).constant().into() } else { reduction::absent() };
        let args = vec![
            SampleTensor::new(shape).into(),
            SampleTensor::ints(target, 0, 3).into(),
            weight,
            Attr::Int(ignore).into(),
            reduction.attr().into(),
        ];
        Sample::new(label, args)
    };
    vec![
        s("the mean", &[4, 3], &[4], false, -100, Reduction::Mean),
        s("weights and an ignored class", &[4, 3], &[4], true, 1, Reduction::Sum),
        s("no reduction", &[2, 3, 2], &[2, 2], true, -100, Reduction::None),
        s("one sample", &[3], &[], false, -100, Reduction::Mean),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |label: &str, shape: &[usize], target: SampleTensor, code, message| ErrorSample {
        sample: Sample::new(label, vec![SampleTensor::new(shape).into(), target.into()]),
        code,
        message,
    };
    vec![
        e(
            "a class that does not exist",
            &[2, 3],
            SampleTensor::ints(&[2], 3, 4),
            Code::Index,
            "target 3 is out of bounds",
        ),
        e("a floating target", &[2, 3], SampleTensor::new(&[2]), Code::DType, "int64 or uint8"),
        e("sizes that differ", &[2, 3], SampleTensor::ints(&[3], 0, 3), Code::Shape, "a target of shape [2]"),
        e("a 0-dim input", &[], SampleTensor::ints(&[], 0, 1), Code::Shape, "1 or more dims"),
    ]
}

/// The ops: the loss, its derivative, and the weight of the targets that count.
pub static DEFS: &[&OpDef] = &[&NLL_LOSS, &BACKWARD, &TOTAL];

static NLL_LOSS: OpDef = OpDef {
    name: "nll_loss",
    doc: "Returns the negative log likelihood of classes: `−weight[target] · input[target]`.\n\n\
          **Shapes**: `input` holds log probabilities, `[N, C]`, `[N, C, …]` or `[C]`; `target` is int64 or uint8, `[N]`, `[N, …]` or 0-dim; \
          `weight`, one a class, is `[C]`. Targets equal to `ignoreIndex` count for nothing. `reduction` is `\"mean\"` (divided by the sum of \
          the weights that count; NaN where none does), `\"sum\"` or `\"none\"`. A class that does not exist is an error. No gradient flows to \
          `weight`. Source: PyTorch, `torch.nn.functional.nll_loss`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("ignore_index", Kind::Int, Default::Int(IGNORE)),
        reduction::ARG,
    ],
    older: reduction::OlderAt::<3, 5>::ARGS,
    surface: &[Api::Functional],
    node: "NllLossBackward0",
    shown: NodeNaming { name: Some(node_name), ..NodeNaming::without(0b110) },
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b110], outputs: &[] },
    flat: [1, 0],
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_nll_loss_backward",
    part_of: "nll_loss",
    doc: "The derivative of `nll_loss` by `input`, which has shape `size`.",
    args: &[
        Arg::tensor("grad_output"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("ignore_index", Kind::Int, Default::Int(IGNORE)),
        reduction::ARG,
        Arg::required("size", Kind::Ints),
    ],
    class: Class::Index,
    node: "NllLossBackwardBackward0",
    surface: &[],
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    vjp: Vjp::Fn(backward_vjp),
    saves: Saves { inputs: &[0b110], outputs: &[] },
    ..OpDef::BASE
}
.shipped();

static TOTAL: OpDef = OpDef {
    name: "_nll_loss_total",
    part_of: "nll_loss",
    doc: "The sum of the weights of the targets that count.",
    args: &[
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("ignore_index", Kind::Int, Default::Int(IGNORE)),
        Arg::required("size", Kind::Ints),
        Arg::required("dtype", Kind::DType),
    ],
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one([], call.attrs.opt_dtype(2).unwrap_or(DType::Float32))),
        run: total_run,
    },
    vjp: Vjp::None("weights of targets are constants"),
    ..OpDef::BASE
}
.shipped();

/// The negative log likelihood of `target`.
pub fn nll_loss(
    x: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore: i64,
    reduction: Reduction,
) -> Result<Tensor> {
    invoke::with(&NLL_LOSS, &[Some(x), Some(target), weight], Attrs::new().int(ignore).with(reduction.attr()))
}

/// The sum of the weights of the targets that count, for log probabilities of this shape.
pub fn total_weight(target: &Tensor, weight: Option<&Tensor>, ignore: i64, x: &Tensor) -> Result<Tensor> {
    let attrs = Attrs::new().int(ignore).shape(x.shape()).dtype(x.dtype());
    invoke::with(&TOTAL, &[Some(target), weight], attrs)
}
