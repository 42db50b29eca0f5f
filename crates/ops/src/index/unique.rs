//! Elements, each once.

use crate::invoke;
use crate::shared::samples;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{
    Arg, Arrays, Attr, Attrs, Body, Call, Class, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, Vjp,
};
use adjoint_kernels::index::{self, SortKey};
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, Dims, Error, Result, by_size, scratch};
use smallvec::smallvec;
use std::cmp::Ordering;

/// The groups of equal rows of `width` numbers: a row of each, the group of every row, and the size of each.
struct Groups {
    first: Vec<i64>,
    of: Vec<i64>,
    sizes: Vec<i64>,
}

/// Groups rows that are equal: all of them in ascending order, or with `runs` neighbours only.
fn group<T: SortKey + PartialOrd>(x: &[T], rows: usize, width: usize, runs: bool) -> Result<Groups> {
    let row = |i: i64| &x[i as usize * width..][..width];
    let mut places = scratch::collected((0..rows).map(|i| i as i64))?;
    if !runs && width == 1 {
        // A NaN is behind all, and equals keep their order.
        let mut values = scratch::collected(x.iter().copied())?;
        index::sort(x, Axis::whole(rows), false, &mut values, &mut places);
        scratch::check_kernels()?;
    } else if !runs {
        // A NaN is not equal to anything, and is behind all.
        let order = |a: &T, b: &T| {
            a.partial_cmp(b).unwrap_or_else(|| match (a.partial_cmp(a), b.partial_cmp(b)) {
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                _ => Ordering::Equal,
            })
        };
        places.sort_unstable_by(|&a, &b| {
            let different = row(a).iter().zip(row(b)).map(|(a, b)| order(a, b)).find(|o| o.is_ne());
            different.unwrap_or(Ordering::Equal).then(a.cmp(&b))
        });
    }
    let mut out =
        Groups { first: scratch::with_room(rows)?, of: scratch::filled(0, rows)?, sizes: scratch::with_room(rows)? };
    for (i, &place) in places.iter().enumerate() {
        match out.sizes.last_mut() {
            Some(size) if row(place) == row(places[i - 1]) => *size += 1,
            _ => {
                out.first.extend([place]);
                out.sizes.extend([1]);
            }
        }
        out.of[place as usize] = out.sizes.len() as i64 - 1;
    }
    Ok(out)
}

/// The same of integers of which few are possible, by counting each; `None` where many are.
fn counted(x: &[i64]) -> Result<Option<Groups>> {
    let Some((&low, &high)) = x.iter().min().zip(x.iter().max()) else { return Ok(None) };
    let span = high.abs_diff(low);
    if span >= 2 * x.len() as u64 {
        return Ok(None);
    }
    let at = |v: i64| v.abs_diff(low) as usize;
    // How often each comes and where first; then its group.
    let mut seen = scratch::filled((0i64, 0i64), span as usize + 1)?;
    for (i, &v) in x.iter().enumerate().rev() {
        let (count, first) = &mut seen[at(v)];
        (*count, *first) = (*count + 1, i as i64);
    }
    let many = seen.iter().filter(|s| s.0 > 0).count();
    let mut out =
        Groups { first: scratch::with_room(many)?, of: scratch::filled(0, x.len())?, sizes: scratch::with_room(many)? };
    for (count, first) in seen.iter_mut().filter(|s| s.0 > 0) {
        out.first.extend([*first]);
        out.sizes.extend([*count]);
        *first = out.sizes.len() as i64 - 1;
    }
    out.of.iter_mut().zip(x).for_each(|(of, &v)| *of = seen[at(v)].1);
    Ok(Some(out))
}

fn run(call: &Call, runs: bool) -> Result<Arrays> {
    let x = call.input(0);
    // The dim comes first, and a row is all that belongs to one index of it.
    let dim = call.attrs.opt_int(0).map(|d| wrap_dim(d, x.rank())).transpose()?;
    let lifted = match dim {
        Some(d) if x.rank() > 0 => {
            let order: Dims = std::iter::once(d).chain((0..x.rank()).filter(|&k| k != d)).collect();
            x.with_layout(x.layout().permute(&order))?.contiguous()?
        }
        _ => x.contiguous()?,
    };
    let (rows, width) = match dim {
        Some(d) if x.rank() > 0 => (x.shape()[d], x.numel() / x.shape()[d].max(1)),
        _ => (x.numel(), 1),
    };
    if dim.is_some() && x.numel() == 0 && rows > 0 {
        return Err(Error::usage(format!(
            "there are zero sized dimensions, so unique cannot be applied, got shape {:?}",
            x.shape()
        )));
    }
    let groups = if x.dtype().is_float() {
        group(&lifted.to_vec_f64()?, rows, width, runs)?
    } else {
        let x = lifted.to_vec_i64()?;
        match if runs || width != 1 { None } else { counted(&x)? } {
            Some(groups) => groups,
            None => group(&x, rows, width, runs)?,
        }
    };
    let count = groups.first.len();
    let taken = take(&lifted, &groups.first, width)?;
    let values = match dim {
        Some(d) if x.rank() > 0 => {
            let mut front = Dims::from_slice(lifted.shape());
            front[0] = count;
            let mut back: Dims = (1..x.rank()).collect();
            back.insert(d, 0);
            let there = adjoint_tensor::Layout::contiguous(&front).permute(&back);
            taken.with_layout(there)?.contiguous()?
        }
        _ => taken,
    };
    let places: &[usize] = if dim.is_some() { &[rows] } else { x.shape() };
    Ok(smallvec![values, Array::from_slice(&groups.of, places)?, Array::from_slice(&groups.sizes, &[count])?])
}

