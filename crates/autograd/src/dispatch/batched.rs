//! Calls of kernels on arrays of samples.
//!
//! An elementwise loop takes such arrays as they are, and a view keeps what they have; only kernels
//! know one sample. An op whose [`Batching`] says how is run once for all samples: their dims
//! become ordinary ones, in front. Any other is run on one sample after the other, which is
//! counted.

use crate::dispatch::half;
use crate::graph::levels;
use crate::graph::tensor::Tensor;
use crate::op::attrs::{Attr, Attrs};
use crate::op::keys::{self, Key};
use crate::op::{Arg, Arrays, Batching, Body, Call, Class, Facts, Kind, OpDef, Spec, Specs};
use adjoint_tensor::batch::{self, Batch, BatchDim};
use adjoint_tensor::{Array, Error, Layout, Meta, Result, rng, scratch};
use smallvec::SmallVec;
use std::cell::Cell;

thread_local! {
    static LOOPS: Cell<u64> = const { Cell::new(0) };
}

/// How often a kernel was run on one sample after the other, since the start.
pub fn loops() -> u64 {
    LOOPS.get()
}

/// How many inputs a mask tells apart; those behind are in it.
const MASKED: usize = 8;

/// Counts a run over samples.
pub(crate) fn count_loop() {
    LOOPS.set(LOOPS.get() + 1);
}

type Given<'a> = [Option<&'a Array>];

/// Whether a call of a kernel may be about samples; mostly not.
#[inline]
pub(super) fn may_have_samples(op: &OpDef, inputs: &[Option<&Tensor>]) -> bool {
    inputs.iter().flatten().any(|t| t.array().is_batched()) || (op.class == Class::Random && keys::is_active(Key::Vmap))
}

/// The dims of samples that a call of a kernel is about.
pub(super) fn dims_of(op: &OpDef, inputs: &Given) -> Batch {
    let mut all = batch::union(inputs.iter().flatten().map(|x| x.meta()), 1);
    if op.class == Class::Random {
        levels::drawn().into_iter().for_each(|dim| batch::insert(&mut all, dim));
    }
    all
}

/// Runs the body of an op that has a kernel.
#[cold]
#[inline(never)]
pub(super) fn compute(op: &'static OpDef, inputs: &Given, attrs: &Attrs, all: &[BatchDim]) -> Result<Arrays> {
    let metas: SmallVec<[Option<&Meta>; 4]> = inputs.iter().map(|x| x.map(Array::meta)).collect();
    let facts = Facts { op, inputs: &metas, attrs };
    match op.body {
        Body::Kernel { rule, run } => {
            let specs = rule(&facts)?;
            if batch::count(all) == 0 || specs.is_empty() {
                return fresh(&specs, all);
            }
            if let Some(outs) = at_once(op, inputs, attrs, all, &specs)? {
                return Ok(outs);
            }
            count_loop();
            let outs = fresh(&specs, all)?;
            each_sample(op, attrs, all, |index| {
                let made = one(op, inputs, attrs, all, index, |call| {
                    if half::is_widened(op, call.facts.inputs, &specs) {
                        return half::kernel(call, run, &specs);
                    }
                    let mut made = specs.iter().map(Spec::empty).collect::<Result<Arrays>>()?;
                    run(call, &mut made)?;
                    Ok(made)
                })?;
                outs.iter().zip(&made).try_for_each(|(out, made)| out.sample(all, index)?.assign(made))
            })?;
            Ok(outs)
        }
        Body::Dynamic { rule, run } => {
            rule(&facts)?;
            count_loop();
            let mut outs: Option<Arrays> = None;
            each_sample(op, attrs, all, |index| {
                let made = one(op, inputs, attrs, all, index, run)?;
                if outs.is_none() {
                    let like = |x: &Array| Array::batched(Layout::contiguous(x.shape()), x.dtype(), all);
                    outs = Some(made.iter().map(like).collect::<Result<_>>()?);
                }
                outs.iter().flatten().zip(&made).try_for_each(|(out, made)| {
                    if out.shape() != made.shape() {
                        return Err(differ(out, made));
                    }
                    out.sample(all, index)?.assign(made)
                })
            })?;
            outs.ok_or_else(|| {
                Error::usage("vmap: the batch is empty, so there is no sample to tell the shape of the result")
            })
        }
        _ => unreachable!("only kernels look at one sample"),
    }
}

