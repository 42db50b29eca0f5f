//! The properties.

use crate::call::{Case, Numbers};
use adjoint_autograd::{ErrorSample, OpDef, Sample, Tensor, dispatch_in_place, engine, forward_mode};
use adjoint_ops::{elementwise, reduce};
use adjoint_tensor::{Array, DType, Layout};

pub type Check = Result<(), String>;

pub fn text(e: impl std::fmt::Display) -> String {
    e.to_string()
}

pub fn close(what: &str, a: &[f64], b: &[f64], rtol: f64, atol: f64) -> Check {
    if a.len() != b.len() {
        return Err(format!("{what}: {} values against {}", a.len(), b.len()));
    }
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        let same = x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= atol + rtol * y.abs();
        if !same {
            return Err(format!("{what}: element {i} is {x}, expected {y}\n  got      {a:?}\n  expected {b:?}"));
        }
    }
    Ok(())
}

pub fn values(t: &Tensor) -> Vec<f64> {
    t.array().to_vec_f64().unwrap()
}

/// `Σ ⟨output, c⟩` over the floating outputs that can be differentiated, with fixed random `c`.
pub fn scalar(outputs: &[Tensor], cotangents: &[Tensor]) -> Result<Tensor, String> {
    let mut total: Option<Tensor> = None;
    for (out, c) in outputs.iter().filter(|t| t.requires_grad()).zip(cotangents) {
        let part = reduce::sum::sum_all(&elementwise::mul::mul(out, c).map_err(text)?).map_err(text)?;
        total = Some(match total {
            None => part,
            Some(sum) => elementwise::add::add(&sum, &part).map_err(text)?,
        });
    }
    total.ok_or_else(|| "no output can be differentiated".to_string())
}

pub fn cotangents(outputs: &[Tensor]) -> Vec<Tensor> {
    let mut numbers = Numbers::new(11);
    outputs.iter().filter(|t| t.requires_grad()).map(|t| numbers.like(t.shape())).collect()
}

pub fn gradients(op: &'static OpDef, case: &Case, c: &[Tensor], create: bool) -> Result<Vec<Tensor>, String> {
    let loss = scalar(&case.run(op).map_err(text)?, c)?;
    let wanted = case.wanted();
    let found = engine::grad(&[loss], &[], &wanted, create, create, true).map_err(text)?;
    Ok(found
        .into_iter()
        .zip(&wanted)
        .map(|(g, t)| g.unwrap_or_else(|| Tensor::from_array(Array::zeros(t.shape(), t.dtype()).unwrap())))
        .collect())
}

/// The samples run, and float32 agrees with float64.
pub fn forward(op: &'static OpDef, sample: &Sample) -> Check {
    let case = Case::new(op, sample);
    let wide = case.run(op).map_err(text)?;
    if wide.len() != op.outputs.len() && op.outputs.len() > 1 {
        return Err(format!("{} outputs, the definition names {}", wide.len(), op.outputs.len()));
    }
    let narrow = case.map(|_, t| {
        if t.dtype() == DType::Float64 {
            Tensor::from_array(t.array().cast(DType::Float32).unwrap())
        } else {
            t.clone()
        }
    });
    let rounded = narrow.map(|_, t| {
        if t.dtype() == DType::Float32 {
            Tensor::from_array(t.array().cast(DType::Float64).unwrap())
        } else {
            t.clone()
        }
    });
    if op.class == adjoint_autograd::Class::Random {
        return Ok(());
    }
    let (narrow, rounded) = (narrow.run(op).map_err(text)?, rounded.run(op).map_err(text)?);
    for (a, b) in narrow.iter().zip(&rounded) {
        close("float32 against float64", &values(a), &values(b), 1e-4, 1e-5)?;
    }
    Ok(())
}

/// The same values in every second element of a larger tensor with its dims turned round.
pub fn spread(t: &Tensor) -> Tensor {
    let rank = t.rank();
    let mut shape: Vec<usize> = t.shape().iter().rev().copied().collect();
    if let Some(last) = shape.last_mut() {
        *last = *last * 2 + 1;
    } else {
        return t.clone();
    }
    let big = Array::full(&shape, t.dtype(), adjoint_tensor::Scalar::Int(1)).unwrap();
    let order: Vec<usize> = (0..rank).rev().collect();
    let window: Layout = big.layout().slice(rank - 1, 1.min(shape[rank - 1]), t.shape()[0], 2).permute(&order);
    let window = big.with_layout(window).unwrap();
    window.assign(t.array()).unwrap();
    Tensor::from_array(window)
}

