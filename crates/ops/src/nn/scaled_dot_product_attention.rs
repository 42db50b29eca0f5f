//! Attention.

use super::attention::attention;
use super::dropout::dropout;
use crate::contract::matmul::matmul;
use crate::elementwise::to::to;
use crate::shared::nn::attention_formula::{hide, probabilities};
use crate::shared::nn::reduction::one;
use crate::view::{expand::expand, reshape::reshape, unsqueeze::unsqueeze};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, ErrorSample, Kind, NodeNaming, OpDef, Sample, SampleArg, SampleTensor, Tensor, given,
    interpreter,
};
use adjoint_tensor::{Code, DType, Dims, Error, Result, dims};

/// Queries, keys, values and mask.
struct Operands {
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Option<Tensor>,
}

fn wrong(q: &Tensor, k: &Tensor, v: &Tensor, what: &str) -> Error {
    Error::shape(format!("{what}, got query {:?}, key {:?} and value {:?}", q.shape(), k.shape(), v.shape()))
}

/// Fails where the arguments do not go together for any leading dims.
fn check(o: &Operands, causal: bool) -> Result<()> {
    let Operands { q, k, v, mask } = o;
    if q.rank() < 2 || k.rank() < 2 || v.rank() < 2 {
        return Err(wrong(q, k, v, "query, key and value must have at least 2 dims"));
    }
    let last = |t: &Tensor, i: usize| t.shape()[t.rank() - i];
    if last(q, 1) != last(k, 1) {
        return Err(wrong(q, k, v, "the last sizes of query and key must be equal"));
    }
    if last(k, 2) != last(v, 2) {
        return Err(wrong(q, k, v, "key and value must have as many rows"));
    }
    if !q.dtype().is_float() || k.dtype() != q.dtype() || v.dtype() != q.dtype() {
        return Err(Error::dtype(format!(
            "query, key and value must be of the same floating-point dtype, got {}, {} and {}; cast with to()",
            q.dtype().name(),
            k.dtype().name(),
            v.dtype().name()
        )));
    }
    let Some(mask) = mask else { return Ok(()) };
    if causal {
        return Err(Error::usage("attnMask must not be given where isCausal is true; put both into the mask"));
    }
    if mask.dtype() != DType::Bool && mask.dtype() != q.dtype() {
        return Err(Error::dtype(format!(
            "attnMask must be bool or of the dtype of the query, {}, got {}",
            q.dtype().name(),
            mask.dtype().name()
        )));
    }
    Ok(())
}

/// Repeats heads of keys or values so that there are as many as of the queries, without copying:
/// `[…, heads, groups, rows, width]`.
fn grouped(t: &Tensor, heads: usize) -> Result<Tensor> {
    let at = t.rank() - 3;
    let wide = unsqueeze(t, at + 1)?;
    let mut shape = Dims::from_slice(wide.shape());
    shape[at + 1] = heads / t.shape()[at];
    expand(&wide, &shape)
}

/// Splits the heads of the queries into groups that share a key; the mask is brought to them.
fn share_heads(o: Operands) -> Result<Operands> {
    let Operands { q, k, v, mask } = &o;
    let heads = |t: &Tensor| if t.rank() < 3 { 0 } else { t.shape()[t.rank() - 3] };
    let (hq, hk) = (heads(q), heads(k));
    if hk == 0 || hk != heads(v) || hq % hk != 0 {
        return Err(wrong(
            q,
            k,
            v,
            "with enableGqa the heads of the query must be a multiple of those of key and value",
        ));
    }
    let split = |t: &Tensor| {
        let at = t.rank() - 3;
        let mut shape = Dims::from_slice(t.shape());
        shape[at] = hk;
        shape.insert(at + 1, hq / hk);
        reshape(t, &shape)
    };
    let mask = match mask {
        Some(m) if m.rank() >= 3 && heads(m) != 1 => Some(split(m)?),
        Some(m) if m.rank() >= 3 => Some(unsqueeze(m, m.rank() - 3)?),
        other => other.clone(),
    };
    Ok(Operands { q: split(q)?, k: grouped(k, hq)?, v: grouped(v, hq)?, mask })
}