#[cold]
fn differ(out: &Array, made: &Array) -> Error {
    batch::needs_one_sample();
    Error::shape(format!(
        "vmap: results differ in shape, one sample gave {:?} and another {:?}; a shape must not depend on values",
        out.shape(),
        made.shape()
    ))
}

fn fresh(specs: &Specs, all: &[BatchDim]) -> Result<Arrays> {
    specs.iter().map(|spec| spec.batched(all)).collect()
}

/// Calls `kernel` with one sample of each input.
fn one<R>(
    op: &'static OpDef,
    inputs: &Given,
    attrs: &Attrs,
    all: &[BatchDim],
    index: &[usize],
    kernel: impl FnOnce(&Call) -> Result<R>,
) -> Result<R> {
    let arrays: SmallVec<[Option<Array>; 4]> =
        inputs.iter().map(|x| x.map(|x| x.sample(all, index)).transpose()).collect::<Result<_>>()?;
    with_call(op, &arrays, attrs, kernel)
}

/// Calls `kernel` with these inputs, once they are checked.
fn with_call<R>(
    op: &'static OpDef,
    arrays: &[Option<Array>],
    attrs: &Attrs,
    kernel: impl FnOnce(&Call) -> Result<R>,
) -> Result<R> {
    let inputs: SmallVec<[Option<&Array>; 4]> = arrays.iter().map(Option::as_ref).collect();
    let metas: SmallVec<[Option<&Meta>; 4]> = inputs.iter().map(|x| x.map(Array::meta)).collect();
    let facts = Facts { op, inputs: &metas, attrs };
    let checked = op.check.values(&Call { facts, inputs: &inputs, checked: &[] })?;
    let made = kernel(&Call { facts, inputs: &inputs, checked: &checked })?;
    scratch::check_kernels()?;
    Ok(made)
}

/// Calls `each` with the index of every sample. Samples that are to draw the same random numbers
/// find the generator as the first of them did.
fn each_sample(
    op: &OpDef,
    attrs: &Attrs,
    all: &[BatchDim],
    mut each: impl FnMut(&[usize]) -> Result<()>,
) -> Result<()> {
    let is_same = |dim: &BatchDim| op.class == Class::Random && levels::draws_same(dim.level.number);
    let [same, different]: [Batch; 2] =
        [true, false].map(|on| all.iter().filter(|d| is_same(d) == on).copied().collect());
    if same.is_empty() {
        return batch::each_index(all, each);
    }
    let generator = attrs.generator();
    batch::each_index(&different, |outer| {
        let before = rng::with(generator, |g| g.clone())?;
        batch::each_index(&same, |inner| {
            rng::with(generator, |g| g.clone_from(&before))?;
            let (mut outer, mut inner) = (outer.iter(), inner.iter());
            let next = |dim| if is_same(dim) { inner.next() } else { outer.next() };
            let index: SmallVec<[usize; 6]> = all.iter().map(next).map(|i| i.copied().unwrap_or(0)).collect();
            each(&index)
        })
    })
}

/// The call for all samples at once, where the op says how; `None` where it does not, or not for
/// such arguments.
fn at_once(
    op: &'static OpDef,
    inputs: &Given,
    attrs: &Attrs,
    all: &[BatchDim],
    specs: &Specs,
) -> Result<Option<Arrays>> {
    let metas: SmallVec<[Option<&Meta>; 4]> = inputs.iter().map(|x| x.map(Array::meta)).collect();
    match *op.batching {
        Batching::Loop => Ok(None),
        Batching::As(op, form) => at_once(op, inputs, &form(attrs), all, specs),
        Batching::Leading { dims, inputs: mask } => leading(op, inputs, attrs, all, specs, (dims, mask)),
        Batching::Rule(_) if half::is_widened(op, &metas, specs) => Ok(None),
        Batching::Rule(f) => {
            let made = f(&Call { facts: Facts { op, inputs: &metas, attrs }, inputs, checked: &[] }, all, specs)?;
            scratch::check_kernels()?;
            Ok(made)
        }
    }
}

