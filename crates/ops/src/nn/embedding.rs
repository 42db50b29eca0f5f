//! Rows of a table by number.

use crate::invoke;
use crate::shared::checks;
use crate::shared::indices;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Arrays, Attr, Attrs, Backward, Batching, Body, Call, Check, Class, ErrorSample, Facts, Grads, Half, Jvp,
    Kind, NodeNaming, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::accumulate_each;
use adjoint_cpu::floats;
use adjoint_kernels::index;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::{Array, Code, DType, Dims, Error, Result, Scalar, scratch};
use smallvec::smallvec;

/// The padding row in attribute `i`, from the start.
fn padding(attrs: &Attrs, i: usize, rows: usize) -> Result<Option<usize>> {
    let Some(given) = attrs.opt_int(i) else { return Ok(None) };
    let at = if given < 0 { given + rows as i64 } else { given };
    if at < 0 || at >= rows as i64 {
        return Err(Error::index(format!("paddingIdx must be within the {rows} rows of weight, got {given}")));
    }
    Ok(Some(at as usize))
}

fn rule(call: &Facts) -> Result<Specs> {
    let (ids, weight) = (call.input(0), call.input(1));
    if weight.rank() != 2 {
        return Err(Error::shape(format!("weight must have 2 dims, got shape {:?}", weight.shape())));
    }
    if !matches!(ids.dtype(), DType::Int64 | DType::Int32) {
        return Err(checks::wrong_integers("an input", "int64 or int32", ids.dtype()));
    }
    if call.attrs.opt_float(1).is_some() {
        return Err(Error::usage(
            "maxNorm would change weight during the forward pass and is not supported; scale the rows yourself",
        ));
    }
    if call.attrs.get_bool(4) {
        return Err(Error::usage("sparse gradients are not supported; leave sparse out"));
    }
    let [rows, width] = [weight.shape()[0], weight.shape()[1]];
    padding(call.attrs, 0, rows)?;
    let mut shape = Dims::from_slice(ids.shape());
    shape.push(width);
    Ok(Spec::one(shape, call.floating(1)?))
}

/// Fails unless every id is that of a row; returns the ids.
fn check(call: &Call) -> Result<Arrays> {
    let ids = indices::read(call.input(0))?;
    indices::in_range(ids.as_slice(), call.input(1).shape()[0], 0)?;
    Ok(smallvec![ids])
}

/// Writes row `ids[i]` of `table` to row i of `out`.
fn gather(ids: &[i64], table: &Array, out: &mut Array) -> Result<()> {
    let table = table.contiguous()?;
    let axis = Axis { outer: 1, n: table.shape()[0], inner: table.shape()[1] };
    floats!(out.dtype(), T => index::index_select(table.as_slice::<T>(), axis, ids, out.as_mut_slice::<T>()));
    Ok(())
}

/// What the gradient of each row is multiplied with: 0 for padding, one over the number of uses
/// where that is asked for.
fn factors(ids: &[i64], rows: usize, attrs: &Attrs) -> Result<Vec<f64>> {
    let mut factors = scratch::filled(1.0, rows)?;
    if attrs.get_bool(1) {
        let mut uses = scratch::filled(0.0, rows)?;
        ids.iter().for_each(|&id| uses[id as usize] += 1.0);
        factors.iter_mut().zip(uses).for_each(|(factor, n): (&mut f64, f64)| *factor = 1.0 / n.max(1.0));
    }
    if let Some(at) = padding(attrs, 0, rows)? {
        factors[at] = 0.0;
    }
    Ok(factors)
}

