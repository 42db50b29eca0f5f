//! `ctc_loss`: sequences of labels whose places are not known.
//!
//! Graves et al., "Connectionist temporal classification", ICML 2006: the labels with a blank around each are states, and the
//! probability of a target is the sum over all paths through them, by a forward and a backward recurrence (their equations 6 to
//! 11), here in logarithms and float64.

use crate::elementwise::{clamp_min::clamp_min, div::div, eq::eq, mul::mul, to::to, where_::where_};
use crate::invoke::{self, number};
use crate::reduce::mean::mean_all;
use crate::shared::checks;
use crate::shared::nn::reduction::{self, Reduction, one};
use crate::shared::view::samples::fails;
use crate::view::{reshape::reshape, squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Default, Facts, Grads, Kind, OpDef, Outputs, Sample, SampleTensor,
    Saves, Spec, Specs, Tensor, Vjp, required,
};
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar, scratch};
use smallvec::smallvec;

/// `log(e^a + e^b)`.
fn both(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// One sample: its log probabilities, and its target as states, a blank around each label.
struct Lattice<'a> {
    log_probs: &'a [f64],
    stride: usize,
    start: usize,
    steps: usize,
    states: Vec<usize>,
}

impl Lattice<'_> {
    /// The log probability of a state's label at a step.
    fn at(&self, t: usize, s: usize) -> f64 {
        self.log_probs[t * self.stride + self.start + self.states[s]]
    }

    /// Whether a path may come to a state from two before: past a blank between different labels.
    fn skips(&self, s: usize) -> bool {
        s >= 2 && self.states[s] != self.states[s - 2]
    }

    /// The log probabilities of all paths to each state at each step, and of those from it to the end where `reverse`.
    fn paths(&self, reverse: bool) -> Result<Vec<f64>> {
        let n = self.states.len();
        let mut out = scratch::filled(f64::NEG_INFINITY, n * self.steps)?;
        for k in 0..self.steps {
            let t = if reverse { self.steps - 1 - k } else { k };
            for i in 0..n {
                let s = if reverse { n - 1 - i } else { i };
                let mut sum = if k == 0 && i < 2 { 0.0 } else { f64::NEG_INFINITY };
                if k > 0 {
                    let before = if reverse { t + 1 } else { t - 1 } * n;
                    sum = out[before + s];
                    // Forwards from lower states, backwards from higher ones.
                    let near = if reverse { (s + 1 < n).then_some(s + 1) } else { s.checked_sub(1) };
                    let far = if reverse {
                        (s + 2 < n && self.skips(s + 2)).then_some(s + 2)
                    } else {
                        self.skips(s).then(|| s - 2)
                    };
                    for from in near.into_iter().chain(far) {
                        sum = both(sum, out[before + from]);
                    }
                }
                out[t * n + s] = sum + self.at(t, s);
            }
        }
        Ok(out)
    }

    /// The log probability of the target, from the paths to each state.
    fn total(&self, forward: &[f64]) -> f64 {
        let n = self.states.len();
        if self.steps == 0 {
            return if n == 1 { 0.0 } else { f64::NEG_INFINITY };
        }
        let last = &forward[(self.steps - 1) * n..];
        if n == 1 { last[0] } else { both(last[n - 1], last[n - 2]) }
    }
}

/// Calls `f` with each sample and its lattice.
fn each(call: &Call, mut f: impl FnMut(usize, &Lattice) -> Result<()>) -> Result<()> {
    let shape = call.input(0).shape();
    let [steps, batch, classes] = [shape[0], shape[1], shape[2]];
    let log_probs = call.input(0).to_vec_f64()?;
    let targets = call.input(1);
    let (labels, lengths, counts) = (targets.to_vec_i64()?, call.input(2).to_vec_i64()?, call.input(3).to_vec_i64()?);
    let blank = call.attrs.opt_int(0).unwrap_or(0) as usize;
    let mut at = 0;
    for n in 0..batch {
        let (length, count) = (lengths[n], counts[n]);
        if length < 0 || length > steps as i64 {
            return Err(Error::usage(format!("expected input lengths from 0 to {steps}, got {length} for sample {n}")));
        }
        let first = if targets.rank() == 1 { at } else { n * targets.shape()[1] };
        let room = if targets.rank() == 1 { labels.len() - first } else { targets.shape()[1] };
        if count < 0 || count > room as i64 {
            return Err(Error::usage(format!("expected target lengths from 0 to {room}, got {count} for sample {n}")));
        }
        at += count as usize;
        let mut states = scratch::filled(blank, 2 * count as usize + 1)?;
        for (k, &label) in labels[first..][..count as usize].iter().enumerate() {
            if label < 0 || label >= classes as i64 {
                return Err(Error::usage(format!("expected labels from 0 to {}, got {label}", classes - 1)));
            }
            states[2 * k + 1] = label as usize;
        }
        let lattice = Lattice {
            log_probs: &log_probs,
            stride: batch * classes,
            start: n * classes,
            steps: length as usize,
            states,
        };
        f(n, &lattice)?;
    }
    Ok(())
}

