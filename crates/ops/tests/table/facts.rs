//! What rules say of facts alone, against what running gives.

use crate::call::Case;
use crate::checks::{Check, spread};
use adjoint_autograd::infer::{self, Given, Known};
use adjoint_autograd::interpreter::{self, Interpreter, Untraced};
use adjoint_autograd::keys::{self, Key};
use adjoint_autograd::{Attrs, Body, Kind, OpDef, Sample, Tensor};
use adjoint_tensor::{DType, Error, Meta, Result, Scalar};

/// A call of which nothing but facts is left: the inputs and which of them are plain numbers.
struct Traced {
    inputs: Vec<Option<(Meta, bool)>>,
    attrs: Attrs,
}

impl Traced {
    fn of(case: &Case) -> Self {
        let facts = |t: &Tensor| (t.array().meta().clone(), t.is_wrapped_number());
        Traced { inputs: case.inputs.iter().map(|t| t.as_ref().map(facts)).collect(), attrs: case.attrs.clone() }
    }

    fn outputs(&self, op: &'static OpDef) -> Result<Known> {
        fn given((meta, is_number): &(Meta, bool)) -> Given<'_> {
            Given { meta, is_number: *is_number }
        }
        let inputs: Vec<Option<Given>> = self.inputs.iter().map(|x| x.as_ref().map(given)).collect();
        infer::outputs(op, &inputs, &self.attrs)
    }
}

fn in_dtype(case: &Case, dtype: DType) -> Case {
    case.map(|_, t| match t.dtype() {
        DType::Float64 => Tensor::from_array(t.array().cast(dtype).unwrap()),
        _ => t.clone(),
    })
}

/// The case with a plain number for its last tensor, where it may be one.
fn with_number(op: &OpDef, case: &Case) -> Case {
    let last = case.inputs.len().saturating_sub(1);
    let may_be = op.args.iter().rfind(|arg| arg.kind.is_tensor()).is_some_and(|arg| arg.kind == Kind::TensorOrNumber);
    case.map(|i, t| if may_be && i == last { Tensor::number(Scalar::Float(0.5)).unwrap() } else { t.clone() })
}

/// The rule says the shapes, dtypes and strides that running gives.
pub fn outputs(op: &'static OpDef, sample: &Sample) -> Check {
    let case = Case::new(op, sample);
    let strided = case.map(|_, t| spread(t));
    for (what, case) in [
        ("as drawn", case.clone()),
        ("strided", strided.clone()),
        ("in float32", in_dtype(&case, DType::Float32)),
        ("in bfloat16", in_dtype(&case, DType::BFloat16)),
        ("strided, in float16", in_dtype(&case, DType::Float16).map(|_, t| spread(t))),
        ("beside a number", with_number(op, &strided)),
    ] {
        let traced = Traced::of(&case);
        let ran = case.run(op);
        drop(case);
        let known = match (traced.outputs(op), &ran) {
            (Err(e), Ok(_)) => return Err(format!("{what}: the rule refuses what runs, {e}")),
            (Err(refused), Err(e)) if !e.message().contains(refused.message()) => {
                return Err(format!("{what}: the rule says {refused}, running {e}"));
            }
            (Ok(known), Ok(_)) => known,
            (_, Err(_)) => continue,
        };
        let ran = ran.unwrap();
        match known {
            Known::Outputs(known) => {
                if known.len() != ran.len() {
                    return Err(format!("{what}: {} outputs are known, {} were made", known.len(), ran.len()));
                }
                for (known, ran) in known.iter().zip(&ran) {
                    let ran = ran.array().meta();
                    if (known.dtype(), known.layout()) != (ran.dtype(), ran.layout()) {
                        return Err(format!("{what}: {known:?} is known, {ran:?} was made"));
                    }
                }
            }
            Known::ByValues if op.by_values || matches!(op.body, Body::Dynamic { .. }) => {}
            Known::ByOps if matches!(op.body, Body::Composite(_)) || is_called(op) => {}
            other => return Err(format!("{what}: {other:?} is known of no composite")),
        }
    }
    Ok(())
}

/// Whether an op is other ops in half precision.
fn is_called(op: &OpDef) -> bool {
    matches!(op.half_ops, adjoint_autograd::op::HalfOps::Called(_))
}

/// What only kernels have is stated by kernels alone.
pub fn values(op: &'static OpDef) -> Check {
    let is_kernel = matches!(op.body, Body::Kernel { .. });
    let reads = matches!(op.check, adjoint_autograd::Check::Values(_));
    if reads && !is_kernel { Err("a check of values that only a kernel would be given".to_string()) } else { Ok(()) }
}

/// Refuses what a record refuses: that a value is read.
struct Readers;

const READS: &str = "a value was read";

impl Interpreter for Readers {
    fn records_calls(&self) -> bool {
        true
    }

    fn check_traced(&self, what: Untraced) -> Result<()> {
        if what == Untraced::Value { Err(Error::usage(READS)) } else { Ok(()) }
    }
}

/// A composite says whether its body reads values, in some call at least: while a call is captured that is refused.
pub fn reads(op: &'static OpDef) -> Check {
    let is_refused = |sample: &Sample| {
        let case = Case::new(op, sample);
        interpreter::install(Key::Capture, &Readers);
        keys::set(Key::Capture, true);
        let ran = case.run(op);
        keys::set(Key::Capture, false);
        ran.is_err_and(|e| e.message().contains(READS))
    };
    let reads = (op.samples)().iter().any(is_refused);
    if reads == op.by_values { Ok(()) } else { Err(format!("by_values is {}, reading {reads}", op.by_values)) }
}
