//! Random zeros.

use crate::elementwise::mul::mul;
use crate::invoke;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Class, ErrorSample, Kind, OpDef, Sample, SampleTensor, Spec, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_tensor::{Array, Code, Error, Result, Scalar, rng};
use smallvec::smallvec;

/// Writes 1 / (1 − p) where a number below 1 − p is drawn, else 0.
fn draw(call: &Call, outs: &mut [Array]) -> Result<()> {
    let keep = 1.0 - call.attrs.get_float(0)?;
    let out = &mut outs[0];
    if keep == 0.0 {
        out.fill(Scalar::Int(0));
        return Ok(());
    }
    rng::with_default(|g| {
        floats!(out.dtype(), T => {
            for v in out.in_memory_order::<T>() {
                *v = if g.uniform() < keep { (1.0 / keep) as T } else { 0.0 };
            }
        });
        Ok(())
    })
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let p = attrs.opt_float(0).unwrap_or(0.5);
    if !(0.0..=1.0).contains(&p) {
        return Err(Error::usage(format!("the probability p must be between 0 and 1, got {p}")));
    }
    let training = !matches!(attrs.get(1), Attr::Bool(false));
    if !training || p == 0.0 || x.numel() == 0 {
        return Ok(smallvec![x.clone()]);
    }
    Ok(smallvec![mul(x, &invoke::with(&NOISE, &[Some(x)], Attrs::new().float(p))?)?])
}

/// The ops: dropout, and the factors it multiplies with.
pub static DEFS: &[&OpDef] = &[&DROPOUT, &NOISE];

static DROPOUT: OpDef = OpDef {
    name: "dropout",
    doc: "Returns `input` with each element set to 0 with probability `p` and the others divided by `1 − p`.\n\n\
          Without `training`, or with `p` 0, returns `input` itself. Draws a double from the default generator for each element, in \
          order, and keeps it where that is below `1 − p`, as PyTorch does on machines without MKL: the same seed gives the same mask. \
          Floats only. Source: PyTorch, `torch.nn.functional.dropout`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("p", Kind::Float, Default::Float(0.5)),
        Arg::optional("training", Kind::Bool, Default::Bool(true)),
    ],
    surface: &[Api::Function, Api::Functional],
    in_place: true,
    body: Body::Composite(body),
    samples: || {
        let s = |label: &str, p, training| {
            let t = SampleTensor::new(&[3, 4]).into();
            Sample::new(label, vec![t, Attr::Float(p).into(), Attr::Bool(training).into()])
        };
        vec![s("all elements", 1.0, true), s("no elements", 0.0, true), s("without training", 0.5, false)]
    },
    errors: || {
        vec![ErrorSample {
            sample: Sample::new("no probability", vec![SampleTensor::new(&[2]).into(), Attr::Float(1.5).into()]),
            code: Code::Usage,
            message: "between 0 and 1",
        }]
    },
    ..OpDef::COMPOSITE
}
.shipped();

static NOISE: OpDef = OpDef {
    name: "_dropout_noise",
    part_of: "dropout",
    doc: "1 / (1 − p) with probability 1 − p, else 0, for each element of `input`.",
    args: &[Arg::tensor("input"), Arg::optional("p", Kind::Float, Default::Float(0.5))],
    class: Class::Random,
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(Spec::like(call.input(0), crate::shared::checks::floating_dtype(call.input(0), None)?)),
        run: draw,
    },
    vjp: Vjp::None("random numbers are constants"),
    samples: || vec![Sample::new("a probability", vec![SampleTensor::new(&[3, 4]).into(), Attr::Float(0.3).into()])],
    ..OpDef::BASE
}
.shipped();

/// `x` with random zeros.
pub fn dropout(x: &Tensor, p: f64, training: bool) -> Result<Tensor> {
    invoke::with(&DROPOUT, &[Some(x)], Attrs::new().float(p).bool(training))
}
