//! Norms, by the older name.

use super::linalg_norm::{WORDS, by_word_of};
use super::vector_norm::{dims_of, vector_norm};
use crate::shared::reduce::samples;
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Half, Kind, OpDef, Sample, SampleTensor, Tensor};
use adjoint_tensor::{Error, Result, Scalar};
use smallvec::smallvec;

/// The parameters after the order.
const DIM: Arg = Arg::optional("dim", Kind::Ints, Default::None);
const KEEPDIM: Arg = Arg::optional("keepdim", Kind::Bool, Default::Bool(false));
const DTYPE: Arg = Arg::optional("dtype", Kind::DType, Default::None);

fn norm(inputs: &[Option<&Tensor>], attrs: &Attrs, p: f64) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let dims = dims_of(attrs, 1, x.rank())?;
    Ok(smallvec![vector_norm(x, p, &dims, attrs.get_bool(2), attrs.opt_dtype(3))?])
}

const DOC: &str = "Returns the norm of order `p` of `input`, taken as a vector, over all elements or over `dim`.\n\n\
     `p` is a number, or `\"fro\"`, which is 2. As `linalg.vectorNorm`; `\"nuc\"` is the sum of the singular values of the matrices in \
     two dims. Source: PyTorch, `torch.norm`.";

fn by_word(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    if attrs.get_choice(0) == 0 {
        return norm(inputs, attrs, 2.0);
    }
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let dims = attrs.opt_ints(1).unwrap_or(&[-2, -1]);
    Ok(smallvec![by_word_of(x, 1, dims, attrs.get_bool(2), attrs.opt_dtype(3))?])
}

/// The ops: by a word, and by a number.
pub static DEFS: &[&OpDef] = &[&WORD, &NUMBER];

static WORD: OpDef = OpDef {
    name: "norm",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::optional("p", Kind::Choice(WORDS), Default::Word("fro")), DIM, KEEPDIM, DTYPE],
    body: Body::Composite(by_word),
    half: Half::Once,
    samples: || {
        let t = SampleTensor::new(&[3, 4]).into();
        let last = Sample::new("the last dim", vec![t, Attr::Choice(0).into(), samples::ints(&[-1]).into()]);
        let mut out = samples::whole();
        out.push(last);
        out
    },
    ..OpDef::COMPOSITE
}
.shipped();

static NUMBER: OpDef = OpDef {
    name: "norm.number",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("p", Kind::Factor), DIM, KEEPDIM, DTYPE],
    body: Body::Composite(|inputs, attrs| norm(inputs, attrs, attrs.get_float(0)?)),
    half: Half::Once,
    samples: || {
        let t = SampleTensor::new(&[3, 4]).avoid(&[0.0]).into();
        let p = Attr::Scalar(Scalar::Int(3));
        vec![Sample::new("order 3", vec![t, p.into(), samples::ints(&[0]).into(), Attr::Bool(true).into()])]
    },
    ..OpDef::COMPOSITE
}
.shipped();
