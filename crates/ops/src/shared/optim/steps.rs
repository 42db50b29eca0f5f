//! What steps of optimizers share.

use adjoint_autograd::{Arg, Attr, ErrorSample, Facts, Kind, OpDef, Sample, SampleArg, SampleTensor, Vjp};
use adjoint_tensor::{Code, Error, Result};

/// The parameters, which are written.
pub const PARAMS: Arg = Arg::required("self", Kind::Tensors);
/// Their gradients.
pub const GRADS: Arg = Arg::required("grads", Kind::Tensors);
/// The numbers of the steps, from 1, one a parameter.
pub const STEPS: Arg = Arg::required("state_steps", Kind::Floats);

/// A list of what is remembered of each parameter.
pub const fn state(name: &'static str) -> Arg {
    Arg::required(name, Kind::Tensors)
}

/// A number of the step.
pub const fn number(name: &'static str) -> Arg {
    Arg::required(name, Kind::Float)
}

/// A choice of the step.
pub const fn choice(name: &'static str) -> Arg {
    Arg::required(name, Kind::Bool)
}

/// What all steps have.
pub const STEP: OpDef = OpDef {
    part_of: "step",
    outputs: &[],
    surface: &[],
    vjp: Vjp::None("it writes parameters; what is differentiated is the loss they are for"),
    ..OpDef::BASE
};

/// Fails unless just the lists of states are there that are `wanted`, and the lists of numbers, by
/// place among the attributes, have one for each parameter.
pub fn check(call: &Facts, wanted: &[bool], numbers: &[usize]) -> Result<()> {
    let lengths = call.attrs.get_ints(call.attrs.0.len() - 1)?;
    let n = lengths[0];
    let states = lengths[2..].iter().zip(&call.op.args[2..]).zip(wanted);
    for ((&len, arg), &wanted) in states {
        if wanted && len != n {
            return Err(Error::usage(format!(
                "{} must be a list of {n} tensors, one a parameter, got {len}",
                arg.name
            )));
        }
        if !wanted && len != 0 {
            return Err(Error::usage(format!("{} must be empty, since these options do without, got {len}", arg.name)));
        }
    }
    for &i in numbers {
        let len = call.attrs.get_floats(i)?.len();
        if len as i64 != n {
            let arg = call.op.args.iter().filter(|arg| !arg.kind.is_tensor()).nth(i);
            let name = arg.map_or("the numbers", |arg| arg.name);
            return Err(Error::usage(format!("{name} must be a list of {n} numbers, one a parameter, got {len}")));
        }
    }
    Ok(())
}

/// The list of states of [`sample`] with values between these.
pub fn list(low: f64, high: f64) -> SampleArg {
    SampleArg::Tensors(SHAPES.iter().map(|s| Some(SampleTensor::new(s).range(low, high).constant())).collect())
}

const SHAPES: &[&[usize]] = &[&[2, 3], &[7]];

fn tensors(shapes: &[&[usize]], low: f64) -> SampleArg {
    SampleArg::Tensors(shapes.iter().map(|s| Some(SampleTensor::new(s).range(low, 2.0).constant())).collect())
}

/// A call on two parameters: `states` says for each list of states whether it is there.
pub fn sample(label: &str, states: &[bool], attrs: Vec<Attr>) -> Sample {
    let mut args = vec![list(-2.0, 2.0), list(-2.0, 2.0)];
    args.extend(states.iter().map(|&is_there| tensors(if is_there { SHAPES } else { &[] }, 0.1)));
    args.extend(attrs.into_iter().map(SampleArg::Attr));
    Sample::new(label, args)
}

/// Numbers of steps for [`sample`].
pub fn numbers(values: [f64; 2]) -> Attr {
    Attr::Floats(values.into())
}

/// Calls that must fail, made of a good one.
pub fn errors(good: Sample) -> Vec<ErrorSample> {
    let with = |label: &str, place: usize, arg: SampleArg, code, message| {
        let mut args = good.args.clone();
        args[place] = arg;
        ErrorSample { sample: Sample::new(label, args), code, message }
    };
    vec![
        with("a gradient too few", 1, tensors(&[&[2, 3]], -2.0), Code::Usage, "grads must be a list of 2 tensors"),
        with(
            "a gradient of another shape",
            1,
            tensors(&[&[2, 3], &[6]], -2.0),
            Code::Shape,
            "has a gradient of shape [6]",
        ),
    ]
}
