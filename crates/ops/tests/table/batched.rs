//! `vmap` against a loop over samples.

use crate::call::{Case, Numbers};
use crate::checks::{Check, close, cotangents, gradients, projected, scalar, text, values};
use adjoint_autograd::levels::Randomness;
use adjoint_autograd::transforms::stack;
use adjoint_autograd::{Class, OpDef, Sample, Tensor, dispatch_in_place, engine, forward_mode, vmap};
use adjoint_tensor::{Array, DType};

/// How many samples.
const SAMPLES: usize = 3;

/// The calls of the samples, each drawn anew, and which inputs differ between them.
struct Calls {
    each: Vec<Case>,
    mapped: Vec<bool>,
}

impl Calls {
    /// The call for all samples, with `f` applied to every tensor on its way in.
    fn all(&self, f: impl Fn(usize, Tensor) -> Result<Tensor, String>) -> Result<Case, String> {
        let mut inputs = Vec::new();
        for (i, first) in self.each[0].inputs.iter().enumerate() {
            inputs.push(match first {
                Some(first) => Some(f(i, if self.mapped[i] { self.stacked(i)? } else { first.detach() })?),
                None => None,
            });
        }
        Ok(Case { inputs, ..self.each[0].clone() })
    }

    fn stacked(&self, i: usize) -> Result<Tensor, String> {
        let tensors: Vec<&Tensor> =
            self.each.iter().map(|case| case.inputs[i].as_ref().expect("as in the first")).collect();
        stacked(&tensors)
    }

    /// Runs `f` inside of a `vmap` on the call for all samples.
    fn within<R>(&self, randomness: Randomness, f: impl FnOnce(Case) -> Result<R, String>) -> Result<R, String> {
        vmap::enter(SAMPLES, randomness);
        let result = self.all(|i, t| if self.mapped[i] { vmap::hide(&t, 0).map_err(text) } else { Ok(t) }).and_then(f);
        stack::exit();
        result
    }
}

fn stacked(tensors: &[&Tensor]) -> Result<Tensor, String> {
    let mut shape = vec![tensors.len()];
    shape.extend_from_slice(tensors[0].shape());
    let out = Array::empty(&shape, tensors[0].dtype()).map_err(text)?;
    for (i, t) in tensors.iter().enumerate() {
        if t.shape() != tensors[0].shape() {
            return Err(format!("samples of shapes {:?} and {:?}", tensors[0].shape(), t.shape()));
        }
        out.with_layout(out.layout().select(0, i)).and_then(|part| part.assign(t.array())).map_err(text)?;
    }
    Ok(Tensor::from_array(out))
}

/// The samples of a tensor inside of a `vmap`, whether it has such or not, out of it.
fn revealed(t: &Tensor) -> Result<Tensor, String> {
    if vmap::has_samples(t) { vmap::reveal(t, 0).map_err(text) } else { stacked(&[t; SAMPLES]) }
}

/// `vmap` gives what the loop does: values, strides, gradients by sample and of all, tangents, and
/// what is written in place; with all inputs mapped, and with each alone.
pub fn agrees(op: &'static OpDef, sample: &Sample) -> Check {
    all_ways(op, drawn(op, sample, Case::clone), |calls| way(op, sample, calls))
}

/// Values and strides are the loop's in half precision too, where ops have kernels of their own.
pub fn agrees_in_half(op: &'static OpDef, sample: &Sample) -> Check {
    let each = drawn(op, sample, |case| {
        case.map(|_, t| {
            if t.dtype().is_float() { Tensor::from_array(t.array().cast(DType::BFloat16).unwrap()) } else { copy(t) }
        })
    });
    if op.class == Class::Random || each[0].run(op).is_err() {
        return Ok(());
    }
    all_ways(op, each, |calls| match calls.within(Randomness::Refused, |case| case.run(op).map_err(text)) {
        Err(e) if e.contains("called random operation") => Ok(()),
        _ => results(op, calls, (0.0, 0.0)).map(drop),
    })
}

/// The calls of the samples, as `f` has them.
fn drawn(op: &'static OpDef, sample: &Sample, f: impl Fn(&Case) -> Case) -> Vec<Case> {
    let draw = |seed: u64| {
        let case = f(&Case::drawn(op, sample, seed));
        case.run(op).map(|_| case).ok()
    };
    // Where other draws are no valid calls all samples are the same one.
    (0..SAMPLES as u64)
        .map(draw)
        .collect::<Option<Vec<_>>>()
        .unwrap_or_else(|| vec![f(&Case::new(op, sample)); SAMPLES])
}