/// An op that only others call is part of one that users can call, and is shown by its name.
pub fn name(op: &'static OpDef) -> Check {
    // Functions and classes of the facade that call an inner op.
    const FACADE: &[&str] =
        &["allclose", "distributions.Dirichlet", "distributions.Gamma", "equal", "grad", "lstm", "step", "tensordot"];
    let is_inner = |op: &OpDef| op.surface.is_empty() || op.name.starts_with('_');
    if is_inner(op) == op.part_of.is_empty() {
        return Err(format!("part_of is {:?}; an op that users cannot call states the one it is part of", op.part_of));
    }
    let shown = op.shown_name();
    let is_public = adjoint_ops::registry::ops().any(|other| !is_inner(other) && other.public_name() == shown);
    if is_public || FACADE.contains(&shown) { Ok(()) } else { Err(format!("{shown} is not public")) }
}

/// Inputs that are not contiguous give the same values and gradients.
pub fn strided(op: &'static OpDef, sample: &Sample) -> Check {
    if op.name.contains("as_strided") || op.public_name().starts_with("view") {
        // Their result, or whether there is one, depends on the strides themselves.
        return Ok(());
    }
    let dense = Case::new(op, sample).leaves();
    let sparse = dense.map(|_, t| spread(t)).leaves();
    let (a, b) = (dense.run(op).map_err(text)?, sparse.run(op).map_err(text)?);
    for (x, y) in a.iter().zip(&b) {
        close("values", &values(y), &values(x), 1e-12, 1e-14)?;
    }
    if a.iter().any(Tensor::requires_grad) {
        let c = cotangents(&a);
        let (da, db) = (gradients(op, &dense, &c, false)?, gradients(op, &sparse, &c, false)?);
        for (x, y) in da.iter().zip(&db) {
            close("gradients", &values(y), &values(x), 1e-10, 1e-12)?;
        }
    }
    Ok(())
}

/// Central differences of `f` over every element of the wanted inputs.
fn differences(case: &Case, f: impl Fn(&Case) -> Result<f64, String>) -> Result<Vec<Vec<f64>>, String> {
    let mut all = Vec::new();
    for (i, t) in case.inputs.iter().enumerate() {
        let (Some(t), true) = (t, case.wants[i]) else { continue };
        let start = values(t);
        let mut found = Vec::with_capacity(start.len());
        for k in 0..start.len() {
            let at = |delta: f64| {
                let mut moved = start.clone();
                moved[k] += delta;
                let moved = Tensor::from_array(Array::from_slice(&moved, t.shape()).unwrap());
                f(&case.map(|j, t| if j == i { moved.clone() } else { t.clone() }).leaves())
            };
            let h = 1e-5;
            // Richardson's extrapolation of two central differences: error O(h⁴).
            let (d1, d2) = ((at(h)? - at(-h)?) / (2.0 * h), (at(2.0 * h)? - at(-2.0 * h)?) / (4.0 * h));
            found.push((4.0 * d1 - d2) / 3.0);
        }
        all.push(found);
    }
    Ok(all)
}

/// The vector-Jacobian product agrees with finite differences.
pub fn gradient(op: &'static OpDef, sample: &Sample) -> Check {
    let case = Case::new(op, sample).leaves();
    let c = cotangents(&case.run(op).map_err(text)?);
    let analytic = gradients(op, &case, &c, false)?;
    let numeric = differences(&case, |case| Ok(values(&scalar(&case.run(op).map_err(text)?, &c)?)[0]))?;
    for (i, (a, n)) in analytic.iter().zip(&numeric).enumerate() {
        close(&format!("gradient of input {i}"), &values(a), n, 1e-6, 1e-7)?;
    }
    Ok(())
}

/// `⟨gradient, v⟩` with fixed random `v`.
pub fn projected(op: &'static OpDef, case: &Case, c: &[Tensor]) -> Result<Option<Tensor>, String> {
    let first = gradients(op, case, c, true)?;
    let mut numbers = Numbers::new(23);
    let v: Vec<Tensor> = first.iter().map(|g| numbers.like(g.shape())).collect();
    let kept: Vec<(Tensor, Tensor)> = first.into_iter().zip(v).filter(|(g, _)| g.requires_grad()).collect();
    if kept.is_empty() {
        return Ok(None);
    }
    let (gs, vs): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
    scalar(&gs, &vs).map(Some)
}

/// The derivative of the gradient agrees with finite differences.
pub fn second_gradient(op: &'static OpDef, sample: &Sample) -> Check {
    let case = Case::new(op, sample).leaves();
    let c = cotangents(&case.run(op).map_err(text)?);
    let numeric = differences(&case, |case| Ok(projected(op, case, &c)?.map_or(0.0, |t| values(&t)[0])))?;
    let wanted = case.wanted();
    let analytic: Vec<Vec<f64>> = match projected(op, &case, &c)? {
        None => wanted.iter().map(|t| vec![0.0; t.numel()]).collect(),
        Some(t) => engine::grad(&[t], &[], &wanted, false, false, true)
            .map_err(text)?
            .into_iter()
            .zip(&wanted)
            .map(|(g, t)| g.map_or_else(|| vec![0.0; t.numel()], |g| values(&g)))
            .collect(),
    };
    for (i, (a, n)) in analytic.iter().zip(&numeric).enumerate() {
        close(&format!("second gradient of input {i}"), a, n, 1e-5, 1e-6)?;
    }
    Ok(())
}