fn check(call: &Facts) -> Result<()> {
    let (x, targets) = (call.input(0), call.input(1));
    checks::floating("logProbs", x.dtype())?;
    for (name, t) in [("targets", targets), ("inputLengths", call.input(2)), ("targetLengths", call.input(3))] {
        if t.dtype().is_float() || t.dtype() == DType::Bool {
            return Err(checks::wrong_integers(name, "int64 or int32", t.dtype()));
        }
    }
    if x.rank() != 3 || !(1..=2).contains(&targets.rank()) {
        return Err(Error::shape(format!(
            "expected logProbs of shape [T, N, C] and targets [N, S] or all in a vector, got {:?} and {:?}",
            x.shape(),
            targets.shape()
        )));
    }
    let batch = x.shape()[1];
    for t in [call.input(2), call.input(3)] {
        if t.numel() != batch {
            return Err(Error::shape(format!("expected a length for each of {batch} samples, got {}", t.numel())));
        }
    }
    if targets.rank() == 2 && targets.shape()[0] != batch {
        return Err(Error::shape(format!("expected targets of {batch} samples, got shape {:?}", targets.shape())));
    }
    match call.attrs.opt_int(0).unwrap_or(0) {
        blank if blank < 0 || blank >= x.shape()[2] as i64 => {
            Err(Error::usage(format!("blank must be in label range, 0 to {}, got {blank}", x.shape()[2] as i64 - 1)))
        }
        _ => Ok(()),
    }
}

fn losses_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let mut losses = scratch::filled(0.0, outs[0].numel())?;
    each(call, |n, lattice| {
        losses[n] = -lattice.total(&lattice.paths(false)?);
        Ok(())
    })?;
    outs[0].assign(&Array::from_slice(&losses, outs[0].shape())?)
}

/// The gradient of each sample's loss, as PyTorch has it: that of the logits whose log softmax `log_probs` are.
fn gradient_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let mut out = scratch::filled(0.0, outs[0].numel())?;
    let zero_infinity = call.attrs.get_bool(1);
    each(call, |_, lattice| {
        let (forward, backward) = (lattice.paths(false)?, lattice.paths(true)?);
        let total = lattice.total(&forward);
        if zero_infinity && total == f64::NEG_INFINITY {
            return Ok(());
        }
        let n = lattice.states.len();
        let classes = lattice.stride / call.input(0).shape()[1];
        for t in 0..lattice.steps {
            let row = &mut out[t * lattice.stride + lattice.start..][..classes];
            for (c, g) in row.iter_mut().enumerate() {
                *g = lattice.log_probs[t * lattice.stride + lattice.start + c].exp();
            }
            for s in 0..n {
                // The label's probability is in both.
                row[lattice.states[s]] -= (forward[t * n + s] + backward[t * n + s] - lattice.at(t, s) - total).exp();
            }
        }
        Ok(())
    })?;
    outs[0].assign(&Array::from_slice(&out, outs[0].shape())?)
}

fn losses_vjp(b: &Backward) -> Result<Grads> {
    let inputs = [b.input(0)?, b.input(1)?, b.input(2)?, b.input(3)?];
    let given: smallvec::SmallVec<[Option<&Tensor>; 4]> = inputs.iter().map(Some).collect();
    let gradient = invoke::with(&GRADIENT, &given, b.attrs().clone())?;
    Ok(smallvec![Some(mul(&gradient, &unsqueeze(b.g(), 1)?)?)])
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, targets, lengths, counts] = [0, 1, 2, 3].map(|i| required(inputs, i));
    // Without a batch, one of a single sample.
    let single = x.rank() == 2;
    let x = if single { unsqueeze(x, 1)? } else { x.clone() };
    let flat = |t: &Tensor| reshape(t, &[t.numel()]);
    let (lengths, counts) = (flat(lengths)?, flat(counts)?);
    let (blank, zero_infinity) = (attrs.opt_int(0).unwrap_or(0), attrs.get_bool(2));
    let given = [Some(&x), Some(targets), Some(&lengths), Some(&counts)];
    let mut losses = invoke::with(&LOSSES, &given, Attrs::new().int(blank).bool(zero_infinity))?;
    if zero_infinity {
        losses = where_(&eq(&losses, &number(f64::INFINITY)?)?, &number(0.0)?, &losses)?;
    }
    match Reduction::of(attrs, 1) {
        Reduction::Mean => {
            let divisor = clamp_min(&to(&counts, losses.dtype())?, Scalar::Int(1))?;
            one(mean_all(&div(&losses, &divisor)?)?)
        }
        Reduction::None if single => one(squeeze(&losses, 0)?),
        reduction => one(reduction.apply(losses)?),
    }
}

