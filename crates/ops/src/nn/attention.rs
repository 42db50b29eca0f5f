//! The kernel of attention, and its derivative.

use super::softmax::sum_kept;
use crate::contract::matmul::matmul;
use crate::elementwise::{add::add, mul::mul, sub::sub};
use crate::invoke::{self, number};
use crate::shared::nn::attention_formula::{hide, probabilities, transposed};
use crate::view::transpose::transpose;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Half, Kind, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::attention::{self as kernel, Operands};
use adjoint_tensor::{Array, Dims, Result, Scalar};
use smallvec::{SmallVec, smallvec};

/// Calls `f` with the operands, halves among them in float32, of which the kernel rounds what PyTorch
/// rounds.
fn with_operands(call: &Call, at: usize, mask: usize, f: impl FnOnce(&Operands) -> Result<()>) -> Result<()> {
    let dtype = call.input(at).dtype();
    let [q, k, v] = [call.input(at), call.input(at + 1), call.input(at + 2)].map(wide);
    let mask = call.given(mask).map(wide).transpose()?;
    f(&Operands {
        q: &q?,
        k: &k?,
        v: &v?,
        mask: mask.as_ref(),
        causal: call.attrs.get_bool(0),
        scale: call.attrs.get_float(1)?,
        rounds: dtype.is_half().then_some(dtype),
    })
}

/// Halves in float32, anything else as it is.
fn wide(x: &Array) -> Result<Array> {
    x.cast(x.dtype().widened())
}

/// Calls `f` with an output to write, which is rounded to `out` afterwards.
fn written(out: &Array, f: impl FnOnce(&Array) -> Result<()>) -> Result<()> {
    if !out.dtype().is_half() {
        return f(out);
    }
    let exact = Array::zeros(out.shape(), out.dtype().widened())?;
    f(&exact)?;
    out.assign(&exact)
}

/// The shape of `[lead…, heads, rows, width]` as it is in memory: `[lead…, rows, heads, width]`.
fn in_memory(shape: &[usize]) -> Dims {
    let mut shape = Dims::from_slice(shape);
    let n = shape.len();
    shape.swap(n - 3, n - 2);
    shape
}

/// The other of the two.
fn by_heads(x: &Array) -> Result<Array> {
    x.with_layout(x.layout().transpose(x.rank() - 3, x.rank() - 2))
}

fn rule(call: &Facts) -> Result<Specs> {
    let (q, v) = (call.input(0), call.input(2));
    let dtype = call.floating(0)?;
    let mut shape = Dims::from_slice(q.shape());
    if let Some(width) = shape.last_mut() {
        *width = v.shape()[v.rank() - 1];
    }
    // The sums of halves stay in float32, as PyTorch's do.
    Ok(smallvec![Spec::new(in_memory(&shape), dtype), Spec::new(&q.shape()[..q.rank() - 1], dtype.widened())])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let [out, log_sums] = outs else { unreachable!("the rule names two outputs") };
    with_operands(call, 0, 3, |x| written(out, |out| kernel::attention(x, &by_heads(out)?, log_sums)))
}

