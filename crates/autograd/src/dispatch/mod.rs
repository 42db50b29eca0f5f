//! The one way to run anything.

pub mod custom;
pub mod fast_path;
pub(crate) mod half;
pub mod in_place;
pub mod infer;
pub mod update;

use crate::graph::modes;
use crate::graph::node::{Edge, Edges, Node, NodeKind, OpNode, OutMeta};
use crate::graph::saved::Saved;
use crate::graph::tensor::Tensor;
use crate::graph::trace;
use crate::graph::view::{Creation, ViewOf};
use crate::op::attrs::{Attr, Attrs};
use crate::op::call::{Call, Facts, Specs};
use crate::op::{Arrays, Body, Check, HalfOps, Kind, OpDef, Outputs, Params, Promotion};
use crate::transforms;
use crate::transforms::capture;
use crate::transforms::forward_mode;
use crate::transforms::profile::Span;
use crate::transforms::vmap;
use adjoint_tensor::apply::{Blocks, MAX_INPUTS};
use adjoint_tensor::promotion::{self, result_type, to_float};
use adjoint_tensor::{Array, DType, Error, Meta, Result, Scalar, apply, scratch};
use smallvec::{SmallVec, smallvec};
use std::cell::RefCell;
use std::rc::Rc;

/// Computes `op` and records what its derivative needs.
///
/// `inputs` are the tensor arguments in order, a list argument spread out, `None` for one left out. Errors name the op;
/// when there is one, nothing has changed.
pub fn dispatch(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    let _span = Span::op(op, false);
    let outputs = run(op, inputs, attrs).map_err(|e| op.named_in(e, false))?;
    transforms::carry(inputs, &outputs);
    Ok(outputs)
}

fn run(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    if let Body::Composite(body) = op.body {
        // Its body may go by shapes and dtypes.
        capture::note_facts(op.shown_name());
        check_composite(op, inputs, &attrs)?;
        return half::composite(op, body, inputs, &attrs);
    }
    if let Body::Update { rule, run } = op.body {
        update::run(op, rule, run, inputs, &attrs)?;
        return Ok(Outputs::new());
    }
    if let HalfOps::Called(ops) = op.half_ops
        && inputs.iter().flatten().any(|t| t.dtype().is_half())
    {
        return Ok(smallvec![ops(inputs, &attrs)?]);
    }
    vmap::check(op)?;
    if forward_mode::has_tangents(inputs) {
        capture::refuse(capture::DUAL)?;
        return forward_mode::dispatch(op, inputs, attrs);
    }
    dispatch_plain(op, inputs, attrs)
}

/// Runs an op that is no composite on inputs without tangents.
pub(crate) fn dispatch_plain(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    if let Body::Elementwise { blocks, params } = &op.body {
        let captured = capture::begin(inputs, false)?;
        let array = elementwise(op, blocks, *params, inputs, &attrs)?;
        return finish_one(op, inputs, attrs, array, captured);
    }
    let Some(captured) = capture::begin(inputs, false)? else {
        let arrays = compute(op, inputs, &attrs)?;
        return wrap(op, inputs, attrs, arrays);
    };
    let arrays = compute(op, inputs, &attrs)?;
    let outputs = wrap(op, inputs, attrs.clone(), arrays)?;
    captured.record(op, &attrs, &outputs, None);
    Ok(outputs)
}

/// Runs the op's body on the values.
pub(crate) fn compute(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Arrays> {
    if let Body::Elementwise { blocks, params } = &op.body {
        return Ok(smallvec![elementwise(op, blocks, *params, inputs, attrs)?]);
    }
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

/// What forbids a call of a composite by values, before its body goes by facts.
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
fn elementwise(
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
            return Ok(value);
        }
        return half::elementwise(op, params(attrs)?, inputs, dtype, |operands, numbers| {
            apply::compute_with(blocks, dtype, operands, numbers, uncast)
        });
    }
    if let Some((blocks, number)) = by_number(op, inputs) {
        let others = &inputs[..inputs.len() - 1];
        return with_operands(others, |operands| apply::compute(blocks, dtype, operands, &number[..blocks.n_params]));
    }
    if blocks.n_params == 0 {
        return with_operands(inputs, |operands| apply::compute_with(blocks, dtype, operands, &[], uncast));
    }
    let numbers = params(attrs)?;
    with_operands(inputs, |operands| apply::compute_with(blocks, dtype, operands, &numbers, uncast))
}