/// Rows of `width` elements, one after the other.
fn take(x: &Array, rows: &[i64], width: usize) -> Result<Array> {
    let mut out = Array::empty(&[rows.len() * width], x.dtype())?;
    if out.numel() > 0 {
        let axis = Axis { outer: 1, n: x.numel() / width, inner: width };
        by_size!(x.dtype(), T => index::index_select(x.as_bits::<T>(), axis, rows, out.as_mut_bits::<T>()));
    }
    Ok(out)
}

/// The outputs that were asked for; inverse and counts are attributes 0 and 1 from `at` on.
fn chosen(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs, at: usize) -> Result<Outputs> {
    let dim = attrs.get(at + 2).clone();
    let all = invoke::many(op, &inputs[..1], Attrs::new().with(dim))?;
    let wanted = [true, attrs.get_bool(at), attrs.get_bool(at + 1)];
    Ok(all.into_iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(t, _)| t).collect())
}

const SORTED: Arg = Arg::optional("sorted", Kind::Bool, Default::Bool(true));
const NO_INVERSE: Arg = Arg::optional("return_inverse", Kind::Literal(false), Default::Bool(false));
const NO_COUNTS: Arg = Arg::optional("return_counts", Kind::Literal(false), Default::Bool(false));
const INVERSE: Arg = Arg::optional("return_inverse", Kind::Bool, Default::Bool(false));
const COUNTS: Arg = Arg::optional("return_counts", Kind::Bool, Default::Bool(false));
const DIM: Arg = Arg::optional("dim", Kind::Int, Default::None);

const INNER_ARGS: &[Arg] = &[Arg::tensor("input"), DIM];

/// The ops: with the values alone, and with more; and the kernels.
pub static DEFS: &[&OpDef] = &[&INNER, &INNER_RUNS, &UNIQUE, &UNIQUE_MORE, &RUNS, &RUNS_MORE];

fn few(shape: &[usize]) -> SampleTensor {
    SampleTensor::ints(shape, 0, 2)
}

static UNIQUE: OpDef = OpDef {
    name: "unique",
    doc: "Returns the elements of `input`, each once, in ascending order; or with `dim` the slices along it.\n\n\
          `returnInverse` adds where each element is among them, `returnCounts` how often each comes: then a list. Always \
          sorted. A NaN is equal to nothing. Without a derivative. Costs a sort, or for integers close together a count. Source: PyTorch, `torch.unique`.",
    args: &[Arg::tensor("input"), SORTED, NO_INVERSE, NO_COUNTS, DIM],
    body: Body::Composite(|inputs, attrs| chosen(&INNER, inputs, attrs, 1)),
    vjp: Vjp::None("PyTorch has none either"),
    samples: || {
        let no = || Attr::Bool(false).into();
        let rows = vec![few(&[4, 1]).into(), Attr::Bool(true).into(), no(), no(), int(0).into()];
        vec![Sample::new("a matrix", vec![few(&[2, 3]).into()]), Sample::new("rows", rows)]
    },
    ..OpDef::COMPOSITE
}
.shipped();

static UNIQUE_MORE: OpDef = OpDef {
    name: "unique.more",
    args: &[Arg::tensor("input"), SORTED, INVERSE, COUNTS, DIM],
    outputs: &[],
    samples: || {
        let yes = || Attr::Bool(true).into();
        vec![Sample::new("all", vec![few(&[2, 3]).into(), yes(), yes(), yes()])]
    },
    ..UNIQUE
}
.shipped();

static RUNS: OpDef = OpDef {
    name: "unique_consecutive",
    doc: "Returns the elements of `input` without those equal to the one before; or with `dim` the slices along it.\n\n\
          `returnInverse` adds where each element is among them, `returnCounts` how often each comes in a row: then a \
          list. A NaN is equal to nothing. Without a derivative. Source: PyTorch, `torch.unique_consecutive`.",
    args: &[Arg::tensor("input"), NO_INVERSE, NO_COUNTS, DIM],
    body: Body::Composite(|inputs, attrs| chosen(&INNER_RUNS, inputs, attrs, 0)),
    samples: || vec![Sample::new("a matrix", vec![few(&[2, 3]).into()])],
    ..UNIQUE
}
.shipped();

static RUNS_MORE: OpDef = OpDef {
    name: "unique_consecutive.more",
    args: &[Arg::tensor("input"), INVERSE, COUNTS, DIM],
    outputs: &[],
    samples: || {
        let yes = || Attr::Bool(true).into();
        vec![Sample::new("all", vec![few(&[2, 3]).into(), yes(), yes()])]
    },
    ..RUNS
}
.shipped();

static INNER: OpDef = OpDef {
    name: "_unique",
    part_of: "unique",
    doc: "The elements, each once and in order, where each is among them, and how often it comes.",
    args: INNER_ARGS,
    outputs: &["output", "inverse", "counts"],
    class: Class::Index,
    surface: &[],
    body: Body::Dynamic { rule: |_| Ok(None), run: |call| run(call, false) },
    vjp: Vjp::None("PyTorch has none either"),
    samples: || {
        let mut all = vec![Sample::new("columns", vec![few(&[1, 4]).into(), int(1).into()])];
        all.extend(samples::unary().into_iter().filter(|s| s.label != "an empty tensor"));
        all
    },
    errors: || {
        vec![fails(Sample::new("empty rows", vec![few(&[2, 0]).into(), int(0).into()]), Code::Usage, "zero sized")]
    },
    ..OpDef::BASE
}
.shipped();

static INNER_RUNS: OpDef = OpDef {
    name: "_unique_consecutive",
    part_of: "unique_consecutive",
    doc: "The same of neighbours only.",
    body: Body::Dynamic { rule: |_| Ok(None), run: |call| run(call, true) },
    ..INNER
}
.shipped();