fn wants(b: &Backward) -> SmallVec<[i64; 3]> {
    (0..3).map(|i| i64::from(b.wants(i))).collect()
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (q, k, v) = (b.input(0)?, b.input(1)?, b.input(2)?);
    let mask = b.opt_input(3)?;
    // Both are functions of the operands, by which the derivative's own derivative goes as a whole.
    let (out, log_sums) = (b.output(0)?.detach(), b.output(1)?.detach());
    let wants = wants(b);
    let attrs = Attrs::new().bool(b.attrs().get_bool(0)).float(b.attrs().get_float(1)?).ints(&wants);
    let inputs = [Some(b.g()), Some(&q), Some(&k), Some(&v), Some(&out), Some(&log_sums), mask.as_ref()];
    let grads = invoke::many(&BACKWARD, &inputs, attrs)?;
    let heads_first = |g: Tensor| transpose(&g, g.rank() - 3, g.rank() - 2);
    grads.into_iter().zip(wants).map(|(g, wanted)| (wanted != 0).then(|| heads_first(g)).transpose()).collect()
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    let wants = call.attrs.get_ints(2)?;
    let spec = |i: usize| {
        let x = call.input(1 + i);
        Spec::new(if wants[i] != 0 { in_memory(x.shape()) } else { smallvec![0; x.rank()] }, x.dtype())
    };
    Ok((0..3).map(spec).collect())
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let wants = call.attrs.get_ints(2)?;
    let mut views: SmallVec<[Option<Array>; 3]> = SmallVec::new();
    let mut exact: SmallVec<[Option<Array>; 3]> = SmallVec::new();
    for (out, &wanted) in outs.iter_mut().zip(wants) {
        out.fill(Scalar::Int(0));
        let wider = out.dtype().is_half().then(|| Array::zeros(out.shape(), out.dtype().widened())).transpose()?;
        views.push(if wanted != 0 { Some(by_heads(wider.as_ref().unwrap_or(out))?) } else { None });
        exact.push(wider);
    }
    let (g, out) = (by_heads(&wide(call.input(0))?)?, by_heads(&wide(call.input(4))?)?);
    let log_sums = call.input(5).contiguous()?;
    let grads = [views[0].as_ref(), views[1].as_ref(), views[2].as_ref()];
    with_operands(call, 1, 6, |x| kernel::attention_backward(x, &g, &out, &log_sums, grads))?;
    for (out, exact) in outs.iter().zip(exact) {
        if let Some(exact) = exact {
            out.assign(&exact)?;
        }
    }
    Ok(())
}

/// The derivative of the derivative, with all scores in memory.
///
/// The derivative's dot product with directions (hq, hk, hv) is ⟨g, J h⟩, the derivative of the
/// result in those directions. With P = softmax(S), T = scale · (hq Kᵀ + Q hkᵀ), U = T − Σ P·T, R =
/// g Vᵀ, ρ = Σ P·R over keys: J h = (P·U) V + P hv; by S this gives G = P·(E − Σ P·E) with E = R·U
/// + g hvᵀ − ρ·T, and by T it gives D = P·(R − ρ).
fn backward_vjp(b: &Backward) -> Result<Grads> {
    let g = b.input(0)?;
    let g = transpose(&g, g.rank() - 3, g.rank() - 2)?;
    let (q, k, v, mask) = (b.input(1)?, b.input(2)?, b.input(3)?, b.opt_input(6)?);
    let (causal, scale) = (b.attrs().get_bool(0), b.attrs().get_float(1)?);
    let wants = b.attrs().get_ints(2)?;
    let heads_first = |t: &Tensor| transpose(t, t.rank() - 3, t.rank() - 2);
    let direction = |i: usize| b.grad(i).filter(|_| wants[i] != 0).map(heads_first).transpose();
    let (hq, hk, hv) = (direction(0)?, direction(1)?, direction(2)?);
    let p = probabilities(&hide(&q, &k, mask.as_ref(), causal, scale)?, mask.is_some())?;
    let keys = p.rank() - 1;
    let total = |t: &Tensor| sum_kept(t, keys);
    let scaled = |t: &Tensor| mul(t, &number(scale)?);
    let plus = |a: Option<Tensor>, b: Tensor| a.map_or_else(|| Ok(b.clone()), |a| add(&a, &b)).map(Some);
    let r = matmul(&g, &transposed(&v)?)?;
    let rho = total(&mul(&p, &r)?)?;
    let d = mul(&p, &sub(&r, &rho)?)?;
    let mut t = None;
    if let Some(hq) = &hq {
        t = plus(t, scaled(&matmul(hq, &transposed(&k)?)?)?)?;
    }
    if let Some(hk) = &hk {
        t = plus(t, scaled(&matmul(&q, &transposed(hk)?)?)?)?;
    }
    let (mut e, mut dg, mut dv) = (None, None, None);
    if let Some(t) = &t {
        let u = sub(t, &total(&mul(&p, t)?)?)?;
        let pu = mul(&p, &u)?;
        e = Some(sub(&mul(&r, &u)?, &mul(&rho, t)?)?);
        dg = Some(matmul(&pu, &v)?);
        dv = Some(matmul(&transposed(&pu)?, &g)?);
    }
    if let Some(hv) = &hv {
        e = plus(e, matmul(&g, &transposed(hv)?)?)?;
        dg = plus(dg, matmul(&p, hv)?)?;
    }
    let (mut dq, mut dk) = (None, None);
    if let Some(e) = &e {
        let s = mul(&p, &sub(e, &total(&mul(&p, e)?)?)?)?;
        dq = Some(scaled(&matmul(&s, &k)?)?);
        dk = Some(scaled(&matmul(&transposed(&s)?, &q)?)?);
    }
    if let Some(hk) = &hk {
        dq = plus(dq, scaled(&matmul(&d, hk)?)?)?;
    }
    if let Some(hq) = &hq {
        dk = plus(dk, scaled(&matmul(&transposed(&d)?, hq)?)?)?;
    }
    let dg = dg.map(|t| heads_first(&t)).transpose()?;
    Ok(smallvec![dg, dq, dk, dv, None, None, None])
}

