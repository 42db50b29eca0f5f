//! Tests made from the op table: every op, every property, none listed by hand.
//!
//! | test | says |
//! |---|---|
//! | `forward` | the samples run, and float32 agrees with float64 |
//! | `strided` | inputs that are not contiguous give the same values and gradients |
//! | `gradient` | the vector-Jacobian product agrees with finite differences |
//! | `second gradient` | so does its own derivative |
//! | `derived` | a formula's gradients are those derived from it, or it is known why not |
//! | `forward mode` | the Jacobian-vector product agrees with the vector-Jacobian product, also through each other |
//! | `facts` | the rule alone, given metas, says the shapes, dtypes and strides that running gives |
//! | `reads` | a composite that goes by values says so |
//! | `values` | a check that hands values on is one of a kernel |
//! | `in place` | the in-place form gives the same values and gradients |
//! | `vmap` | a `vmap` over drawn samples gives what a loop gives: values, strides, all kinds of derivatives |
//! | `vmap in bfloat16` | the same values and strides in half precision |
//! | `name` | an op users cannot call is shown by the name of one they can |
//! | `files` | every file is named after an op in it |
//! | `errors` | calls that must fail do, with the right kind of error, and change nothing |

mod batched;
mod call;
mod checks;
mod derived;
mod facts;
mod files;

use adjoint_autograd::{Body, Class, OpDef, Sample, Vjp};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("files", files::named)];
    for op in adjoint_ops::registry::ops() {
        let random = op.class == Class::Random;
        let differentiable = !matches!(op.vjp, Vjp::None(_)) && !random;
        let window = matches!(op.body, Body::View(_) | Body::Views(_));
        trials.push(Trial::test(format!("{}: name", op.name), move || checks::name(op).map_err(Failed::from)));
        trials.push(Trial::test(format!("{}: values", op.name), move || facts::values(op).map_err(Failed::from)));
        add(&mut trials, op, "forward", |_| true, checks::forward);
        add(&mut trials, op, "facts", |_| true, facts::outputs);
        if matches!(op.body, Body::Composite(_)) {
            trials.push(Trial::test(format!("{}: reads", op.name), move || {
                adjoint_ops::install();
                facts::reads(op).map_err(Failed::from)
            }));
        }
        if !op.has_lengths() {
            add(&mut trials, op, "vmap", |_| true, batched::agrees);
            add(&mut trials, op, "vmap in bfloat16", |_| true, batched::agrees_in_half);
        }
        if !random {
            add(&mut trials, op, "strided", |_| true, checks::strided);
        }
        if differentiable {
            add(&mut trials, op, "gradient", is_smooth, checks::gradient);
            add(&mut trials, op, "second gradient", is_smooth, checks::second_gradient);
            add(&mut trials, op, "forward mode", is_smooth, checks::forward_mode);
        }
        if derived::applies(op) {
            trials.push(Trial::test(format!("{}: derived", op.name), move || {
                derived::gradients(op).map_err(Failed::from)
            }));
        }
        if op.in_place && !random && !window {
            add(&mut trials, op, "in place", |_| true, checks::in_place);
        }
        if !(op.errors)().is_empty() {
            trials.push(Trial::test(format!("{}: errors", op.name), move || {
                adjoint_ops::install();
                (op.errors)().iter().try_for_each(|e| checks::error(op, e)).map_err(Failed::from)
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn is_smooth(sample: &Sample) -> bool {
    sample.smooth && call::has_gradient(sample)
}

fn add(
    trials: &mut Vec<Trial>,
    op: &'static OpDef,
    property: &str,
    only: fn(&Sample) -> bool,
    check: fn(&'static OpDef, &Sample) -> Result<(), String>,
) {
    if !(op.samples)().iter().any(only) {
        return;
    }
    trials.push(Trial::test(format!("{}: {property}", op.name), move || {
        adjoint_ops::install();
        for sample in (op.samples)().iter().filter(|s| only(s)) {
            check(op, sample).map_err(|e| Failed::from(format!("{} of {}: {e}", op.name, sample.label)))?;
        }
        Ok(())
    }));
}
