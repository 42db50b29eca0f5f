//! Elements combined at indices along a dim: sum, product, mean, greatest, smallest.

use super::scatter::scatter_value;
use super::{gather, scatter_add};
use crate::create::{ones_like::ones_like, zeros_like::zeros_like};
use crate::elementwise::to::to;
use crate::elementwise::{div::div, eq::eq, logical_and::logical_and, mul::mul, where_::where_};
use crate::invoke::{self, number};
use crate::shared::view::samples::{fails, int};
use crate::view::{reshape::reshape, slice};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Check, Class, Default, Grads, Half, Kind, NodeNaming, OpDef, Sample,
    SampleTensor, Saves, Tensor, Vjp,
};
use adjoint_cpu::index::at_least_1d;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, Result, scratch};
use smallvec::smallvec;

const WORDS: &[&str] = &["sum", "prod", "mean", "amax", "amin"];

/// How elements are combined, in the order of [`WORDS`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Sum,
    Prod,
    Mean,
    Max,
    Min,
}

fn how(attrs: &Attrs) -> How {
    [How::Sum, How::Prod, How::Mean, How::Max, How::Min][usize::from(attrs.get_choice(1)).min(4)]
}

/// A number as the two kinds of arithmetic see it.
trait Number: Copy + PartialOrd {
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// Whether it stays what it is whatever it is compared with.
    fn is_nan(self) -> bool;
}

impl Number for f64 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn is_nan(self) -> bool {
        f64::is_nan(self)
    }
}

impl Number for i64 {
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }
    fn is_nan(self) -> bool {
        false
    }
}

/// Combines `source` into `out`; what is combined for the first time replaces what was there where
/// `replace` holds.
fn combine<T: Number>(how: How, out: &mut [T], source: &[T], pairs: &[(usize, usize)], replace: bool) -> Result<()> {
    let mut fresh = scratch::filled(replace, out.len())?;
    for &(to, from) in pairs {
        let (x, y) = (out[to], source[from]);
        out[to] = match how {
            _ if std::mem::take(&mut fresh[to]) => y,
            How::Sum | How::Mean => x.plus(y),
            How::Prod => x.times(y),
            How::Max if x.is_nan() || x > y => x,
            How::Min if x.is_nan() || x < y => x,
            How::Max | How::Min => y,
        };
    }
    Ok(())
}

/// For each element of the index, where it leads in the result and where its source is.
#[allow(clippy::disallowed_methods, reason = "by rank")]
fn pairs(out: &Array, dim: usize, index: &Array, source: &Array) -> Result<Vec<(usize, usize)>> {
    let shape = at_least_1d(index.shape());
    let (wide, from) = (at_least_1d(out.shape()), at_least_1d(source.shape()));
    let places = index.as_slice::<i64>();
    let mut at = vec![0usize; shape.len()];
    let mut pairs = scratch::with_room(places.len())?;
    for &place in places {
        let (mut to, mut source) = (0, 0);
        for d in 0..shape.len() {
            to = to * wide[d] + if d == dim { place as usize } else { at[d] };
            source = source * from[d] + at[d];
        }
        pairs.push((to, source));
        for d in (0..shape.len()).rev() {
            at[d] += 1;
            if at[d] < shape[d] {
                break;
            }
            at[d] = 0;
        }
    }
    Ok(pairs)
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, index, source) = (call.input(0), &call.checked[0], call.input(2));
    let dim = wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    let (how, replace) = (how(call.attrs), !call.attrs.get_bool(2));
    let pairs = pairs(x, dim, index, source)?;
    let mut counts = scratch::filled(usize::from(!replace), x.numel())?;
    if how == How::Mean {
        pairs.iter().for_each(|&(to, _)| counts[to] += 1);
    }
    // In the widest type of its kind, like the rare dtypes everywhere.
    if x.dtype().is_float() {
        let (mut values, source) = (x.to_vec_f64()?, source.to_vec_f64()?);
        combine(how, &mut values, &source, &pairs, replace)?;
        if how == How::Mean {
            // Two steps, as in PyTorch: halves round the sum, the number of elements, and the
            // quotient.
            let dtype = x.dtype();
            let rounded = |v: f64| if dtype.is_half() { dtype.nearest(v) } else { v };
            values.iter_mut().zip(counts).for_each(|(v, n)| *v = rounded(*v) / rounded(n.max(1) as f64));
        }
        return outs[0].assign(&Array::from_slice(&values, x.shape())?);
    }
    let (mut values, source) = (x.to_vec_i64()?, source.to_vec_i64()?);
    combine(how, &mut values, &source, &pairs, replace)?;
    if how == How::Mean {
        values.iter_mut().zip(counts).for_each(|(v, n)| *v = v.div_euclid(n.max(1) as i64));
    }
    outs[0].assign(&Array::from_slice(&values, x.shape())?)
}

