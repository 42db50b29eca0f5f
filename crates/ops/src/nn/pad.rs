//! A tensor with a margin.

use crate::create::full::full;
use crate::index::index_select;
use crate::invoke;
use crate::shared::checks;
use crate::shared::nn::reduction::one;
use crate::shared::view::samples::{call, fails, ints};
use crate::view::{cat::cat, narrow::narrow};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, NodeNaming, OpDef, Outputs, Sample, Tensor};
use adjoint_tensor::array::checked_size;
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar, scratch};

const MODES: &[&str] = &["constant", "reflect", "replicate", "circular"];

/// One dim with `before` and `after` elements of `value` more, or fewer where negative.
#[allow(clippy::disallowed_methods, reason = "by rank")]
fn constant(x: &Tensor, dim: usize, before: i64, after: i64, value: Scalar) -> Result<Tensor> {
    let n = x.shape()[dim] as i64;
    let (start, end) = ((-before).max(0), n - (-after).max(0));
    if end < start || n + before + after < 0 {
        return Err(Error::shape(format!(
            "the padding {before}, {after} leaves a negative size of dim {dim}, which has size {n}"
        )));
    }
    let kept = if start == 0 && end == n { x.clone() } else { narrow(x, dim, start as usize, (end - start) as usize)? };
    let margin = |size: i64| -> Result<Option<Tensor>> {
        if size <= 0 {
            return Ok(None);
        }
        let mut shape = x.shape().to_vec();
        shape[dim] = checked_size(size)?;
        Ok(Some(full(&shape, value, x.dtype())?))
    };
    let (left, right) = (margin(before)?, margin(after)?);
    match (&left, &right) {
        (None, None) => Ok(kept),
        (Some(l), None) => cat(&[l, &kept], dim),
        (None, Some(r)) => cat(&[&kept, r], dim),
        (Some(l), Some(r)) => cat(&[l, &kept, r], dim),
    }
}

/// One dim with the elements that `mode` finds beyond its ends.
fn repeated(x: &Tensor, dim: usize, before: i64, after: i64, mode: u8) -> Result<Tensor> {
    let n = x.shape()[dim] as i64;
    let limit = if mode == 1 { n - 1 } else { n };
    if mode != 2 && (before > limit || after > limit) {
        let what = if mode == 1 { "must be less than" } else { "must not be greater than" };
        return Err(Error::shape(format!(
            "padding size {what} the corresponding input dimension, but got: padding ({before}, {after}) at dimension {dim} of input {:?}",
            x.shape()
        )));
    }
    if n + before + after < 1 || n == 0 {
        return Err(Error::shape(format!(
            "input (size {n}) with padding ({before}, {after}) at dimension {dim} leaves an output that is too small"
        )));
    }
    let at = |i: i64| match mode {
        1 if i < 0 => -i,
        1 if i >= n => 2 * (n - 1) - i,
        1 => i,
        _ => i.clamp(0, n - 1),
    };
    // A circle is closed after the cut: PyTorch pads what is left.
    let (start, end) = if mode == 3 { ((-before).max(0), n - (-after).max(0)) } else { (0, n) };
    let at = |i: i64| if mode == 3 { start + (i - start).rem_euclid((end - start).max(1)) } else { at(i) };
    let len =
        usize::try_from(n + before + after).map_err(|_| Error::shape("the padded size is larger than any memory"))?;
    let places = scratch::collected((0..len).map(|i| at(i as i64 - before)))?;
    let places = Tensor::from_array(Array::from_slice(&places, &[places.len()])?);
    // PyTorch has ops for margins but circular ones.
    let op = if mode == 3 { &index_select::DEF } else { &REPEATED };
    invoke::with(op, &[Some(x), Some(&places)], Attrs::new().int(dim as i64))
}