fn all_ways(op: &'static OpDef, each: Vec<Case>, way: impl Fn(&Calls) -> Check) -> Check {
    let given: Vec<bool> = each[0].inputs.iter().map(Option::is_some).collect();
    let n = given.iter().filter(|given| **given).count();
    let mut ways = vec![given.clone()];
    if n > 1 {
        ways.extend((0..given.len()).filter(|i| given[*i]).map(|only| (0..given.len()).map(|i| i == only).collect()));
    }
    for mapped in ways.into_iter().filter(|mapped| mapped.contains(&true)) {
        let share = |case: &Case| {
            let inputs = case.inputs.iter().zip(&each[0].inputs).zip(&mapped);
            let inputs = inputs.map(|((own, first), mapped)| if *mapped { own.clone() } else { first.clone() });
            Case { inputs: inputs.collect(), ..case.clone() }
        };
        let calls = Calls { each: each.iter().map(share).collect(), mapped };
        // A sample whose values do not go with those of another fails in the loop as well.
        if calls.each.iter().any(|case| case.map(|_, t| copy(t)).run(op).is_err()) {
            continue;
        }
        way(&calls).map_err(|e| format!("mapped {:?}: {e}", calls.mapped))?;
    }
    Ok(())
}

fn copy(t: &Tensor) -> Tensor {
    Tensor::from_array(t.array().copy(t.dtype()).unwrap())
}

fn way(op: &'static OpDef, sample: &Sample, calls: &Calls) -> Check {
    // A composite may draw as well.
    let draws = || calls.within(Randomness::Refused, |case| case.run(op).map_err(text));
    if op.class == Class::Random || draws().is_err_and(|e| e.contains("called random operation")) {
        return random(op, calls);
    }
    if !results(op, calls, (1e-12, 1e-13))? {
        return Ok(());
    }
    if op.in_place {
        in_place(op, calls)?;
    }
    let leaves: Vec<Case> = calls.each.iter().map(Case::leaves).collect();
    let outs = leaves[0].run(op).map_err(text)?;
    if !outs.iter().any(Tensor::requires_grad) {
        return Ok(());
    }
    let c = cotangents(&outs);
    let expected: Vec<Vec<Tensor>> =
        leaves.iter().map(|case| gradients(op, case, &c, false)).collect::<Result<_, _>>()?;
    by_sample(op, calls, &c, &expected)?;
    of_all(op, calls, &c, &expected)?;
    if sample.smooth {
        second(op, calls, &leaves, &c)?;
        tangents(op, calls)?;
    }
    Ok(())
}

/// Compares what `vmap` gives with the loop; whether both gave something.
fn results(op: &'static OpDef, calls: &Calls, (relative, absolute): (f64, f64)) -> Result<bool, String> {
    let expected = outputs(op, calls)?;
    let shapes_differ =
        (0..expected[0].len()).any(|k| expected.iter().any(|outs| outs[k].shape() != expected[0][k].shape()));
    let found = calls.within(Randomness::Refused, |case| {
        let outs = case.run(op).map_err(text)?;
        outs.iter().map(|t| Ok((t.clone(), revealed(t)?))).collect::<Result<Vec<_>, String>>()
    });
    if shapes_differ {
        return if found.is_err() { Ok(false) } else { Err("results that differ in shape were given".to_string()) };
    }
    for (k, (inside, out)) in found?.iter().enumerate() {
        let of_samples: Vec<&Tensor> = expected.iter().map(|outs| &outs[k]).collect();
        let all = stacked(&of_samples)?;
        if out.shape() != all.shape() || out.dtype() != all.dtype() {
            return Err(format!(
                "output {k}: {:?} of {:?}, expected {:?} of {:?}",
                out.shape(),
                out.dtype(),
                all.shape(),
                all.dtype()
            ));
        }
        if inside.array().strides() != of_samples[0].array().strides() && !op.has_lengths() {
            return Err(format!(
                "output {k}: strides {:?}, expected {:?}",
                inside.array().strides(),
                of_samples[0].array().strides()
            ));
        }
        close(&format!("output {k}"), &values(out), &values(&all), relative, absolute)?;
    }
    Ok(true)
}