const INNER_ARGS: &[Arg] = &[
    Arg::tensor("log_probs"),
    Arg::tensor("targets"),
    Arg::tensor("input_lengths"),
    Arg::tensor("target_lengths"),
    Arg::optional("blank", Kind::Int, Default::Int(0)),
    Arg::optional("zero_infinity", Kind::Bool, Default::Bool(false)),
];

/// The ops: reduced, the losses of samples, and their gradient.
pub static DEFS: &[&OpDef] = &[&GRADIENT, &LOSSES, &DEF];

static DEF: OpDef = OpDef {
    name: "ctc_loss",
    doc: "Returns the negative log probability of `targets` under `logProbs`, summed over all ways to place them, reduced.\n\n\
          **Shapes**: `logProbs` `[T, N, C]`, the log softmax of the logits; `targets` `[N, S]`, or one vector of all; the lengths \
          `[N]`. Without N for one sample. The mean divides each loss by the length of its target first. With `zeroInfinity` a \
          target that does not fit counts 0. The gradient is PyTorch's, that of the logits; there is no second one. Accumulated in \
          float64; costs `T · S` a sample. Source: PyTorch, `torch.nn.functional.ctc_loss`; Graves et al., ICML 2006.",
    args: &[
        Arg::tensor("log_probs"),
        Arg::tensor("targets"),
        Arg::tensor("input_lengths"),
        Arg::tensor("target_lengths"),
        Arg::optional("blank", Kind::Int, Default::Int(0)),
        reduction::ARG,
        Arg::optional("zero_infinity", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(body),
    samples: || vec![sample("two samples", vec![]), sample("the sum", vec![Attr::Int(0), Attr::Choice(1), Attr::Bool(true)])],
    errors: || vec![fails(sample("a blank that is no label", vec![Attr::Int(4)]), Code::Usage, "label range")],
    ..OpDef::COMPOSITE
}
.shipped();

static LOSSES: OpDef = OpDef {
    name: "_ctc_loss",
    part_of: "ctc_loss",
    doc: "The loss of each sample.",
    args: INNER_ARGS,
    surface: &[],
    node: "CtcLossBackward0",
    body: Body::Kernel {
        rule: |call| {
            check(call)?;
            Ok(Spec::one([call.input(0).shape()[1]], call.input(0).dtype()))
        },
        run: losses_run,
    },
    vjp: Vjp::Fn(losses_vjp),
    saves: Saves { inputs: &[0b1111], outputs: &[] },
    samples: || vec![sample("two samples", vec![])],
    ..OpDef::BASE
}
.shipped();

fn gradient_rule(call: &Facts) -> Result<Specs> {
    check(call)?;
    Ok(Spec::one(call.input(0).shape(), call.input(0).dtype()))
}

static GRADIENT: OpDef = OpDef {
    name: "_ctc_loss_gradient",
    part_of: "ctc_loss",
    doc: "The gradient of each sample's loss by its log probabilities.",
    body: Body::Kernel { rule: gradient_rule, run: gradient_run },
    vjp: Vjp::Fn(|_| Err(Error::autograd("the second derivative is not implemented, as in PyTorch; use a first one"))),
    saves: Saves::NOTHING,
    // Its gradient is an error, which tests of samples would ask for.
    samples: Vec::new,
    ..LOSSES
}
.shipped();

/// A call whose gradient is a convention that finite differences do not see.
fn sample(label: &str, attrs: Vec<Attr>) -> Sample {
    let x = SampleTensor::new(&[5, 2, 4]).range(-3.0, -0.5).into();
    let lengths = |n| SampleTensor::ints(&[2], n, n).into();
    let mut args = vec![x, SampleTensor::ints(&[2, 2], 1, 3).into(), lengths(5), lengths(2)];
    args.extend(attrs.into_iter().map(Into::into));
    Sample::new(label, args).kink()
}
