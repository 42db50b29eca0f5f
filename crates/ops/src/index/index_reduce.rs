//! Slices reduced into indices of a dim.

use super::scatter_reduce;
use crate::invoke;
use crate::shared::indices;
use crate::shared::view::samples::{fails, int};
use crate::view::{expand::expand, reshape::reshape};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

/// How; each is at its place among the words of `scatter_reduce` but for the sum, which is `index_add`.
const WORDS: &[&str] = &["prod", "mean", "amax", "amin"];

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, index, source] = [0, 1, 2].map(|i| required(inputs, i));
    let dim = wrap_dim(attrs.get_int(0)?, x.rank())?;
    indices::integers(index.array())?;
    if index.rank() > 1 || index.numel() != indices::size(source.shape(), dim) {
        return Err(Error::shape(format!(
            "expected index to be a vector with one for each slice of source along dim {dim}, got shapes {:?} and {:?}",
            index.shape(),
            source.shape()
        )));
    }
    // One dim at least, and the indices along theirs.
    let lifted = |t: &Tensor| if t.rank() == 0 { reshape(t, &[1]) } else { Ok(t.clone()) };
    let (wide, source) = (lifted(x)?, lifted(source)?);
    if wide.rank() != source.rank() {
        return Err(Error::shape(format!(
            "expected input and source to have the same number of dims, got shapes {:?} and {:?}",
            x.shape(),
            source.shape()
        )));
    }
    let mut along = Dims::from_elem(1, source.rank());
    along[dim] = index.numel();
    let index = expand(&reshape(index, &along)?, source.shape())?;
    let how = Attr::Choice(attrs.get_choice(1) + 1);
    let include = !matches!(attrs.get(2), Attr::Bool(false));
    let attrs = Attrs::new().int(dim as i64).with(how).bool(include);
    let out = invoke::with(&scatter_reduce::DEF, &[Some(&wide), Some(&index), Some(&source)], attrs)?;
    Ok(smallvec![reshape(&out, x.shape())?])
}

fn sample(label: &str, how: u8, include: bool) -> Sample {
    let (x, source) = (SampleTensor::new(&[3, 2]).avoid(&[0.0]).distinct(), SampleTensor::new(&[4, 2]));
    let index = SampleTensor::ints(&[4], 0, 2);
    let source = source.avoid(&[0.0]).distinct();
    let rest = [Attr::Choice(how).into(), Attr::Bool(include).into()];
    let mut args = vec![x.into(), int(0).into(), index.into(), source.into()];
    args.extend(rest);
    Sample::new(label, args)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "index_reduce",
    doc: "Returns `input` with the slices of `source` reduced into the given indices of `dim`: `prod`, `mean`, `amax` or \
          `amin`.\n\n\
          Without `includeSelf`, what was there does not count. Source: PyTorch, `torch.index_reduce`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
        Arg::tensor("source"),
        Arg::required("reduce", Kind::Choice(WORDS)),
        Arg::optional("include_self", Kind::Bool, Default::Bool(true)),
    ],
    in_place: true,
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("products", 0, true),
            sample("means", 1, true),
            sample("maxima", 2, true),
            sample("minima of source alone", 3, false),
        ]
    },
    errors: || {
        let mut short = sample("too few indices", 0, true);
        short.args[2] = SampleTensor::ints(&[3], 0, 2).into();
        // One index for a source without dims, which has no dim 0 of two.
        let mut flat = sample("a source with fewer dims", 0, true);
        flat.args[2] = SampleTensor::ints(&[1], 0, 2).into();
        flat.args[3] = SampleTensor::new(&[]).into();
        let mut last = flat.clone();
        last.args[1] = int(-1).into();
        vec![
            fails(short, Code::Shape, "one for each slice"),
            fails(flat, Code::Shape, "the same number of dims"),
            fails(last, Code::Shape, "the same number of dims"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
