//! The smallest and the greatest element.

use crate::elementwise::add::add;
use crate::shared::dims::{dim_or_none, not_empty, one_of, reduced_shape};
use crate::shared::reduce::samples;
use crate::shared::reduce::split_ties::split_ties;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Kind, OpDef, Saves, Spec, Specs, Vjp,
};
use adjoint_cpu::reduce::extreme_into;
use adjoint_tensor::{Array, Dims, Result};
use smallvec::smallvec;

fn dims(attrs: &Attrs, rank: usize) -> Result<Dims> {
    Ok(match dim_or_none(attrs, 0, rank)? {
        Some(d) => one_of(d, rank),
        None => (0..rank).collect(),
    })
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dims = dims(call.attrs, x.rank())?;
    not_empty(x.shape(), &dims, call.attrs.opt_int(0).is_some())?;
    let spec = Spec::new(reduced_shape(x.shape(), &dims, call.attrs.get_bool(1)), x.dtype());
    Ok(smallvec![spec.clone(), spec])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    let dims = dims(call.attrs, x.rank())?;
    extreme_into(x, &dims, false, &mut outs[0])?;
    extreme_into(x, &dims, true, &mut outs[1])
}

fn vjp(b: &Backward) -> Result<Grads> {
    let x = b.input(0)?;
    let (dims, keepdim) = (dims(b.attrs(), x.rank())?, b.attrs().get_bool(1));
    let part = |i| b.grad(i).map(|g| split_ties(g, &x, &b.output(i)?, &dims, keepdim, false)).transpose();
    Ok(smallvec![match (part(0)?, part(1)?) {
        (Some(low), Some(high)) => Some(add(&low, &high)?),
        (low, high) => low.or(high),
    }])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "aminmax",
    doc: "Returns the smallest and the greatest element of `input`, of all or along `dim`.\n\n\
          The dim disappears unless `keepdim`. NaN if there is one. Equal elements share the gradient evenly. An empty input is an \
          error. Source: PyTorch, `torch.aminmax`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("dim", Kind::Int, Default::None),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["min", "max"],
    class: Class::Reduce,
    node: "AminmaxBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[1], outputs: &[0b11] },
    samples: || {
        let mut out = samples::dim();
        out.extend(samples::whole());
        out
    },
    errors: || samples::nothing_to_choose(Attr::Int(1)),
    ..OpDef::BASE
}
.shipped();
