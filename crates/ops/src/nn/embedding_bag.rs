//! Rows of a table, taken together in bags.

use super::embedding;
use crate::create::zeros::zeros;
use crate::elementwise::{clamp_min::clamp_min, div::div, mul::mul, ne::ne, to::to, where_::where_};
use crate::index::{index_add::index_add, index_reduce};
use crate::invoke::{self, number};
use crate::shared::checks;
use crate::shared::view::samples::fails;
use crate::view::{reshape::reshape, unsqueeze::unsqueeze};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Class, Default, Facts, Kind, OpDef, Outputs, Sample, SampleTensor, Spec, Specs,
    Tensor, Vjp, given, required,
};
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar};
use smallvec::smallvec;

const WORDS: &[&str] = &["mean", "sum", "max"];

/// The place of maxima among the words of `index_reduce`.
const AMAX: u8 = 2;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [ids, weight] = [0, 1].map(|i| required(inputs, i));
    // PyTorch takes them the other way round, too, as it once did.
    let (ids, weight) =
        if ids.dtype().is_float() && !weight.dtype().is_float() { (weight, ids) } else { (ids, weight) };
    let (offsets, factors) = (given(inputs, 2), given(inputs, 3));
    let (mode, include_last) = (attrs.get_choice(3), attrs.get_bool(5));
    if weight.rank() != 2 {
        return Err(Error::shape(format!("weight must have 2 dims, got shape {:?}", weight.shape())));
    }
    if let Some(factors) = factors {
        if mode != 1 {
            return Err(Error::usage("perSampleWeights are for mode 'sum' only"));
        }
        if factors.shape() != ids.shape() {
            return Err(Error::shape(format!(
                "expected perSampleWeights of the shape of input, got {:?} and {:?}",
                factors.shape(),
                ids.shape()
            )));
        }
        checks::same_dtype("perSampleWeights", factors.dtype(), weight.dtype())?;
    }
    let count = ids.numel();
    let flat = reshape(ids, &[count])?;
    let (bags, bag) = match (ids.rank(), offsets) {
        (2, None) => (ids.shape()[0], even(ids.shape())?),
        (1, Some(offsets)) => {
            if offsets.rank() != 1 {
                return Err(Error::shape(format!("offsets must be a vector, got shape {:?}", offsets.shape())));
            }
            let bags = offsets.numel() - usize::from(include_last && offsets.numel() > 0);
            (bags, invoke::with(&BAGS, &[Some(offsets)], Attrs::new().int(count as i64).bool(include_last))?)
        }
        (2, Some(_)) => return Err(Error::usage("if input has 2 dims its rows are the bags; leave offsets out")),
        (1, None) => return Err(Error::usage("offsets must be given if input is a vector")),
        _ => return Err(Error::shape(format!("input must have 1 or 2 dims, got shape {:?}", ids.shape()))),
    };
    // The table's rows, with its own gradient by frequency.
    let lookup =
        Attrs::new().none().with(attrs.get(0).clone()).float(2.0).bool(attrs.get_bool(2)).bool(attrs.get_bool(4));
    let mut rows = invoke::with(embedding::DEFS[0], &[Some(&flat), Some(weight)], lookup)?;
    let padding = attrs.opt_int(6).map(|at| if at < 0 { at + weight.shape()[0] as i64 } else { at });
    let counted = padding.map(|at| ne(&flat, &Tensor::number(Scalar::Int(at))?)).transpose()?;
    if let Some(factors) = factors {
        rows = mul(&rows, &unsqueeze(&reshape(factors, &[count])?, 1)?)?;
    }
    let out = zeros(&[bags, weight.shape()[1]], weight.dtype())?;
    if mode == 2 {
        // What does not count is −∞ there, and a bag of nothing is 0.
        let rows = match &counted {
            Some(counted) => where_(&unsqueeze(counted, 1)?, &rows, &number(f64::NEG_INFINITY)?)?,
            None => rows,
        };
        let how = Attrs::new().int(0).with(Attr::Choice(AMAX)).bool(false);
        let most = invoke::with(&index_reduce::DEF, &[Some(&out), Some(&bag), Some(&rows)], how)?;
        return Ok(smallvec![where_(&ne(&most, &number(f64::NEG_INFINITY)?)?, &most, &number(0.0)?)?]);
    }
    if let Some(counted) = &counted {
        rows = where_(&unsqueeze(counted, 1)?, &rows, &number(0.0)?)?;
    }
    let sums = index_add(&out, 0, &bag, &rows)?;
    if mode == 1 {
        return Ok(smallvec![sums]);
    }
    let ones = match &counted {
        Some(counted) => to(counted, weight.dtype())?,
        None => crate::create::ones::ones(&[count], weight.dtype())?,
    };
    let sizes = clamp_min(&index_add(&zeros(&[bags], weight.dtype())?, 0, &bag, &ones)?, Scalar::Int(1))?;
    Ok(smallvec![div(&sums, &unsqueeze(&sizes, 1)?)?])
}

