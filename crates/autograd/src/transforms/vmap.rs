//! Calls inside a batching transform.
//!
//! `vmap` runs its function once, on tensors of all samples: see [`adjoint_tensor::batch`]. Calls
//! compute and record as ever; drawing random numbers needs an answer to the question whether
//! samples share them, and without one it is refused.

use crate::dispatch::{batched, dispatch, hidden};
use crate::graph::levels::{self, Randomness};
use crate::graph::modes;
use crate::graph::tensor::Tensor;
use crate::op::interpreter::{self, Below, Interpreter, Invocation};
use crate::op::keys::{self, Key};
use crate::op::{Class, Outputs, required};
use crate::transforms::{forward_mode, stack};
use adjoint_tensor::batch::{self, Level};
use adjoint_tensor::{Error, Result};
use smallvec::SmallVec;

/// Begins a `vmap` over `size` samples.
pub fn enter(size: usize, randomness: Randomness) {
    let level = stack::enter(stack::Kind::Vmap);
    levels::open(level, size, randomness);
    interpreter::install(Key::Vmap, &Vmap);
    keys::set(Key::Vmap, true);
}

/// Ends the innermost.
pub(super) fn exit() {
    levels::close();
    keys::set(Key::Vmap, levels::innermost().is_some());
}

fn level() -> Result<Level> {
    levels::innermost().map(|dim| dim.level).ok_or_else(|| Error::usage("no vmap is at work"))
}

/// What the function of the innermost `vmap` is given of `t`, whose dim `d` is that of its samples.
/// It may write that, unless the history of `t` or a tangent would have to know.
pub fn hide(t: &Tensor, d: usize) -> Result<Tensor> {
    let t = forward_mode::with_live(t);
    let made = hidden::hide(&t, d, level()?)?;
    if t.tangents().is_none() && !(modes::recording() && t.requires_grad()) {
        stack::admit(&made);
    }
    Ok(made)
}

/// What the innermost `vmap` returns of `t`, its samples along dim `d`.
pub fn reveal(t: &Tensor, d: usize) -> Result<Tensor> {
    hidden::reveal(&forward_mode::with_live(t), d, level()?)
}

/// Whether `t` has samples of the innermost `vmap`.
pub fn has_samples(t: &Tensor) -> bool {
    let of = |t: &Tensor, number| t.array().batch().iter().any(|dim| dim.level.number == number);
    level().is_ok_and(|level| {
        let is_in_tangent = || {
            let live = forward_mode::with_live(t);
            live.tangents().is_some_and(|tangents| of(&tangents.tangent, level.number))
        };
        of(t, level.number) || is_in_tangent()
    })
}

struct Vmap;

impl Interpreter for Vmap {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        let draws = call.op.class == Class::Random && (call.in_place || !call.is_composite());
        if draws && levels::refuse_random() {
            return Err(refused());
        }
        if !call.is_composite() || !call.inputs.iter().flatten().any(|t| t.array().is_batched()) {
            return below.call(call);
        }
        batch::take_needs_one_sample();
        match below.call(call) {
            Err(_) if batch::take_needs_one_sample() => one_by_one(call, below),
            made => made,
        }
    }
}

/// A composite that goes by values, which only one sample has, on each.
#[cold]
fn one_by_one(call: &Invocation, below: Below) -> Result<Outputs> {
    batched::count_loop();
    if !call.in_place {
        return each_sample(call, below);
    }
    // Nothing was written by what failed.
    let made = dispatch(call.op, call.inputs, call.attrs.clone())?;
    if let (Some(Some(this)), Some(made)) = (call.inputs.first(), made.first()) {
        (required::get().copy_in_place)(this, made)?;
    }
    Ok(Outputs::new())
}

/// The call for each sample, and the results together.
fn each_sample(call: &Invocation, below: Below) -> Result<Outputs> {
    let given = || call.inputs.iter().flatten();
    let all = batch::union(given().map(|t| t.array().meta()), 1);
    let Some(dim) = all.last() else { return below.call(call) };
    let inputs: SmallVec<[Option<Tensor>; 4]> = call
        .inputs
        .iter()
        .map(|t| t.map(|t| hidden::spread(&forward_mode::with_live(t), &[*dim])).transpose())
        .collect::<Result<_>>()?;
    let mut made: Vec<Outputs> = Vec::with_capacity(dim.size);
    for index in 0..dim.size {
        let sample: SmallVec<[Option<Tensor>; 4]> = inputs
            .iter()
            .map(|t| t.as_ref().map(|t| hidden::take(t, dim.level, index)).transpose())
            .collect::<Result<_>>()?;
        let refs: SmallVec<[Option<&Tensor>; 4]> = sample.iter().map(Option::as_ref).collect();
        let call = Invocation { inputs: &refs, ..*call };
        made.push(if all.len() > 1 { each_sample(&call, below)? } else { below.call(&call)? });
    }
    let Some(first) = made.first() else {
        return Err(Error::usage("vmap: the batch is empty, so there is no sample to tell the shape of the result"));
    };
    (0..first.len())
        .map(|k| {
            let of = |outs: &Outputs| {
                outs.get(k).cloned().ok_or_else(|| Error::shape("vmap: samples gave different numbers of results"))
            };
            hidden::join(&made.iter().map(of).collect::<Result<Vec<_>>>()?, dim.level)
        })
        .collect()
}

#[cold]
#[inline(never)]
fn refused() -> Error {
    Error::usage(
        "called random operation while in randomness error mode of vmap; use randomness: 'different' for numbers of \
         each sample's own, or 'same' for the same in all",
    )
}
