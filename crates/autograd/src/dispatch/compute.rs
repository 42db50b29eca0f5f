//! Running the body of an op on the values of its inputs.

use crate::dispatch::promotion::compute_dtype;
use crate::dispatch::{batched, half, infer};
use crate::graph::tensor::Tensor;
use crate::op::{Arrays, Attrs, Body, Call, Check, Facts, HalfOps, OpDef, Params, Promotion, Specs};
use adjoint_cpu::elementwise::{self, Blocks, MAX_INPUTS};
use adjoint_tensor::{Array, Error, Meta, Result, Scalar, scratch};
use smallvec::{SmallVec, smallvec};

/// Runs the op's body on the values.
pub(crate) fn compute(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Arrays> {
    if let Body::Elementwise { blocks, params } = &op.body {
        return Ok(smallvec![elementwise(op, blocks, *params, inputs, attrs)?]);
    }
    if batched::may_have_samples(op, inputs) { of_samples(op, inputs, attrs) } else { of_one(op, inputs, attrs) }
}

/// Runs a body that is no elementwise loop, where no samples take part, or on all where it is a
/// view.
fn of_one(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Arrays> {
    let mut arrays: SmallVec<[Option<&Array>; 4]> = SmallVec::new();
    let mut metas: SmallVec<[Option<&Meta>; 4]> = SmallVec::new();
    for t in inputs {
        arrays.push(t.map(Tensor::array));
        metas.push(t.map(|t| t.array().meta()));
    }
    let facts = Facts { op, inputs: &metas, attrs };
    match &op.body {
        Body::Kernel { rule, run } => {
            let specs: Specs = rule(&facts)?;
            let checked = op.check.values(&Call { facts, inputs: &arrays, checked: &[] })?;
            let call = Call { facts, inputs: &arrays, checked: &checked };
            if half::is_widened(op, &metas, &specs) {
                if let HalfOps::Value(ops) = op.half_ops
                    && let Some(value) = half::by_ops(ops, inputs, attrs)?
                {
                    return Ok(smallvec![specs[0].lay_out(value)?]);
                }
                return with_scratch(half::kernel(&call, *run, &specs));
            }
            let mut outs = Arrays::new();
            for spec in &specs {
                outs.push(spec.empty()?);
            }
            with_scratch(run(&call, &mut outs))?;
            Ok(outs)
        }
        Body::Dynamic { rule, run } => {
            rule(&facts)?;
            with_scratch(run(&Call { facts, inputs: &arrays, checked: &[] }))
        }
        Body::View(f) => {
            let base = first(&arrays)?;
            Ok(smallvec![base.with_layout(f(base, attrs)?)?])
        }
        Body::Views(f) => {
            let base = first(&arrays)?;
            f(base, attrs)?.into_iter().map(|layout| base.with_layout(layout)).collect()
        }
        Body::Elementwise { .. } | Body::Composite(_) | Body::Update { .. } => unreachable!("handled above"),
    }
}

/// The same where samples may take part: runs a kernel on all of them.
#[cold]
#[inline(never)]
fn of_samples(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Arrays> {
    let arrays: SmallVec<[Option<&Array>; 4]> = inputs.iter().map(|t| t.map(Tensor::array)).collect();
    let all = batched::dims_of(op, &arrays);
    if all.is_empty() || !matches!(op.body, Body::Kernel { .. } | Body::Dynamic { .. }) {
        return of_one(op, inputs, attrs);
    }
    if let (Body::Kernel { rule, .. }, HalfOps::Value(ops)) = (&op.body, op.half_ops) {
        let metas: SmallVec<[Option<&Meta>; 4]> = arrays.iter().map(|x| x.map(Array::meta)).collect();
        let specs = rule(&Facts { op, inputs: &metas, attrs })?;
        if half::is_widened(op, &metas, &specs)
            && let Some(value) = half::by_ops(ops, inputs, attrs)?
        {
            return Ok(smallvec![specs[0].lay_out(value)?]);
        }
    }
    batched::compute(op, &arrays, attrs, &all)
}

/// Fails where values forbid a call of a composite, before its body goes by facts.
#[inline]
pub(crate) fn check_composite(op: &OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<()> {
    match op.check {
        Check::Nothing => Ok(()),
        check => check.run(inputs, attrs, compute_dtype(op, inputs, attrs)?),
    }
}

/// What a kernel gave, unless it had no memory for its scratch.
#[inline(always)]
fn with_scratch<T>(result: Result<T>) -> Result<T> {
    scratch::check_kernels()?;
    result
}

/// The body of an elementwise op.
#[inline]
pub(crate) fn elementwise(
    op: &'static OpDef,
    blocks: &Blocks,
    params: fn(&Attrs) -> Result<Params>,
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
) -> Result<Array> {
    let dtype = compute_dtype(op, inputs, attrs)?;
    op.check.run(inputs, attrs, dtype)?;
    let uncast = match op.promotion {
        Promotion::CommonFrom(n) => n as usize,
        _ => 0,
    };
    if dtype.is_half() {
        if let HalfOps::Value(ops) = op.half_ops
            && let Some(value) = half::by_ops(ops, inputs, attrs)?
        {
            return infer::laid_out(op, inputs, value);
        }
        return half::elementwise(op, params(attrs)?, inputs, dtype, |operands, numbers| {
            elementwise::compute_with(blocks, dtype, operands, numbers, uncast)
        });
    }
    if let Some((blocks, number)) = by_number(op, inputs) {
        let others = &inputs[..inputs.len() - 1];
        return with_operands(others, |operands| {
            elementwise::compute(blocks, dtype, operands, &number[..blocks.n_params])
        });
    }
    if blocks.n_params == 0 {
        return with_operands(inputs, |operands| elementwise::compute_with(blocks, dtype, operands, &[], uncast));
    }
    let numbers = params(attrs)?;
    with_operands(inputs, |operands| elementwise::compute_with(blocks, dtype, operands, &numbers, uncast))
}

/// The kernel of an op whose last input is a number, and that number; see [`OpDef::by_number`].
#[inline]
pub(crate) fn by_number(op: &OpDef, inputs: &[Option<&Tensor>]) -> Option<(&'static Blocks, [f64; 1])> {
    let blocks_for = op.by_number?;
    let number = inputs.last().copied().flatten().filter(|t| t.is_wrapped_number())?.array().item().ok()?;
    // A parameter is f64.
    let is_exact = !matches!(number, Scalar::Int(v) if v.unsigned_abs() > 1 << f64::MANTISSA_DIGITS);
    is_exact.then(|| (blocks_for(number.to_f64()), [number.to_f64()]))
}

/// Runs `f` on the values of the inputs that were given, of which an elementwise op has few: they
/// stay on the stack.
#[inline(always)]
pub(crate) fn with_operands<R>(inputs: &[Option<&Tensor>], f: impl FnOnce(&[&Array]) -> R) -> R {
    let mut given = inputs.iter().flatten();
    let Some(first) = given.next() else { return f(&[]) };
    let (mut list, mut len) = ([first.array(); MAX_INPUTS], 1);
    for t in given {
        list[len] = t.array();
        len += 1;
    }
    f(&list[..len])
}

fn first<'a>(arrays: &[Option<&'a Array>]) -> Result<&'a Array> {
    arrays.first().copied().flatten().ok_or_else(|| Error::usage("expected a tensor as first argument"))
}
