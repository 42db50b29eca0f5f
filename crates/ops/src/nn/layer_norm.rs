//! Normalization of the last dims.

use crate::invoke;
use crate::reduce::sum::sum_dims;
use crate::shared::nn::norm_gradient::{self, Views};
use crate::shared::nn::normalized::{self, fits};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Kind, NodeNaming, OpDef, Saves, Spec, Specs, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::norm::{Derivatives, layer_norm_backward};
use adjoint_tensor::{Array, Result};
use smallvec::{SmallVec, smallvec};

const EPS: f64 = 1e-5;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let shape = call.attrs.get_shape(0)?;
    let dtype = call.floating(0)?;
    let rows = fits(x, &shape)?;
    for (i, name) in [(1, "weight"), (2, "bias")] {
        normalized::same_shape(name, call.given(i), &shape)?;
    }
    call.same_dtype()?;
    Ok(smallvec![Spec::new(x.shape(), dtype), Spec::new([rows], dtype), Spec::new([rows], dtype)])
}

/// An optional vector, or `n` times `fill`.
fn vector(x: Option<&Array>, n: usize, fill: f64, like: &Array) -> Result<Array> {
    match x {
        Some(x) => x.contiguous(),
        None => Array::full(&[n], like.dtype(), fill.into()),
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let n: usize = call.attrs.get_shape(0)?.iter().product();
    let eps = call.attrs.opt_float(1).unwrap_or(EPS);
    let weight = vector(call.given(1), n, 1.0, &x)?;
    let bias = vector(call.given(2), n, 0.0, &x)?;
    let [y, mean, rstd] = outs else { unreachable!("the rule names three outputs") };
    floats!(x.dtype(), T => adjoint_kernels::norm::layer_norm::<T>(
        x.as_slice(), weight.as_slice(), bias.as_slice(), n, eps, y.as_mut_slice(), mean.as_mut_slice(), rstd.as_mut_slice(),
    ));
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let wants: SmallVec<[i64; 3]> = (0..3).map(|i| i64::from(i < b.inputs() && b.wants(i))).collect();
    let attrs = Attrs::new().shape(&b.attrs().get_shape(0)?).float(b.attrs().opt_float(1).unwrap_or(EPS)).ints(&wants);
    // The bias alone reads nothing but its gradient.
    let (x, weight) = (b.opt_input(0)?, b.opt_input(1)?);
    let Some(x) = x else {
        let lead: Vec<usize> = (0..b.out_shape(0).len() - b.attrs().get_ints(0)?.len()).collect();
        let db = if lead.is_empty() { b.g().clone() } else { sum_dims(b.g(), &lead, false)? };
        return Ok(smallvec![None, None, Some(db)]);
    };
    // They are functions of x, by which the derivative's own derivative goes as a whole.
    let (mean, rstd) = (b.output(1)?.detach(), b.output(2)?.detach());
    let inputs = [Some(b.g()), Some(&x), Some(&mean), Some(&rstd), weight.as_ref()];
    let grads = invoke::many(&BACKWARD, &inputs, attrs)?;
    Ok(grads.into_iter().zip(wants).map(|(g, wanted)| (wanted != 0).then_some(g)).collect())
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    let x = call.input(1);
    let shape = call.attrs.get_shape(0)?;
    let wants = call.attrs.get_ints(2)?;
    let spec = |i: usize, shape: &[usize]| Spec::new(if wants[i] != 0 { shape } else { &[0] }, x.dtype());
    Ok(smallvec![spec(0, x.shape()), spec(1, &shape), spec(2, &shape)])
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (g, x) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    // Repeated zeros where a result is differentiated by them.
    let (mean, rstd) = (call.input(2).contiguous()?, call.input(3).contiguous()?);
    let n: usize = call.attrs.get_shape(0)?.iter().product();
    let weight = vector(call.given(4), n, 1.0, &x)?;
    let wants = call.attrs.get_ints(2)?;
    let [dx, dw, db] = outs else { unreachable!("the rule names three outputs") };
    floats!(x.dtype(), T => {
        let out = Derivatives {
            x: (wants[0] != 0).then(|| dx.as_mut_slice()),
            weight: (wants[1] != 0).then(|| dw.as_mut_slice()),
            bias: (wants[2] != 0).then(|| db.as_mut_slice()),
        };
        layer_norm_backward::<T>(g.as_slice(), x.as_slice(), mean.as_slice(), rstd.as_slice(), weight.as_slice(), out);
    });
    Ok(())
}

/// The derivative of the derivative, in rows of n.
fn backward_vjp(b: &Backward) -> Result<Grads> {
    let shape = b.attrs().get_shape(0)?;
    let n: usize = shape.iter().product();
    let rows = b.shape(1).iter().product::<usize>().checked_div(n).unwrap_or(0);
    let views = Views { shape: &[rows, n], moments: &[1], weight: &[n], sums: &[0] };
    let [dg, dx, dw] = norm_gradient::second(b, &views, 4, b.attrs().get_float(1)?, b.attrs().get_ints(2)?)?;
    Ok(smallvec![dg, dx, None, None, dw])
}

/// The ops: layer normalization and its derivative.
pub static DEFS: &[&OpDef] = &[&LAYER_NORM, &BACKWARD];

static LAYER_NORM: OpDef = OpDef {
    name: "layer_norm",
    doc: "Returns `(input − mean) / √(variance + eps) · weight + bias`, with mean and variance over the last dims, those of `normalizedShape`.\n\n\
          **Shapes**: `input` is `[*, …normalizedShape]`, `weight` and `bias`, which may be absent, `normalizedShape`. Floats of one dtype. The \
          variance is the biased one. One pass over memory forward, one backward. Source: PyTorch, `torch.nn.functional.layer_norm`; Ba, Kiros and \
          Hinton, \"Layer normalization\", 2016.",
    args: &[
        Arg::tensor("input"),
        Arg::required("normalized_shape", Kind::Ints),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::optional("eps", Kind::Float, Default::Float(EPS)),
    ],
    hidden_outputs: 2,
    cheap: true,
    node: "NativeLayerNormBackward0",
    surface: &[Api::Function, Api::Functional],
    shown: NodeNaming::PLAIN.saving(&[("input", "input")]),
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b011, 0b001], outputs: &[0b110, 0b110] },
    samples: || normalized::samples(true),
    errors: normalized::errors,
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_layer_norm_backward",
    part_of: "layer_norm",
    doc: "The derivatives of `layer_norm` by `input`, `weight` and `bias`, those of them that `wants` says; the others are empty.",
    args: &[
        Arg::tensor("grad_output"),
        Arg::tensor("input"),
        Arg::tensor("mean"),
        Arg::tensor("rstd"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        Arg::required("normalized_shape", Kind::Ints),
        Arg::required("eps", Kind::Float),
        Arg::required("wants", Kind::Ints),
    ],
    outputs: &["input", "weight", "bias"],
    class: Class::Opaque,
    node: "NativeLayerNormBackwardBackward0",
    surface: &[],
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    vjp: Vjp::Fn(backward_vjp),
    saves: Saves { inputs: &[0b10011, 0b10011, 0, 0, 0b10011], outputs: &[] },
    ..OpDef::BASE
}
.shipped();