/// What computes an op whose last input is a plain number, and that number; see [`OpDef::by_number`].
#[inline]
pub(crate) fn by_number(op: &OpDef, inputs: &[Option<&Tensor>]) -> Option<(&'static Blocks, [f64; 1])> {
    let blocks_for = op.by_number?;
    let number = inputs.last().copied().flatten().filter(|t| t.is_wrapped_number())?.array().item().ok()?;
    // A parameter is f64.
    let is_exact = !matches!(number, Scalar::Int(v) if v.unsigned_abs() > 1 << f64::MANTISSA_DIGITS);
    is_exact.then(|| (blocks_for(number.to_f64()), [number.to_f64()]))
}

/// Runs `f` on the values of the inputs that were given, of which an elementwise op has few: they stay on the stack.
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

/// The dtype the op's inputs are computed in.
#[inline]
pub(crate) fn compute_dtype(op: &OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<DType> {
    let common = |from: usize| {
        let tensors = &inputs[from.min(inputs.len())..];
        leading_dtype(op, tensors, attrs)
            .unwrap_or_else(|| promoted_dtype(op, tensors.iter().flatten().map(|t| operand(t)), attrs))
    };
    Ok(by_promotion(op.promotion, common, || inputs.iter().flatten().next().map(|t| t.dtype())))
}

/// The dtype of a computation by its kind of promotion: `common` is that of the inputs from one on, `first` that of the first.
#[inline]
pub(crate) fn by_promotion(
    promotion: Promotion,
    common: impl Fn(usize) -> DType,
    first: impl FnOnce() -> Option<DType>,
) -> DType {
    match promotion {
        Promotion::Common | Promotion::Compare => common(0),
        Promotion::Integral => match common(0) {
            DType::Bool => DType::Int64,
            dtype => dtype,
        },
        Promotion::Float => to_float(common(0)),
        Promotion::CommonFrom(n) => common(n as usize),
        Promotion::First | Promotion::Keep => first().unwrap_or(promotion::DEFAULT_FLOAT),
    }
}

/// The common dtype in the usual cases: all tensors have that of the first, or are plain numbers of no higher category,
/// which change nothing; and no attribute takes part.
#[inline]
fn leading_dtype(op: &OpDef, tensors: &[Option<&Tensor>], attrs: &Attrs) -> Option<DType> {
    let mut given = tensors.iter().flatten();
    let first = given.next()?;
    let dtype = first.dtype();
    let agrees = |t: &Tensor| {
        if t.is_wrapped_number() { promotion::can_cast(t.dtype(), dtype) } else { t.dtype() == dtype }
    };
    let plain = attrs.0.is_empty() || op.args.iter().all(|arg| arg.kind != Kind::Scalar);
    (plain && !first.is_wrapped_number() && given.all(|t| agrees(t))).then_some(dtype)
}

/// The common dtype by PyTorch's rules.
#[inline(never)]
pub(crate) fn promoted_dtype(op: &OpDef, operands: impl Iterator<Item = promotion::Operand>, attrs: &Attrs) -> DType {
    let numbers = op
        .args
        .iter()
        .filter(|a| !a.kind.is_tensor())
        .zip(&attrs.0)
        .filter(|(arg, _)| arg.kind == Kind::Scalar)
        .filter_map(|(_, attr)| match attr {
            Attr::Scalar(s) => Some(promotion::Operand { dtype: s.dtype(), zero_dim: true, wrapped: true }),
            _ => None,
        });
    result_type(operands.chain(numbers))
}

fn operand(t: &Tensor) -> promotion::Operand {
    promotion::Operand { dtype: t.dtype(), zero_dim: t.rank() == 0, wrapped: t.is_wrapped_number() }
}

/// Turns the array of an op with one output, which is no view, into a tensor with its place in the graph.
fn finish_one(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: Attrs,
    array: Array,
    captured: Option<capture::Pending>,
) -> Result<Outputs> {
    let captured = captured.map(|call| (call, attrs.clone()));
    let out = Tensor::from_array(array);
    if wants_record(op, inputs) {
        let node = record(op, inputs, attrs, std::slice::from_ref(&out))?;
        if out.dtype().is_float() {
            out.set_history(Edge { node, index: 0 });
        }
    }
    let outputs: Outputs = smallvec![out];
    if let Some((call, attrs)) = captured {
        call.record(op, &attrs, &outputs, None);
    }
    Ok(outputs)
}

/// Turns computed arrays into tensors with their place in the graph. Hidden outputs are dropped once saved.
fn wrap(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs, arrays: Arrays) -> Result<Outputs> {
    let public = arrays.len() - op.hidden_outputs;
    let is_view = matches!(op.body, Body::View(_) | Body::Views(_));
    let mut outputs: Outputs = match inputs.first().copied().flatten() {
        Some(source) if is_view => arrays.into_iter().map(|array| Tensor::window(source, array)).collect(),
        _ => arrays.into_iter().map(Tensor::from_array).collect(),
    };
    let records = wants_record(op, inputs);
    let node = if records { Some(record(op, inputs, attrs, &outputs)?) } else { None };
    outputs.truncate(public);
    if is_view {
        let source = inputs[0].expect("a view has a source");
        for t in &outputs {
            t.set_view(ViewOf::new(source, Creation::now(matches!(op.body, Body::Views(_)))));
        }
    }
    if let Some(node) = node {
        for (i, t) in outputs.iter().enumerate() {
            if t.dtype().is_float() {
                t.rebase(Some(Edge { node: node.clone(), index: i as u32 }));
            }
        }
    }
    Ok(outputs)
}

/// Whether a call of `op` is to be recorded.
#[inline]
pub(crate) fn wants_record(op: &OpDef, inputs: &[Option<&Tensor>]) -> bool {
    modes::recording() && op.vjp.function().is_some() && inputs.iter().flatten().any(|t| t.requires_grad())
}

/// Makes the node of a call, with edges to its inputs and what its derivative reads.
pub(crate) fn record(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: Attrs,
    outputs: &[Tensor],
) -> Result<Rc<Node>> {
    let node = record_inputs(op, inputs, attrs, outputs)?;
    save_outputs(&node, outputs)?;
    Ok(node)
}

/// The first half of [`record`], for in-place ops: all but the outputs' values, of which only shapes and dtypes are read.
pub(crate) fn record_inputs(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: Attrs,
    outputs: &[Tensor],
) -> Result<Rc<Node>> {
    let mut edges = Edges::new();
    let mut numbers = 0;
    for (i, t) in inputs.iter().enumerate() {
        if t.is_some_and(Tensor::is_wrapped_number) && i < 8 {
            numbers |= 1 << i;
        }
        edges.push(match t {
            Some(t) if t.dtype().is_float() => t.edge()?,
            _ => None,
        });
    }
    let mask = wanted(op.saves.inputs, &edges);
    let metas = match outputs {
        [out] => smallvec![OutMeta::of(out)],
        _ => outputs.iter().map(OutMeta::of).collect(),
    };
    let node = Node::new(NodeKind::Op(OpNode { op, attrs, numbers, saved: RefCell::default() }), edges, metas);
    if mask != 0 {
        save_inputs(&node, mask, inputs)?;
    }
    if modes::anomaly().enabled {
        trace::trace(&node);
    }
    Ok(node)
}

/// Keeps the inputs of the mask. Nothing is borrowed while pack hooks run.
fn save_inputs(node: &Node, mask: u8, inputs: &[Option<&Tensor>]) -> Result<()> {
    let NodeKind::Op(record) = &node.kind else { return Ok(()) };
    for (i, t) in inputs.iter().enumerate().take(8) {
        if let (Some(t), true) = (t, mask >> i & 1 == 1) {
            let saved = Saved::input(t, i, node.edges[i].as_ref())?;
            record.saved.borrow_mut().keep(saved);
        }
    }
    Ok(())
}

/// The second half of [`record`]: keeps those outputs the derivative reads.
pub(crate) fn save_outputs(node: &Node, outputs: &[Tensor]) -> Result<()> {
    let NodeKind::Op(record) = &node.kind else { return Ok(()) };
    if record.op.saves.outputs.is_empty() {
        return Ok(());
    }
    let mask = wanted(record.op.saves.outputs, &node.edges);
    if mask == 0 {
        return Ok(());
    }
    for (i, t) in outputs.iter().enumerate().take(8) {
        if mask >> i & 1 == 1 {
            let saved = Saved::output(t, i)?;
            record.saved.borrow_mut().keep(saved);
        }
    }
    Ok(())
}

/// What the gradients that are wanted need, of masks by input.
#[inline]
fn wanted(masks: &[u8], edges: &Edges) -> u8 {
    edges.iter().zip(masks).filter(|(edge, _)| edge.is_some()).fold(0, |all, (_, mask)| all | mask)
}