fn outputs(op: &'static OpDef, calls: &Calls) -> Result<Vec<Vec<Tensor>>, String> {
    calls.each.iter().map(|case| Ok(case.map(|_, t| copy(t)).run(op).map_err(text)?.into_vec())).collect()
}

/// Samples that draw the same numbers do, and others run.
fn random(op: &'static OpDef, calls: &Calls) -> Check {
    if calls.within(Randomness::Refused, |case| case.run(op).map_err(text)).is_ok() {
        return Err("random numbers were not refused".to_string());
    }
    let equal = Calls { each: vec![calls.each[0].clone(); SAMPLES], mapped: calls.mapped.clone() };
    for randomness in [Randomness::Same, Randomness::Different] {
        let outs = equal
            .within(randomness, |case| case.run(op).map_err(text)?.iter().map(revealed).collect::<Result<Vec<_>, _>>());
        for out in outs? {
            let all = values(&out);
            let one = all.len() / SAMPLES;
            if randomness == Randomness::Same {
                close("the same numbers", &all[one..2 * one], &all[..one], 0.0, 0.0)?;
                close("the same numbers", &all[2 * one..], &all[..one], 0.0, 0.0)?;
            }
        }
    }
    Ok(())
}

fn in_place(op: &'static OpDef, calls: &Calls) -> Check {
    let written = |case: &Case| -> Result<Option<Tensor>, String> {
        let case = case.map(|_, t| t.clone());
        let Some(first) = &case.inputs[0] else { return Ok(None) };
        let refs: Vec<Option<&Tensor>> = case.inputs.iter().map(Option::as_ref).collect();
        Ok(dispatch_in_place(op, &refs, case.attrs.clone()).is_ok().then(|| first.clone()))
    };
    let expected: Vec<Option<Tensor>> =
        calls.each.iter().map(|case| written(&case.map(|_, t| copy(t)))).collect::<Result<_, _>>()?;
    let Some(expected) = expected.into_iter().collect::<Option<Vec<Tensor>>>() else { return Ok(()) };
    let found = calls.within(Randomness::Refused, |case| {
        let case = if calls.mapped[0] { case } else { case.map(|_, t| copy_inside(t)) };
        written(&case)?.map(|t| revealed(&t)).transpose()
    })?;
    match found {
        None if calls.mapped[0] => Err("the write failed".to_string()),
        Some(_) if !calls.mapped[0] && !op.uniform && expected.iter().any(|t| values(t) != values(&expected[0])) => {
            Err("values of samples were written into what they share".to_string())
        }
        Some(found) if calls.mapped[0] => {
            let refs: Vec<&Tensor> = expected.iter().collect();
            close("written", &values(&found), &values(&stacked(&refs)?), 1e-12, 1e-13)
        }
        _ => Ok(()),
    }
}

/// What the function made, which it may write.
fn copy_inside(t: &Tensor) -> Tensor {
    if t.array().is_batched() { t.clone() } else { copy(t) }
}

fn compare(what: &str, found: &[Tensor], expected: &[Vec<Tensor>]) -> Check {
    for (k, found) in found.iter().enumerate() {
        let refs: Vec<&Tensor> = expected.iter().map(|list| &list[k]).collect();
        close(&format!("{what} of input {k}"), &values(found), &values(&stacked(&refs)?), 1e-9, 1e-11)?;
    }
    Ok(())
}

/// `vmap` of a gradient: one a sample, for what all share too.
fn by_sample(op: &'static OpDef, calls: &Calls, c: &[Tensor], expected: &[Vec<Tensor>]) -> Check {
    for create in [false, true] {
        let found = calls.within(Randomness::Refused, |case| {
            gradients(op, &case.leaves(), c, create)?
                .iter()
                .map(|g| revealed(&g.detach()))
                .collect::<Result<Vec<_>, _>>()
        })?;
        compare(if create { "recorded gradient by sample" } else { "gradient by sample" }, &found, expected)?;
    }
    Ok(())
}