/// Multiplies row i of `x` with `factor(i)`.
fn scale_rows(x: &mut Array, factor: impl Fn(usize) -> f64) -> Result<()> {
    let width = x.shape()[x.rank() - 1].max(1);
    floats!(x.dtype(), T => {
        for (i, row) in x.as_mut_slice::<T>().chunks_exact_mut(width).enumerate() {
            let f = factor(i);
            // Not a product for 0: padding takes part in nothing, not even in NaN.
            row.iter_mut().for_each(|v| *v = if f == 0.0 { 0.0 } else { *v * f as T });
        }
    });
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let ids = b.input(0)?;
    let attrs = rest(b.attrs().get(0).clone(), b.attrs().get_bool(3)).shape(b.shape(1));
    Ok(smallvec![None, Some(invoke::with(&BACKWARD, &[Some(b.g()), Some(&ids)], attrs)?)])
}

fn rest(padding: Attr, by_frequency: bool) -> Attrs {
    Attrs::new().with(padding).bool(by_frequency)
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (g, out) = (call.input(0).contiguous()?, &mut outs[0]);
    let ids = indices::read(call.input(1))?;
    let ids = ids.as_slice::<i64>();
    let [rows, width] = [out.shape()[0], out.shape()[1]];
    out.fill(Scalar::Int(0));
    let axis = Axis { outer: 1, n: rows, inner: width };
    accumulate_each!(out, &g, |to, from, plus| index::index_add(to, axis, ids, from, plus));
    let factors = factors(ids, rows, call.attrs)?;
    if factors.iter().all(|&f| f == 1.0) {
        return Ok(());
    }
    if !out.dtype().is_half() {
        return scale_rows(out, |row| factors[row]);
    }
    let mut wide = out.cast(DType::Float32)?;
    scale_rows(&mut wide, |row| factors[row])?;
    out.assign(&wide)
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    // As in PyTorch, whose second derivative takes no account of frequencies.
    let attrs = rest(b.attrs().get(0).clone(), false);
    Ok(smallvec![Some(invoke::with(&SCALED, &[Some(b.g()), Some(&b.input(1)?)], attrs)?), None])
}

fn scaled_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let ids = indices::read(call.input(1))?;
    let ids = ids.as_slice::<i64>();
    let rows = call.input(0).shape()[0];
    gather(ids, call.input(0), &mut outs[0])?;
    let factors = factors(ids, rows, call.attrs)?;
    scale_rows(&mut outs[0], |i| factors[ids[i] as usize])
}

fn scaled_vjp(b: &Backward) -> Result<Grads> {
    let attrs = rest(b.attrs().get(0).clone(), b.attrs().get_bool(1)).shape(b.shape(0));
    Ok(smallvec![Some(invoke::with(&BACKWARD, &[Some(b.g()), Some(&b.input(1)?)], attrs)?), None])
}