/// Fails where a padding is larger than any size: sums of such overflow.
fn addressable(padding: &[i64]) -> Result<()> {
    match padding.iter().find(|&&n| isize::try_from(n).is_err() || n.unsigned_abs() > 1 << 61) {
        None => Ok(()),
        Some(n) => Err(Error::shape(format!("a padding of {n} in {padding:?} is larger than any memory"))),
    }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let pads = attrs.get_ints(0)?;
    let mode = attrs.get_choice(1);
    if pads.len() % 2 != 0 {
        return Err(Error::usage(format!("padding length must be divisible by 2, got {pads:?}")));
    }
    if pads.len() / 2 > x.rank() {
        return Err(Error::shape(format!(
            "padding length {} is too large for a tensor with {} dim(s)",
            pads.len(),
            x.rank()
        )));
    }
    addressable(pads)?;
    let dims = pads.len() / 2;
    if mode != 0 {
        if attrs.opt_float(2).is_some_and(|v| v != 0.0) {
            return Err(Error::usage(format!(
                "padding mode \"{}\" doesn't take in value argument",
                MODES[usize::from(mode)]
            )));
        }
        // The dims in front are the batch and the channels, of which an unbatched input lacks the
        // first.
        if dims == 0 || dims > 3 || x.rank() < dims + 1 || x.rank() > dims + 2 {
            return Err(Error::shape(format!(
                "only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now: the last 1, 2 or 3 dims of an input with one or two \
                 dims in front of them, got {} of shape {:?}",
                pads.len(),
                x.shape()
            )));
        }
        if let Some(d) = (1..x.rank()).find(|&d| x.shape()[d] == 0) {
            return Err(Error::shape(format!(
                "expected non-zero sizes except for the batch, dim {d} of {:?} is empty",
                x.shape()
            )));
        }
    }
    let value = attrs.opt_scalar(2).unwrap_or(Scalar::Int(0));
    if mode == 0 && x.dtype() == DType::UInt8 {
        // Elsewhere a negative integer wraps; here PyTorch takes a floating-point number.
        checks::holds("value", Scalar::Float(value.to_f64()), x.dtype())?;
    }
    let mut out = x.clone();
    for (i, pair) in pads.chunks(2).enumerate() {
        let dim = x.rank() - 1 - i;
        if pair == [0, 0] {
            continue;
        }
        out = if mode == 0 {
            constant(&out, dim, pair[0], pair[1], value)?
        } else {
            repeated(&out, dim, pair[0], pair[1], mode)?
        };
    }
    one(if out.is_same(x) { crate::view::clone::clone(x)? } else { out })
}

/// PyTorch has an op for each mode and number of dims; a circular margin is written by several, in place.
fn name_of_result(_: &[Option<&Tensor>], attrs: &Attrs) -> &'static str {
    let dims = attrs.opt_ints(0).map_or(0, |pads| pads.len() / 2);
    match (attrs.get_choice(1), dims) {
        (0, _) => "ConstantPadNdBackward0",
        (1, 1) => "ReflectionPad1DBackward0",
        (1, 2) => "ReflectionPad2DBackward0",
        (1, 3) => "ReflectionPad3DBackward0",
        (2, 1) => "ReplicationPad1DBackward0",
        (2, 2) => "ReplicationPad2DBackward0",
        (2, 3) => "ReplicationPad3DBackward0",
        _ => "",
    }
}

fn sample(label: &str, shape: &[usize], pads: &[i64], mode: u8) -> Sample {
    call(label, shape, [ints(pads), Attr::Choice(mode)])
}

/// The ops.
pub static DEFS: &[&OpDef] = &[&DEF, &REPEATED];

static REPEATED: OpDef = OpDef {
    name: "_pad_repeated",
    part_of: "pad",
    doc: "`index_select` whose gradient is flat in `input`.",
    surface: &[],
    flat: [1, 0],
    errors: Vec::new,
    ..index_select::DEF
}
.shipped();

/// The op users call.
pub static DEF: OpDef = OpDef {
    name: "pad",
    doc: "Returns `input` with a margin around its last dims.\n\n\
          `pad` lists how many elements are put before and after, the last dim first: `[left, right, top, bottom]`; negative numbers cut. \
          `mode` is \"constant\" for `value`, or \"reflect\" (without the edge), \"replicate\" (the edge) or \"circular\" for the last one to \
          three dims behind channels and an optional batch. Source: PyTorch, `torch.nn.functional.pad`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("pad", Kind::Ints),
        Arg::optional("mode", Kind::Choice(MODES), Default::Word("constant")),
        Arg::optional("value", Kind::Factor, Default::None),
    ],
    surface: &[Api::Functional],
    shown: NodeNaming::of_result(name_of_result),
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("zeros", &[2, 3], &[1, 2], 0),
            sample("cut", &[2, 4], &[-1, 1, 1, -1], 0),
            sample("reflect", &[1, 2, 4], &[2, 1], 1),
            sample("replicate", &[1, 2, 3], &[2, 3], 2),
            sample("circular", &[1, 2, 3], &[1, 2], 3),
        ]
    },
    errors: || {
        vec![
            fails(sample("an odd list", &[2, 3], &[1], 0), Code::Usage, "divisible by 2"),
            fails(sample("a margin wider than the input", &[1, 2, 3], &[3, 0], 1), Code::Shape, "must be less than"),
        ]
    },
    ..OpDef::COMPOSITE
}.shipped();
