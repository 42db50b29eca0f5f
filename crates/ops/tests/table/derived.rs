//! What a formula's gradients are, against what they are derived to be.

use crate::call::Case;
use crate::checks::Check;
use adjoint_autograd::{Body, OpDef, Tensor, Vjp};
use adjoint_cpu::elementwise::compute;
use adjoint_ops::view::expand::expand;
use adjoint_tensor::{Array, DType};

/// The ops whose gradient is another one than the derived one where an operand is one of
/// [`SPECIAL`], and why. Elsewhere they agree.
const DIFFER: &[(&str, &str)] = &[
    ("_binary_cross_entropy_backward", "PyTorch keeps the divisor from 0 by a term that its own derivative leaves out"),
    ("_clamp_tensor", "ties are shared by PyTorch's rule, and comparisons with NaN hold nowhere"),
    ("_prelu_kernel_backward_input", "at 0 PyTorch takes the slope's side forward and the other backward"),
    ("_prelu_kernel_backward_weight", "at 0 PyTorch takes the slope's side forward and the other backward"),
    ("_soft_margin_backward", "products of infinities and zeros are taken in another order"),
    ("celu", "NaN passes the gradient on"),
    ("clamp", "0 at the bounds, where the selection has that of the input"),
    ("clamp_max", "0 at the bound, where the selection has that of the input"),
    ("clamp_min", "0 at the bound, where the selection has that of the input"),
    ("copysign", "a quotient by the operand, as PyTorch's: NaN at infinities"),
    ("elu", "NaN passes the gradient on"),
    ("entr", "NaN below 0, where the selection gives a constant"),
    ("fmax", "where both are NaN the first gets the gradient"),
    ("fmin", "where both are NaN the first gets the gradient"),
    ("hardsigmoid", "0 at ±3, where the maximum and the minimum share the gradient"),
    ("hardswish", "0 at −3, the whole gradient at 3, and no NaN at infinities"),
    ("hardtanh", "0 at the bounds, where the selection has that of the input"),
    ("hypot", "a quotient by the length: NaN at the origin and at infinities"),
    ("logaddexp", "NaN at equal infinities"),
    ("logaddexp2", "NaN at equal infinities"),
    ("_logit", "NaN outside of 0 to 1, where a quotient is derived"),
    ("relu", "0 at 0, where the selection has that of the input"),
    ("relu6", "0 at 0 and 6, where the selection has that of the input"),
    ("selu", "NaN passes the gradient on"),
    ("softshrink", "NaN passes the gradient on"),
    ("xlog1py", "at a first operand of 0 it is the logarithm, not 0"),
    ("xlogy", "at a first operand of 0 it is the logarithm, not 0"),
];

/// Where formulas have kinks, poles, ties, overflow and nothing to say.
const SPECIAL: [f64; 17] = [
    f64::NEG_INFINITY,
    -800.0,
    -3.0,
    -1.0,
    -0.5,
    -0.0,
    0.0,
    0.25,
    0.5,
    1.0,
    2.0,
    3.0,
    6.0,
    20.0,
    800.0,
    f64::INFINITY,
    f64::NAN,
];

/// How far two gradients are apart at most, against the larger; each may have lost digits that
/// cancel.
const TOLERANCE: f64 = 1e-8;

fn same(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1e-3)
}

/// The first place where a gradient of `op` is not the derived one.
fn difference(op: &OpDef, operands: &[Array], params: &[f64]) -> Option<String> {
    let Body::Elementwise { blocks, .. } = &op.body else { return None };
    let operands: Vec<&Array> = operands.iter().collect();
    let y = compute(blocks, DType::Float64, &operands, params).unwrap();
    let numbers = |a: &Array| a.to_vec_f64().unwrap();
    let g: Vec<f64> = (0..y.numel()).map(|i| 0.5 + (i % 7) as f64 / 4.0).collect();
    let g = Array::from_slice(&g, y.shape()).unwrap();
    let reads: Vec<&Array> = std::iter::once(&g).chain(operands.iter().copied()).chain([&y]).collect();
    for (i, (written, derived)) in op.gradients.iter().zip((op.derived)()).enumerate() {
        let of = |blocks| numbers(&compute(blocks, DType::Float64, &reads, params).unwrap());
        let (written, derived) = (of(written), of(derived));
        if let Some(at) = (0..written.len()).find(|&at| !same(written[at], derived[at])) {
            let place: Vec<f64> = operands
                .iter()
                .map(|x| numbers(expand(&Tensor::from_array((*x).clone()), y.shape()).unwrap().array())[at])
                .collect();
            return Some(format!("gradient {i} at {place:?} is {} and derived {}", written[at], derived[at]));
        }
    }
    None
}

/// All combinations of special numbers.
fn grid(operands: usize) -> Vec<Array> {
    let n = SPECIAL.len();
    let numbers =
        |k: usize| -> Vec<f64> { (0..n.pow(operands as u32)).map(|i| SPECIAL[i / n.pow(k as u32) % n]).collect() };
    (0..operands).map(|k| Array::from_slice(&numbers(k), &[n.pow(operands as u32)]).unwrap()).collect()
}

/// Whether the op's gradients are formulas.
pub fn applies(op: &OpDef) -> bool {
    !op.gradients.is_empty() && matches!(op.vjp, Vjp::Formula(_)) && matches!(op.body, Body::Elementwise { .. })
}

/// The gradients are the derived ones, but where the op says why not.
pub fn gradients(op: &'static OpDef) -> Check {
    let Body::Elementwise { blocks, params } = &op.body else { unreachable!("asked of formulas only") };
    let reason = DIFFER.iter().find(|(name, _)| *name == op.name);
    let mut differs = None;
    for sample in (op.samples)() {
        let case = Case::new(op, &sample);
        let Some(tensors) = case.inputs.iter().cloned().collect::<Option<Vec<_>>>() else { continue };
        let numbers = params(&case.attrs).map_err(|e| e.to_string())?;
        if tensors.len() != blocks.n_inputs || numbers.len() < blocks.n_params {
            continue;
        }
        let operands: Vec<Array> = tensors.iter().map(|t| t.array().cast(DType::Float64).unwrap()).collect();
        if sample.smooth
            && let Some(place) = difference(op, &operands, &numbers)
        {
            return Err(format!("{}: {place}", sample.label));
        }
        differs = differs.or_else(|| difference(op, &grid(blocks.n_inputs), &numbers));
    }
    match (differs, reason) {
        (Some(place), None) => Err(format!("{place}, and `DIFFER` has no reason")),
        (None, Some((_, why))) => Err(format!("`DIFFER` says \"{why}\", and it does not")),
        _ => Ok(()),
    }
}