fn samples() -> Vec<Sample> {
    let ids = |shape: &[usize]| SampleTensor::ints(shape, 0, 5).into();
    let table = || SampleTensor::new(&[5, 3]).into();
    let often = vec![
        ids(&[6]),
        table(),
        Attr::None.into(),
        Attr::None.into(),
        Attr::Float(2.0).into(),
        Attr::Bool(true).into(),
    ];
    vec![
        Sample::new("a vector of ids", vec![ids(&[4]), table()]),
        Sample::new("a matrix of ids", vec![ids(&[2, 3]), table()]),
        Sample::new("a padding row", vec![ids(&[6]), table(), Attr::Int(-2).into()]).kink(),
        Sample::new("gradients by frequency", often).kink(),
        Sample::new("no ids", vec![ids(&[0]), table()]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let table = || SampleTensor::new(&[5, 3]).into();
    let e = |label: &str, ids: SampleTensor, rest: &[Attr], code, message| {
        let mut args = vec![ids.into(), table()];
        args.extend(rest.iter().cloned().map(Into::into));
        ErrorSample { sample: Sample::new(label, args), code, message }
    };
    let ids = || SampleTensor::ints(&[2], 0, 5);
    let sparse = [Attr::None, Attr::None, Attr::Float(2.0), Attr::Bool(false), Attr::Bool(true)];
    vec![
        e("an id out of range", SampleTensor::ints(&[2], 5, 6), &[], Code::Index, "5"),
        e("floating ids", SampleTensor::new(&[2]), &[], Code::DType, "float64"),
        e("padding out of range", ids(), &[Attr::Int(5)], Code::Index, "within the 5 rows"),
        e("a greatest norm", ids(), &[Attr::None, Attr::Float(1.0)], Code::Usage, "maxNorm"),
        e("a sparse gradient", ids(), &sparse, Code::Usage, "sparse gradients are not supported"),
    ]
}

/// The ops: the rows, their derivative, and that one's.
pub static DEFS: &[&OpDef] = &[&EMBEDDING, &BACKWARD, &SCALED];

static EMBEDDING: OpDef = OpDef {
    name: "embedding",
    doc: "Returns the rows of `weight` that the integers in `input` name.\n\n\
          `input: [*]`, `weight: [rows, width]`, result `[*, width]`. The row `paddingIdx` (from the end if negative) gets no \
          gradient; repeated ids add theirs, with `scaleGradByFreq` divided by how often they occur in `input`. Ids out of range are an \
          IndexError. `maxNorm` and `sparse` are refused. Source: PyTorch, `torch.nn.functional.embedding`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("weight"),
        Arg::optional("padding_idx", Kind::Int, Default::None),
        Arg::optional("max_norm", Kind::Float, Default::None),
        Arg::optional("norm_type", Kind::Float, Default::Float(2.0)),
        Arg::optional("scale_grad_by_freq", Kind::Bool, Default::Bool(false)),
        Arg::optional("sparse", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Functional],
    class: Class::Index,
    node: "EmbeddingBackward0",
    shown: NodeNaming::without(0b1).saving(&[("input", "indices")]),
    check: Check::Values(check),
    body: Body::Kernel { rule, run: |call, outs| gather(call.checked[0].as_slice(), call.input(1), &mut outs[0]) },
    batching: &Batching::Leading { dims: &[], inputs: 0b01 },
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0, 0b01], outputs: &[] },
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_embedding_backward",
    part_of: "embedding",
    doc: "The derivative of `embedding` by `weight`, which has shape `size`.",
    args: &[
        Arg::tensor("grad_output"),
        Arg::tensor("ids"),
        Arg::optional("padding_idx", Kind::Int, Default::None),
        Arg::optional("scale_grad_by_freq", Kind::Bool, Default::Bool(false)),
        Arg::required("size", Kind::Ints),
    ],
    class: Class::Index,
    node: "EmbeddingDenseBackwardBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one(call.attrs.get_shape(2)?, call.input(0).dtype())),
        run: backward_run,
    },
    vjp: Vjp::Fn(backward_vjp),
    jvp: Jvp::Linear,
    half: Half::Native,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    ..OpDef::BASE
}
.shipped();

static SCALED: OpDef = OpDef {
    name: "_embedding_scaled",
    part_of: "embedding",
    doc: "The transpose of `_embedding_backward`: rows by id, each multiplied as its gradient is.",
    args: &[
        Arg::tensor("table"),
        Arg::tensor("ids"),
        Arg::optional("padding_idx", Kind::Int, Default::None),
        Arg::optional("scale_grad_by_freq", Kind::Bool, Default::Bool(false)),
    ],
    class: Class::Index,
    node: "EmbeddingBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| {
            let mut shape = Dims::from_slice(call.input(1).shape());
            shape.push(call.input(0).shape()[1]);
            Ok(Spec::one(shape, call.input(0).dtype()))
        },
        run: scaled_run,
    },
    vjp: Vjp::Fn(scaled_vjp),
    jvp: Jvp::Linear,
    half: Half::Native,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    ..OpDef::BASE
}
.shipped();

/// The rows of `weight` that `ids` name.
pub fn embedding(ids: &Tensor, weight: &Tensor) -> Result<Tensor> {
    invoke::with(&EMBEDDING, &[Some(ids), Some(weight)], Attrs::new())
}
