//! Quantiles.

use super::any::any_dim;
use super::sum::sum_dims;
use crate::elementwise::{
    add::add, ceil::ceil, clamp_min::clamp_min, floor::floor, isnan::isnan, logical_not::logical_not, mul::mul,
    round::round, sub::sub, to::to, where_::where_,
};
use crate::index::{gather::gather, sort::sort};
use crate::invoke::number;
use crate::shared::checks;
use crate::shared::reduce::samples;
use crate::shared::view::samples::fails;
use crate::view::{
    broadcast_to::broadcast_to, movedim::movedim, reshape::reshape, select::select, unsqueeze::unsqueeze,
};
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Check, Default, Half, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required,
};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, DType, Dims, Error, Result, Scalar};
use smallvec::smallvec;

const WORDS: &[&str] = &["linear", "lower", "higher", "midpoint", "nearest"];

/// Fails unless `q` is of the dtype and within [0, 1].
fn check(inputs: &[Option<&Tensor>], _: &Attrs, _: DType) -> Result<()> {
    let [x, q] = [0, 1].map(|i| required(inputs, i));
    checks::floating("input", x.dtype())?;
    if x.numel() == 0 {
        return Err(Error::usage("the input must be non-empty"));
    }
    if q.rank() > 1 {
        return Err(Error::shape(format!("q must be a number or a vector, got shape {:?}", q.shape())));
    }
    if !q.is_wrapped_number() {
        checks::same_dtype("q", q.dtype(), x.dtype())?;
    }
    match q.array().find(|v| !(0.0..=1.0).contains(&v))? {
        Some(v) => Err(Error::usage(format!("q must be in the range [0, 1], got {v}"))),
        None => Ok(()),
    }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, skip: bool) -> Result<Outputs> {
    let [x, q] = [0, 1].map(|i| required(inputs, i));
    let (keepdim, how) = (attrs.get_bool(1), attrs.get_choice(2));
    let all = attrs.opt_int(0).is_none();
    // The dim goes to the end.
    let dim = wrap_dim(attrs.opt_int(0).unwrap_or(0), x.rank())?;
    let lanes = match (all, x.rank()) {
        (true, _) | (_, 0) => reshape(x, &[x.numel()])?,
        (false, rank) => movedim(x, dim, rank - 1)?,
    };
    let last = lanes.rank() - 1;
    let n = lanes.shape()[last];
    let (sorted, _) = sort(&lanes, last as i64, false)?;
    let q = to(q, x.dtype())?;
    let count = q.numel();
    let steps = reshape(&q, &[count])?;
    // The place of each quantile in its lane, a dim of quantiles at the end.
    let missing = isnan(&sorted.detach())?;
    let places = if skip {
        // NaNs are last.
        let known = sum_dims(&to(&logical_not(&missing)?, DType::Int64)?, &[last], true)?;
        clamp_min(&mul(&steps, &to(&sub(&known, &Tensor::number(Scalar::Int(1))?)?, x.dtype())?)?, Scalar::Int(0))?
    } else {
        let most = number(n as f64 - 1.0)?;
        let any = unsqueeze(&any_dim(&missing, last)?, last)?;
        where_(&any, &most, &mul(&steps, &most)?)?
    };
    let mut shape = Dims::from_slice(lanes.shape());
    shape[last] = count;
    let places = broadcast_to(&places, &shape)?;
    let at = |places: &Tensor| gather(&sorted, last, &to(&places.detach(), DType::Int64)?);
    let found = match how {
        1 => at(&floor(&places)?)?,
        2 => at(&ceil(&places)?)?,
        4 => at(&round(&places)?)?,
        how => {
            let below = floor(&places.detach())?;
            let weight = if how == 3 { sub(&ceil(&places)?, &floor(&places)?)? } else { sub(&places, &below)? };
            let weight = if how == 3 { mul(&weight, &number(0.5)?)? } else { weight };
            let low = at(&below)?;
            add(&low, &mul(&weight, &sub(&at(&ceil(&places)?)?, &low)?)?)?
        }
    };
    // The quantiles come first, and where the dim was is one of size 1 if it is kept.
    let found = movedim(&found, last, 0)?;
    let mut shape = Dims::from_elem(count, 1);
    match (all, keepdim) {
        (true, true) => shape.extend(std::iter::repeat_n(1, x.rank())),
        (true, false) => {}
        (false, _) => {
            shape.extend_from_slice(&found.shape()[1..]);
            if keepdim && x.rank() > 0 {
                shape.insert(dim + 1, 1);
            }
        }
    }
    let found = reshape(&found, &shape)?;
    Ok(smallvec![if q.rank() == 0 { select(&found, 0, 0)? } else { found }])
}

fn sample(label: &str, shape: &[usize], rest: Vec<Attr>) -> Sample {
    let q = SampleTensor::new(&[2]).range(0.05, 0.95).avoid(&[0.25, 0.5, 0.75]);
    let mut args = vec![SampleTensor::new(shape).distinct().into(), q.into()];
    args.extend(rest.into_iter().map(Into::into));
    Sample::new(label, args)
}

const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::number("q"),
    Arg::optional("dim", Kind::Int, Default::None),
    Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
    Arg::optional("interpolation", Kind::Choice(WORDS), Default::Word("linear")),
];

/// The ops.
pub static DEFS: &[&OpDef] = &[&NANQUANTILE, &QUANTILE];

static QUANTILE: OpDef = OpDef {
    name: "quantile",
    doc: "Returns the `q`-quantiles of `input`, of all or along `dim`.\n\n\
          `q` is a number, or a vector, which adds a first dim. A quantile between two elements is interpolated: \
          `linear`, `lower`, `higher`, `midpoint` or `nearest`. NaN where there is one. The gradient goes to the \
          elements it was taken from, and to `q`. Floats only; costs a sort. Source: PyTorch, `torch.quantile`.",
    args: ARGS,
    check: Check::Calls(check),
    half: Half::Once,
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, false)),
    samples: || {
        vec![
            sample("all", &[5], vec![]),
            sample("columns, kept", &[5, 2], vec![Attr::Int(0), Attr::Bool(true)]),
            sample("rows, the lower", &[2, 5], vec![Attr::Int(1), Attr::Bool(false), Attr::Choice(1)]),
            sample("the middle", &[5], vec![Attr::None, Attr::Bool(true), Attr::Choice(3)]),
        ]
    },
    errors: || {
        let mut beyond = sample("beyond 1", &[3], vec![]);
        beyond.args[1] = SampleTensor::new(&[1]).range(1.5, 1.5).into();
        let mut whole = sample("integers", &[3], vec![]);
        whole.args[0] = SampleTensor::ints(&[3], 0, 4).into();
        let mut all = vec![fails(beyond, Code::Usage, "range [0, 1]"), fails(whole, Code::DType, "floating")];
        let mut dim = samples::wrong_dim();
        dim[0].sample.args.insert(1, SampleTensor::new(&[1]).range(0.5, 0.5).into());
        all.append(&mut dim);
        all
    },
    ..OpDef::COMPOSITE
}
.shipped();

static NANQUANTILE: OpDef = OpDef {
    name: "nanquantile",
    doc: "Returns the `q`-quantiles of the elements of `input` that are not NaN, as `quantile` does.\n\n\
          NaN where there are none. Source: PyTorch, `torch.nanquantile`.",
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, true)),
    ..QUANTILE
}
.shipped();