/// The bag of each element of a matrix: its row.
fn even(shape: &[usize]) -> Result<Tensor> {
    let rows = crate::create::arange::arange(shape[0], DType::Int64)?;
    reshape(&crate::view::expand::expand(&unsqueeze(&rows, 1)?, shape)?, &[shape[0] * shape[1]])
}

fn bags_rule(call: &Facts) -> Result<Specs> {
    let offsets = call.input(0);
    if !matches!(offsets.dtype(), DType::Int64 | DType::Int32) {
        return Err(checks::wrong_integers("offsets", "int64 or int32", offsets.dtype()));
    }
    Ok(Spec::one([call.attrs.get_int(0)? as usize], DType::Int64))
}

fn bags_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let offsets = call.input(0).to_vec_i64()?;
    let n = call.attrs.get_int(0)?;
    if let Some(&first) = offsets.first().filter(|&&first| first != 0) {
        return Err(Error::usage(format!("offsets must begin with 0, the first bag, got {first}")));
    }
    if let Some(bad) = offsets.iter().find(|&&v| v < 0 || v > n) {
        return Err(Error::usage(format!("offsets must be within the {n} elements of input, got {bad}")));
    }
    // An end that is no bag's start has none behind it.
    let starts = &offsets[..offsets.len() - usize::from(call.attrs.get_bool(1) && !offsets.is_empty())];
    for (i, out) in outs[0].as_mut_slice::<i64>().iter_mut().enumerate() {
        *out = starts.partition_point(|&start| start <= i as i64) as i64 - 1;
        if *out < 0 {
            return Err(Error::usage("there are elements of input, but no bags"));
        }
    }
    Ok(())
}

/// The ops: with its parts, and the bag of every element.
pub static DEFS: &[&OpDef] = &[&BAGS, &DEF];

static DEF: OpDef = OpDef {
    name: "embedding_bag",
    doc: "Returns the mean, sum or greatest of the rows of `weight` that each bag of `input` names.\n\n\
          **Shapes**: input `[B, n]`, whose rows are bags, or `[n]` with `offsets` `[B]`, where each bag starts; with \
          `includeLastOffset` the last offset is the end. Weight `[rows, width]`, result `[B, width]`; a bag of nothing gives zeros. \
          `perSampleWeights` multiply the rows of a sum; `paddingIdx` names a row that does not count and learns nothing. `maxNorm` \
          and `sparse` are not supported. Source: PyTorch, `torch.nn.functional.embedding_bag`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("weight"),
        Arg::optional("offsets", Kind::Tensor, Default::None),
        Arg::optional("max_norm", Kind::Float, Default::None),
        Arg::optional("norm_type", Kind::Float, Default::Float(2.0)),
        Arg::optional("scale_grad_by_freq", Kind::Bool, Default::Bool(false)),
        Arg::optional("mode", Kind::Choice(WORDS), Default::Word("mean")),
        Arg::optional("sparse", Kind::Bool, Default::Bool(false)),
        Arg::optional("per_sample_weights", Kind::Tensor, Default::None),
        Arg::optional("include_last_offset", Kind::Bool, Default::Bool(false)),
        Arg::optional("padding_idx", Kind::Int, Default::None),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(body),
    samples: || {
        let ids = || SampleTensor::ints(&[2, 3], 0, 3).into();
        let table = || SampleTensor::new(&[4, 2]).distinct().into();
        let none = || crate::shared::nn::reduction::absent();
        let by = |mode| {
            vec![ids(), table(), none(), Attr::None.into(), Attr::Float(2.0).into(), Attr::Bool(false).into(), Attr::Choice(mode).into()]
        };
        vec![Sample::new("means", vec![ids(), table()]), Sample::new("sums", by(1)), Sample::new("maxima", by(2))]
    },
    errors: || {
        let args = vec![SampleTensor::ints(&[3], 0, 3).into(), SampleTensor::new(&[4, 2]).into()];
        vec![fails(Sample::new("no offsets", args), Code::Usage, "offsets must be given")]
    },
    ..OpDef::COMPOSITE
}
.shipped();

static BAGS: OpDef = OpDef {
    name: "_bags",
    part_of: "embedding_bag",
    doc: "The bag of each of `count` elements, from where bags start.",
    args: &[
        Arg::tensor("offsets"),
        Arg::required("count", Kind::Int),
        Arg::required("include_last_offset", Kind::Bool),
    ],
    class: Class::Index,
    surface: &[],
    body: Body::Kernel { rule: bags_rule, run: bags_run },
    vjp: Vjp::None("returns indices"),
    samples: || {
        vec![Sample::new(
            "one bag",
            vec![SampleTensor::ints(&[1], 0, 0).into(), Attr::Int(3).into(), Attr::Bool(false).into()],
        )]
    },
    ..OpDef::BASE
}
.shipped();