/// [`Batching::Leading`], with the attributes that are dims and the mask of inputs.
fn leading(
    op: &'static OpDef,
    inputs: &Given,
    attrs: &Attrs,
    all: &[BatchDim],
    specs: &Specs,
    (dims, mask): (&[usize], u8),
) -> Result<Option<Arrays>> {
    let Body::Kernel { rule, run } = op.body else { return Ok(None) };
    let leads = |i: usize| i >= MASKED || mask >> i & 1 == 1;
    let Some(first) = inputs.iter().enumerate().find(|(i, _)| leads(*i)).and_then(|(_, x)| *x) else { return Ok(None) };
    if inputs.iter().enumerate().any(|(i, x)| !leads(i) && x.is_some_and(|x| x.is_batched())) {
        return Ok(None);
    }
    let Some(attrs) = shifted(op, dims, first.rank(), attrs, all.len()) else { return Ok(None) };
    let physical: SmallVec<[Option<Array>; 4]> = inputs
        .iter()
        .enumerate()
        .map(|(i, x)| x.map(|x| if leads(i) { x.physical(all, x.rank()) } else { Ok(x.clone()) }).transpose())
        .collect::<Result<_>>()?;
    let metas: SmallVec<[Option<&Meta>; 4]> = physical.iter().map(|x| x.as_ref().map(Array::meta)).collect();
    // What one sample may be, more dims may not.
    let Ok(made_of) = rule(&Facts { op, inputs: &metas, attrs: &attrs }) else { return Ok(None) };
    let made = with_call(op, &physical, &attrs, |call| {
        if half::is_widened(op, &metas, &made_of) {
            return half::kernel(call, run, &made_of);
        }
        let mut made = made_of.iter().map(Spec::empty).collect::<Result<Arrays>>()?;
        run(call, &mut made)?;
        Ok(made)
    })?;
    made.into_iter().zip(specs).map(|(out, spec)| hidden(out, spec, all)).collect::<Result<_>>().map(Some)
}

/// The leading dims of a result as those of samples, with the strides in a sample that `spec` says.
fn hidden(out: Array, spec: &Spec, all: &[BatchDim]) -> Result<Array> {
    let mut hidden = out;
    for dim in all {
        hidden = hidden.hide(0, dim.level)?;
    }
    let strides = spec.meta()?;
    if hidden.shape() != spec.shape.as_slice() {
        return Err(Error::shape(format!(
            "vmap: all samples at once gave {:?} each, expected {:?}",
            hidden.shape(),
            spec.shape.as_slice()
        )));
    }
    if hidden.strides() == strides.strides() {
        return Ok(hidden);
    }
    let fit = spec.batched(all)?;
    fit.assign(&hidden)?;
    Ok(fit)
}

/// The attributes with dims counted from behind those of samples; `None` where that cannot be said.
fn shifted(op: &OpDef, dims: &[usize], rank: usize, attrs: &Attrs, by: usize) -> Option<Attrs> {
    if dims.is_empty() {
        return Some(attrs.clone());
    }
    if rank == 0 {
        return None;
    }
    let shift = |d: i64| if d < 0 { d } else { d + by as i64 };
    let is_single = |i: usize| {
        let mut of_attrs = op.args.iter().filter(|arg| !arg.kind.is_tensor());
        matches!(of_attrs.nth(i), Some(Arg { kind: Kind::Int, .. }))
    };
    let count = dims.iter().map(|i| i + 1).max().unwrap_or(0).max(attrs.0.len());
    let mut out = Attrs::new();
    for i in 0..count {
        let attr = attrs.get(i);
        out.0.push(match attr {
            _ if !dims.contains(&i) => attr.clone(),
            Attr::Int(d) => Attr::Int(shift(*d)),
            Attr::Ints(list) if !list.is_empty() => Attr::Ints(list.iter().map(|&d| shift(d)).collect()),
            Attr::None if is_single(i) => return None,
            Attr::None => Attr::Ints((0..rank).map(|d| (d + by) as i64).collect()),
            _ => return None,
        });
    }
    Some(out)
}