/// `⟨c, J v⟩ = ⟨Jᵀ c, v⟩`, and the gradient of the left side is that of the right.
pub fn forward_mode(op: &'static OpDef, sample: &Sample) -> Check {
    let case = Case::new(op, sample).leaves();
    let c = cotangents(&case.run(op).map_err(text)?);
    let reverse = gradients(op, &case, &c, false)?;
    let mut numbers = Numbers::new(31);
    let v: Vec<Tensor> = reverse.iter().map(|g| numbers.like(g.shape())).collect();
    let expected: f64 =
        reverse.iter().zip(&v).flat_map(|(g, v)| values(g).into_iter().zip(values(v))).map(|(a, b)| a * b).sum();
    let level = forward_mode::enter_level();
    let result = (|| {
        let mut directions = v.iter();
        let duals: Vec<Option<Tensor>> = case
            .inputs
            .iter()
            .zip(&case.wants)
            .map(|(t, w)| match (t, w) {
                (Some(t), true) => {
                    forward_mode::make_dual(t, directions.next().unwrap(), level).map(Some).map_err(text)
                }
                (t, _) => Ok(t.clone()),
            })
            .collect::<Result<_, String>>()?;
        let outputs = Case { inputs: duals, ..case.clone() }.run(op).map_err(text)?;
        let mut total = 0.0;
        for (out, c) in outputs.iter().filter(|t| t.requires_grad()).zip(&c) {
            let (primal, tangent) = forward_mode::unpack_dual(out, level);
            if let Some(t) = tangent {
                if t.shape() != primal.shape() {
                    return Err(format!("tangent of shape {:?} for a value of shape {:?}", t.shape(), primal.shape()));
                }
                total += values(&t).iter().zip(values(c)).map(|(a, b)| a * b).sum::<f64>();
            }
        }
        Ok(total)
    })();
    forward_mode::exit_level();
    close("forward mode against reverse mode", &[result?], &[expected], 1e-9, 1e-10)
}

/// The in-place form gives the same values and gradients.
pub fn in_place(op: &'static OpDef, sample: &Sample) -> Check {
    let case = Case::new(op, sample).leaves();
    let plain = case.run(op).map_err(text)?;
    let Some(first) = &case.inputs[0] else { return Ok(()) };
    if plain[0].shape() != first.shape() || !adjoint_tensor::promotion::can_cast(plain[0].dtype(), first.dtype()) {
        return Ok(());
    }
    // The same tensor through an identity, since a leaf cannot be written.
    let other = case.leaves();
    let zero = Tensor::number(adjoint_tensor::Scalar::Int(0)).map_err(text)?;
    let target = elementwise::add::add(other.inputs[0].as_ref().expect("as above"), &zero).map_err(text)?;
    let mut inputs: Vec<Option<&Tensor>> = other.inputs.iter().map(Option::as_ref).collect();
    inputs[0] = Some(&target);
    dispatch_in_place(op, &inputs, other.attrs.clone()).map_err(text)?;
    close("values", &values(&target), &values(&plain[0]), 1e-12, 1e-14)?;
    if plain[0].requires_grad() {
        let c = cotangents(&plain[..1]);
        let grads = |out: &Tensor, case: &Case| -> Result<Vec<Vec<f64>>, String> {
            let found =
                engine::grad(&[scalar(std::slice::from_ref(out), &c)?], &[], &case.wanted(), false, false, true);
            Ok(found.map_err(text)?.into_iter().map(|g| g.map_or_else(Vec::new, |g| values(&g))).collect())
        };
        for (a, b) in grads(&target, &other)?.iter().zip(&grads(&plain[0], &case)?) {
            let zeros = vec![0.0; a.len().max(b.len())];
            let or_zeros = |v: &Vec<f64>| if v.is_empty() { zeros.clone() } else { v.clone() };
            close("gradients", &or_zeros(a), &or_zeros(b), 1e-10, 1e-12)?;
        }
    }
    Ok(())
}

/// A call that must fail does, with the right kind of error, and changes nothing.
pub fn error(op: &'static OpDef, e: &ErrorSample) -> Check {
    let case = Case::new(op, &e.sample);
    let before: Vec<Vec<f64>> = case.inputs.iter().flatten().map(values).collect();
    match case.run(op) {
        Ok(_) => Err(format!("{}: no error", e.sample.label)),
        Err(found) if found.code() != e.code => {
            Err(format!("{}: {:?} expected, got {:?}: {found}", e.sample.label, e.code, found.code()))
        }
        Err(found) if !found.to_string().contains(e.message) => {
            Err(format!("{}: the message should contain {:?}, got: {found}", e.sample.label, e.message))
        }
        Err(_) => {
            let after: Vec<Vec<f64>> = case.inputs.iter().flatten().map(values).collect();
            if before == after { Ok(()) } else { Err("the inputs changed".to_string()) }
        }
    }
}