/// The gradient of `vmap`: for what all share, the sum.
fn of_all(op: &'static OpDef, calls: &Calls, c: &[Tensor], expected: &[Vec<Tensor>]) -> Check {
    let wants = &calls.each[0].wants;
    for create in [false, true] {
        let outer = calls.all(|i, t| t.set_requires_grad(wants[i]).map(|()| t).map_err(text))?;
        vmap::enter(SAMPLES, Randomness::Refused);
        let loss = (|| {
            let inner = outer.map(|i, t| if calls.mapped[i] { vmap::hide(t, 0).unwrap() } else { t.clone() });
            let loss = scalar(&inner.run(op).map_err(text)?, c)?;
            if vmap::has_samples(&loss) { vmap::reveal(&loss, 0).map_err(text) } else { Ok(loss) }
        })();
        stack::exit();
        let loss = loss?;
        let loss = if loss.rank() == 0 {
            // No input of this sample reaches a gradient.
            let n = Tensor::number(adjoint_tensor::Scalar::Int(SAMPLES as i64)).map_err(text)?;
            adjoint_ops::elementwise::mul::mul(&loss, &n).map_err(text)?
        } else {
            adjoint_ops::reduce::sum::sum_all(&loss).map_err(text)?
        };
        let wanted = outer.wanted();
        let found = engine::grad(&[loss], &[], &wanted, create, create, true).map_err(text)?;
        let mapped = calls.mapped.iter().zip(wants).filter(|(_, w)| **w).map(|(mapped, _)| *mapped);
        for (k, ((g, leaf), mapped)) in found.into_iter().zip(&wanted).zip(mapped).enumerate() {
            let found = g.map_or_else(|| vec![0.0; leaf.numel()], |g| values(&g));
            let all: Vec<Vec<f64>> = expected.iter().map(|list| values(&list[k])).collect();
            let expected: Vec<f64> =
                if mapped { all.concat() } else { (0..all[0].len()).map(|i| all.iter().map(|v| v[i]).sum()).collect() };
            close(&format!("gradient of all by input {k}"), &found, &expected, 1e-9, 1e-11)?;
        }
    }
    Ok(())
}

/// `vmap` of a gradient of a gradient.
fn second(op: &'static OpDef, calls: &Calls, leaves: &[Case], c: &[Tensor]) -> Check {
    let of = |case: &Case| -> Result<Option<Vec<Tensor>>, String> {
        let Some(t) = projected(op, case, c)? else { return Ok(None) };
        let wanted = case.wanted();
        let found = engine::grad(&[t], &[], &wanted, false, false, true).map_err(text)?;
        let zeros = |t: &Tensor| Tensor::from_array(Array::zeros(t.shape(), t.dtype()).unwrap());
        Ok(Some(found.into_iter().zip(&wanted).map(|(g, t)| g.unwrap_or_else(|| zeros(t))).collect()))
    };
    let expected: Vec<Option<Vec<Tensor>>> = leaves.iter().map(of).collect::<Result<_, _>>()?;
    let Some(expected) = expected.into_iter().collect::<Option<Vec<_>>>() else { return Ok(()) };
    let found = calls.within(Randomness::Refused, |case| {
        of(&case.leaves())?.map(|list| list.iter().map(revealed).collect::<Result<Vec<_>, _>>()).transpose()
    })?;
    compare("second gradient by sample", &found.ok_or("no second gradient")?, &expected)
}

/// Forward mode inside of `vmap`, with one direction for all samples.
fn tangents(op: &'static OpDef, calls: &Calls) -> Check {
    let directions: Vec<Option<Tensor>> = {
        let mut numbers = Numbers::new(31);
        let case = &calls.each[0];
        case.inputs
            .iter()
            .zip(&case.wants)
            .map(|(t, w)| t.as_ref().filter(|_| *w).map(|t| numbers.like(t.shape())))
            .collect()
    };
    let of = |case: &Case| -> Result<Vec<Tensor>, String> {
        let level = forward_mode::enter_level();
        let made = (|| {
            let dual = |i: usize, t: &Tensor| match &directions[i] {
                Some(v) => forward_mode::make_dual(&t.detach(), v, level).unwrap(),
                None => t.clone(),
            };
            let outs = case.map(dual).run(op).map_err(text)?;
            Ok(outs.iter().filter_map(|out| forward_mode::unpack_dual(out, level).1).collect())
        })();
        forward_mode::exit_level();
        made
    };
    let expected: Vec<Vec<Tensor>> = calls.each.iter().map(of).collect::<Result<_, _>>()?;
    let found =
        calls.within(Randomness::Refused, |case| of(&case)?.iter().map(revealed).collect::<Result<Vec<_>, _>>())?;
    if found.len() != expected[0].len() {
        return Err(format!("{} tangents, expected {}", found.len(), expected[0].len()));
    }
    compare("tangent", &found, &expected)
}