fn reduced(x: &Tensor, index: &Tensor, source: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(index), Some(source)], attrs.clone())
}

/// The gradients, by PyTorch's formulas: greatest and smallest share evenly among equals, products
/// leave one zero out.
fn vjp(b: &Backward) -> Result<Grads> {
    let (g, x, index, source, y) = (b.g(), b.input(0)?, b.input(1)?, b.input(2)?, b.output(0)?);
    let dim = wrap_dim(b.attrs().get_int(0)?, g.rank())?;
    let (zero, one) = (number(0.0)?, number(1.0)?);
    let pick = |t: &Tensor| spread(gather::gather(t, dim, &index)?, source.shape());
    let count = |t: &Tensor, s: &Tensor| scatter_add::scatter_add(t, dim, &index, s);
    let number_of = |mask: &Tensor| to(mask, g.dtype());
    let include = b.attrs().get_bool(2);
    let (dx, ds) = match how(b.attrs()) {
        How::Sum => (g.clone(), pick(g)?),
        How::Mean => {
            let start = if include { ones_like(g)? } else { zeros_like(g)? };
            let n = count(&start, &ones_like(&source.detach())?)?;
            let n = where_(&eq(&n, &zero)?, &one, &n)?;
            let share = div(g, &n)?;
            (share.clone(), pick(&share)?)
        }
        How::Prod => {
            let safe = where_(&eq(&x, &zero)?, &one, &x)?;
            let dx = div(&mul(g, &reduced(&safe, &index, &source, b.attrs())?)?, &safe)?;
            let is_zero = eq(&source, &zero)?;
            let zeros = pick(&count(&zeros_like(g)?, &number_of(&is_zero)?)?)?;
            let only = logical_and(&is_zero, &eq(&zeros, &one)?)?;
            let others = reduced(&x, &index, &where_(&only, &one, &source)?, b.attrs())?;
            let plain = div(&pick(&mul(g, &y)?)?, &where_(&is_zero, &one, &source)?)?;
            (dx, where_(&only, &pick(&mul(g, &others)?)?, &plain)?)
        }
        How::Max | How::Min => {
            let (mine, theirs) = (number_of(&eq(&x, &y)?)?, number_of(&eq(&source, &pick(&y)?)?)?);
            let share = div(g, &count(&mine, &theirs)?)?;
            (mul(&mine, &share)?, mul(&theirs, &pick(&share)?)?)
        }
    };
    let dx = if include { dx } else { scatter_value(&dx, dim, &index, 0.0)? };
    Ok(smallvec![Some(dx), None, Some(ds)])
}

/// Zeros where the index does not reach.
fn spread(mut t: Tensor, shape: &[usize]) -> Result<Tensor> {
    // A 0-dim index is one of a source with a dim, too.
    if t.rank() < shape.len() {
        t = reshape(&t, &[1])?;
    }
    for (d, &n) in shape.iter().enumerate() {
        if t.shape()[d] != n {
            t = slice::padded(&t, d, n)?;
        }
    }
    Ok(t)
}

fn sample(label: &str, how: u8, include: bool) -> Sample {
    let mut sample = scatter_add::sample(label, &[3, 4], 0, &[2, 4], &[2, 4]);
    sample.args[3] = SampleTensor::new(&[2, 4]).avoid(&[0.0]).distinct().into();
    sample.args.push(Attr::Choice(how).into());
    sample.args.push(Attr::Bool(include).into());
    sample
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "scatter_reduce",
    doc: "Returns a copy of `input` with the elements of `src` combined into it at the places `index` gives along `dim`.\n\n\
          `reduce` is \"sum\", \"prod\", \"mean\", \"amax\" or \"amin\"; without `include_self` the elements of `input` that are reached do not \
          take part. Shapes and index as for `scatterAdd`. Equal greatest and smallest elements share the gradient. Source: PyTorch, \
          `torch.scatter_reduce`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
        Arg::tensor("src"),
        Arg::required("reduce", Kind::Choice(WORDS)),
        Arg::optional("include_self", Kind::Bool, Default::Bool(true)),
    ],
    class: Class::Index,
    node: "ScatterReduceBackward0",
    shown: NodeNaming::without(0b10),
    in_place: true,
    half: Half::Native,
    check: Check::Values(gather::check),
    body: Body::Kernel { rule: scatter_add::rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b111, 0, 0b111], outputs: &[1, 0, 1] },
    samples: || {
        WORDS
            .iter()
            .enumerate()
            .flat_map(|(i, word)| [sample(word, i as u8, true), sample(&format!("{word} without itself"), i as u8, false)])
            .collect()
    },
    errors: || {
        let mut outside = sample("an index outside", 0, true);
        outside.args[1] = int(5).into();
        vec![fails(outside, Code::Index, "out of range")]
    },
    ..OpDef::BASE
}.shipped();
