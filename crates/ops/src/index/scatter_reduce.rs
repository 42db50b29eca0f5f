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
use adjoint_cpu::index::{at_least_1d, on_part, part_of};
use adjoint_kernels::dtype::Element;
use adjoint_kernels::index as kernel;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, DType, Result, scratch};
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

/// A number as sums, products and comparisons see it.
trait Number: Element + PartialOrd {
    /// What added to any number gives that number.
    const NOTHING: Self;
    const ONE: Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// Whether it stays what it is whatever it is compared with.
    fn is_nan(self) -> bool;
}

macro_rules! float {
    ($t:ident) => {
        impl Number for $t {
            const NOTHING: Self = -0.0;
            const ONE: Self = 1.0;
            fn plus(self, other: Self) -> Self {
                self + other
            }
            fn times(self, other: Self) -> Self {
                self * other
            }
            fn is_nan(self) -> bool {
                $t::is_nan(self)
            }
        }
    };
}

float!(f32);
float!(f64);

impl Number for i64 {
    const NOTHING: Self = 0;
    const ONE: Self = 1;
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

/// What is combined, and where.
struct Combined<'a> {
    how: How,
    axis: Axis,
    index: &'a [i64],
    /// Indices along the axis.
    len: usize,
    /// Whether what is combined for the first time replaces what was there.
    replace: bool,
}

impl Combined<'_> {
    /// Combines `source` with `out`.
    fn apply<T: Number>(&self, out: &mut [T], source: &[T]) -> Result<()> {
        let &Combined { how, axis, index, len, replace } = self;
        if replace {
            // The greatest and the smallest are among the elements; others begin with what changes
            // none of them.
            let first = match how {
                How::Max | How::Min => None,
                How::Sum | How::Mean => Some(T::NOTHING),
                How::Prod => Some(T::ONE),
            };
            match first {
                None => kernel::scatter(out, axis, index, len, source),
                Some(first) => kernel::scatter(out, axis, index, len, &scratch::filled(first, source.len())?),
            }
        }
        match how {
            How::Sum | How::Mean => kernel::scatter_with(out, axis, index, len, source, T::plus),
            How::Prod => kernel::scatter_with(out, axis, index, len, source, T::times),
            How::Max => {
                kernel::scatter_with(out, axis, index, len, source, |x, y| if x.is_nan() || x > y { x } else { y });
            }
            How::Min => {
                kernel::scatter_with(out, axis, index, len, source, |x, y| if x.is_nan() || x < y { x } else { y });
            }
        }
        Ok(())
    }

    /// How many elements each is the sum of, and 1 for those of none.
    fn counts(&self, elements: usize) -> Result<Vec<i64>> {
        let mut counts = scratch::filled(i64::from(!self.replace), elements)?;
        let ones = scratch::filled(1, self.index.len())?;
        kernel::scatter_with(&mut counts, self.axis, self.index, self.len, &ones, |x, y| x + y);
        counts.iter_mut().for_each(|n| *n = (*n).max(1));
        Ok(counts)
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, index, source) = (call.input(0), &call.checked[0], call.input(2));
    if index.numel() == 0 {
        return outs[0].assign(x);
    }
    let dim = wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    let (how, replace, dtype) = (how(call.attrs), !call.attrs.get_bool(2), x.dtype());
    // The greatest and the smallest are what they are in any dtype; others are computed in the widest
    // of their kind.
    let wide = match dtype {
        DType::Float32 | DType::Float64 if matches!(how, How::Max | How::Min) => dtype,
        _ if dtype.is_float() => DType::Float64,
        _ => DType::Int64,
    };
    let shape = at_least_1d(index.shape());
    let source = part_of(source, &shape)?.cast(wide)?;
    let mut result = Array::empty(x.shape(), wide)?;
    result.assign(x)?;
    on_part(&mut result, &shape, dim, |out, axis| {
        let combined = Combined { how, axis, index: index.as_slice(), len: shape[dim], replace };
        match wide {
            DType::Float32 => combined.apply(out.as_mut_slice::<f32>(), source.as_slice())?,
            DType::Float64 => combined.apply(out.as_mut_slice::<f64>(), source.as_slice())?,
            _ => combined.apply(out.as_mut_slice::<i64>(), source.as_slice())?,
        }
        if how != How::Mean {
            return Ok(());
        }
        let counts = combined.counts(out.numel())?;
        if wide == DType::Int64 {
            out.as_mut_slice::<i64>().iter_mut().zip(counts).for_each(|(v, n)| *v = v.div_euclid(n));
            return Ok(());
        }
        // Two steps, as in PyTorch: halves round the sum, the number of elements, and the quotient.
        let rounded = |v: f64| if dtype.is_half() { dtype.nearest(v) } else { v };
        let sums = out.as_mut_slice::<f64>().iter_mut().zip(counts);
        sums.for_each(|(v, n)| *v = rounded(*v) / rounded(n as f64));
        Ok(())
    })?;
    outs[0].assign(&result)
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