/// Gives all operands the same leading dims, two or more of them; says how many were added behind
/// the others.
fn align(o: Operands) -> Result<(Operands, usize)> {
    let Operands { q, k, v, mask } = o;
    let lead_of = |t: &Tensor| Dims::from_slice(&t.shape()[..t.rank() - 2]);
    let (lq, lk, lv) = (lead_of(&q), lead_of(&k), lead_of(&v));
    let lead = if lq == lk && lk == lv {
        lq
    } else {
        dims::broadcast(&dims::broadcast(&lq, &lk).map_err(|_| wrong(&q, &k, &v, "leading dims must broadcast"))?, &lv)
            .map_err(|_| wrong(&q, &k, &v, "leading dims must broadcast"))?
    };
    // A batch of one head each: the result then is in order.
    let padding = 2_usize.saturating_sub(lead.len());
    let to = |t: Tensor| -> Result<Tensor> {
        let mut t = t;
        let mut shape = lead.clone();
        shape.extend_from_slice(&t.shape()[t.rank() - 2..]);
        if t.shape() != shape.as_slice() {
            t = expand(&t, &shape)?;
        }
        for _ in 0..padding {
            t = unsqueeze(&t, t.rank() - 2)?;
        }
        Ok(t)
    };
    let (queries, keys) = (q.shape()[q.rank() - 2], k.shape()[k.rank() - 2]);
    let mask = match mask {
        None => None,
        Some(m) => {
            let mut shape = lead.clone();
            shape.extend_from_slice(&[queries, keys]);
            let mut m = expand(&m, &shape).map_err(|_| {
                Error::shape(format!("attnMask of shape {:?} does not broadcast to the scores, {shape:?}", m.shape()))
            })?;
            for _ in 0..padding {
                m = unsqueeze(&m, m.rank() - 2)?;
            }
            Some(m)
        }
    };
    let (q, k, v) = (to(q)?, to(k)?, to(v)?);
    Ok((Operands { q, k, v, mask }, padding))
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(q), Some(k), Some(v), mask] = *inputs else {
        return Err(Error::usage("expected a query, a key and a value"));
    };
    let p = attrs.opt_float(0).unwrap_or(0.0);
    let causal = attrs.get_bool(1);
    if !(0.0..=1.0).contains(&p) {
        return Err(Error::usage(format!("dropoutP must be between 0 and 1, got {p}")));
    }
    let operands = Operands { q: q.clone(), k: k.clone(), v: v.clone(), mask: mask.cloned() };
    check(&operands, causal)?;
    let scale = attrs.opt_float(2).unwrap_or_else(|| 1.0 / (q.shape()[q.rank() - 1] as f64).sqrt());
    let gqa = attrs.get_bool(3);
    let (operands, padding) = align(if gqa { share_heads(operands)? } else { operands })?;
    let Operands { q: aq, k: ak, v: av, mask } = &operands;
    // The kernel keeps no scores, so what needs them takes the long way: dropout of them, and a mask that learns.
    interpreter::requires_grad_read("scaled_dot_product_attention");
    let learns = mask.as_ref().is_some_and(|m| m.requires_grad() || m.tangents().is_some());
    let out = if p > 0.0 || learns {
        // Halves are computed in float32, and rounded once.
        let wide = |t: &Tensor| if t.dtype().is_half() { to(t, DType::Float32) } else { Ok(t.clone()) };
        let hidden = hide(&wide(aq)?, &wide(ak)?, mask.as_ref().map(wide).transpose()?.as_ref(), causal, scale)?;
        let out = matmul(&dropout(&probabilities(&hidden, mask.is_some())?, p, true)?, &wide(av)?)?;
        to(&out, q.dtype())?
    } else {
        attention(aq, ak, av, mask.as_ref(), causal, scale)?
    };
    let mut shape = Dims::from_slice(&out.shape()[..out.rank() - 2]);
    if gqa {
        let groups = shape.pop().unwrap_or(1);
        if let Some(heads) = shape.last_mut() {
            *heads *= groups;
        }
    }
    shape.truncate(shape.len() - padding);
    shape.extend_from_slice(&out.shape()[out.rank() - 2..]);
    one(if out.shape() == shape.as_slice() { out } else { reshape(&out, &shape)? })
}

fn sample(label: &str, q: &[usize], k: &[usize], v: &[usize], mask: Option<SampleTensor>, rest: &[Attr]) -> Sample {
    let t = |shape: &[usize]| SampleArg::from(SampleTensor::new(shape));
    let mask = mask.map_or(SampleArg::Tensors(vec![None]), Into::into);
    let mut args = vec![t(q), t(k), t(v), mask];
    args.extend(rest.iter().cloned().map(Into::into));
    Sample::new(label, args)
}