/// The ops: attention for operands with equal leading dims, and its derivative.
pub static DEFS: &[&OpDef] = &[&ATTENTION, &BACKWARD];

static ATTENTION: OpDef = OpDef {
    name: "_attention",
    part_of: "scaled_dot_product_attention",
    doc: "`softmax(scale · query · keyᵀ + mask) · value` for operands with the same leading dims, two or more. The result is \
          `[…, queries, heads, width]`.",
    args: &[
        Arg::tensor("query"),
        Arg::tensor("key"),
        Arg::tensor("value"),
        Arg::optional("attn_mask", Kind::Tensor, Default::None),
        Arg::optional("is_causal", Kind::Bool, Default::Bool(false)),
        Arg::required("scale", Kind::Float),
    ],
    hidden_outputs: 1,
    class: Class::Opaque,
    node: "ScaledDotProductFlashAttentionForCpuBackward0",
    surface: &[],
    half: Half::Native,
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b1111, 0b1111, 0b1111], outputs: &[0b11, 0b11, 0b11] },
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_attention_backward",
    part_of: "scaled_dot_product_attention",
    doc: "The derivatives of `_attention` by query, key and value, those of them that `wants` says, each `[…, rows, heads, width]`; the others are empty.",
    args: &[
        Arg::tensor("grad_output"),
        Arg::tensor("query"),
        Arg::tensor("key"),
        Arg::tensor("value"),
        Arg::tensor("output"),
        Arg::tensor("log_sums"),
        Arg::optional("attn_mask", Kind::Tensor, Default::None),
        Arg::optional("is_causal", Kind::Bool, Default::Bool(false)),
        Arg::required("scale", Kind::Float),
        Arg::required("wants", Kind::Ints),
    ],
    outputs: &["query", "key", "value"],
    class: Class::Opaque,
    node: "ScaledDotProductFlashAttentionForCpuBackwardBackward0",
    surface: &[],
    half: Half::Native,
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    vjp: Vjp::Fn(backward_vjp),
    saves: Saves { inputs: &[0b100_1111, 0b100_1111, 0b100_1111, 0b100_1111], outputs: &[] },
    ..OpDef::BASE
}
.shipped();

/// Attention of operands with equal leading dims, two or more.
pub fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    mask: Option<&Tensor>,
    causal: bool,
    scale: f64,
) -> Result<Tensor> {
    let attrs = Attrs::new().bool(causal).float(scale);
    let out = invoke::with(&ATTENTION, &[Some(q), Some(k), Some(v), mask], attrs)?;
    transpose(&out, out.rank() - 3, out.rank() - 2)
}