fn samples() -> Vec<Sample> {
    let rest = |causal| [Attr::Float(0.0), Attr::Bool(causal)];
    let with = |scale, gqa| [Attr::Float(0.0), Attr::Bool(false), Attr::Float(scale), Attr::Bool(gqa)];
    let float = |shape: &[usize]| SampleTensor::new(shape);
    vec![
        sample("heads", &[2, 2, 3, 4], &[2, 2, 5, 4], &[2, 2, 5, 3], None, &[]),
        sample("causal", &[1, 2, 3, 2], &[1, 2, 4, 2], &[1, 2, 4, 2], None, &rest(true)),
        sample("more queries than keys", &[4, 2], &[2, 2], &[2, 3], None, &rest(true)),
        sample("a batch and a scale", &[2, 3, 2], &[2, 2, 2], &[2, 2, 2], None, &with(0.7, false)),
        sample("a mask that is added", &[1, 2, 2, 3], &[1, 2, 3, 3], &[1, 2, 3, 2], Some(float(&[2, 3])), &rest(false)),
        sample(
            "a constant mask",
            &[2, 1, 2, 3],
            &[2, 1, 3, 3],
            &[2, 1, 3, 2],
            Some(float(&[2, 1, 1, 3]).constant()),
            &rest(false),
        ),
        sample(
            "a mask of bools",
            &[1, 2, 3, 2],
            &[1, 2, 3, 2],
            &[1, 2, 3, 2],
            Some(SampleTensor::ints(&[3, 3], 0, 2).dtype(DType::Bool)),
            &rest(false),
        ),
        sample("shared heads", &[1, 4, 2, 2], &[1, 2, 3, 2], &[1, 2, 3, 2], None, &with(0.5, true)),
        sample("leading dims that broadcast", &[2, 2, 2, 2], &[1, 2, 3, 2], &[2, 3, 2], None, &[]),
        sample("no queries", &[1, 1, 0, 2], &[1, 1, 3, 2], &[1, 1, 3, 2], None, &[]),
        sample("no keys", &[1, 2, 2], &[1, 0, 2], &[1, 0, 2], None, &[]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |sample, code, message| ErrorSample { sample, code, message };
    let x: &[usize] = &[1, 2, 3];
    vec![
        e(
            sample(
                "a mask beside isCausal",
                x,
                x,
                x,
                Some(SampleTensor::new(&[2, 2])),
                &[Attr::Float(0.0), Attr::Bool(true)],
            ),
            Code::Usage,
            "attnMask must not be given",
        ),
        e(sample("widths that differ", x, &[1, 2, 2], x, None, &[]), Code::Shape, "last sizes of query and key"),
        e(sample("keys without values", x, x, &[1, 3, 3], None, &[]), Code::Shape, "as many rows"),
        e(sample("a vector", &[3], x, x, None, &[]), Code::Shape, "at least 2 dims"),
        e(
            sample("batches that differ", x, &[2, 2, 3], &[3, 2, 3], None, &[]),
            Code::Shape,
            "leading dims must broadcast",
        ),
        e(
            sample("a mask that does not fit", x, x, x, Some(SampleTensor::new(&[3, 2])), &[]),
            Code::Shape,
            "attnMask of shape [3, 2] does not broadcast",
        ),
        e(
            sample(
                "heads that cannot be shared",
                &[3, 2, 2],
                &[2, 2, 2],
                &[2, 2, 2],
                None,
                &[Attr::Float(0.0), Attr::Bool(false), Attr::None, Attr::Bool(true)],
            ),
            Code::Shape,
            "a multiple of those of key and value",
        ),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "scaled_dot_product_attention",
    doc: "Returns `softmax(scale · query · keyᵀ + mask) · value`: for each query a mean of the values, weighted by how well their keys fit.\n\n\
          **Shapes**: `query` is `[*, L, E]`, `key` `[*, S, E]`, `value` `[*, S, Ev]`, the result `[*, L, Ev]`; leading dims, such as batch and \
          heads, broadcast. Floating-point, all of one dtype. `attnMask` broadcasts to `[*, L, S]`: a bool mask keeps the scores where it is true, a floating one, \
          of the dtype of `query`, is added. `isCausal` lets query i see the keys 0 to i, and takes no mask beside it. `scale` is 1/√E by default. \
          With `enableGqa` the heads of `query`, dim −3, are a multiple of those of `key` and `value`, which groups of queries share. A query that \
          sees nothing gives 0. `dropoutP` sets weights to 0 with that probability, in evaluation too, as in PyTorch: pass 0 there.\n\n\
          The scores of 64 queries are in memory at once, forward and backward, unless there is dropout or the mask wants a gradient. The result \
          lies in memory as `[*, L, heads, Ev]`, so joining the heads costs no copy. Source: PyTorch, \
          `torch.nn.functional.scaled_dot_product_attention`; Vaswani et al., \"Attention is all you need\", NeurIPS 2017.",
    args: &[
        Arg::tensor("query"),
        Arg::tensor("key"),
        Arg::tensor("value"),
        Arg::optional("attn_mask", Kind::Tensor, Default::None),
        Arg::optional("dropout_p", Kind::Float, Default::Float(0.0)),
        Arg::optional("is_causal", Kind::Bool, Default::Bool(false)),
        Arg::optional("scale", Kind::Float, Default::None),
        Arg::optional("enable_gqa", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Functional],
    shown: NodeNaming::of_result(|inputs, attrs| {
        let is_plain = given(inputs, 0).is_some_and(|q| q.rank() == 4) && attrs.opt_float(0).unwrap_or(0.0) == 0.0;
        let mask_wants_grad = given(inputs, 3).is_some_and(Tensor::requires_grad);
        if is_plain && !mask_wants_grad { "ScaledDotProductFlashAttentionForCpuBackward0" } else { "" }
    }),
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
