//! Norms of matrices, and the norm that is one of vectors or of matrices.

use super::amax::amax;
use super::amin::amin;
use super::sum::sum_dims;
use super::vector_norm::vector_norm;
use crate::elementwise::{abs::abs, to::to};
use crate::linalg::svdvals::svdvals;
use crate::shared::view::samples::{call, fails};
use crate::view::{permute::permute, reshape::reshape};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Half, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, DType, Error, Result, Scalar};
use smallvec::smallvec;

/// Norms that have a name.
pub const WORDS: &[&str] = &["fro", "nuc"];

/// The two dims of matrices, after a cast.
fn operand(x: &Tensor, dims: &[i64], dtype: Option<DType>) -> Result<(Tensor, [usize; 2])> {
    let x = dtype.map_or_else(|| Ok(x.clone()), |t| to(x, t))?;
    if x.rank() < 2 {
        return Err(Error::shape(format!(
            "the input tensor must have at least 2 dimensions, got shape {:?}",
            x.shape()
        )));
    }
    if !x.dtype().is_float() {
        return Err(Error::dtype(format!("expected a floating-point tensor, got {}", x.dtype().name())));
    }
    let [a, b] = *dims else { return Err(Error::usage(format!("dim must be a 2-tuple, got {dims:?}"))) };
    let found = [wrap_dim(a, x.rank())?, wrap_dim(b, x.rank())?];
    if found[0] == found[1] {
        return Err(Error::usage(format!("dims must be different, got ({a}, {b})")));
    }
    Ok((x, found))
}

/// `out` with the two dims of size 1 where they were, or without them, whatever shape it has.
fn placed(out: &Tensor, x: &Tensor, [a, b]: [usize; 2], keepdim: bool) -> Result<Tensor> {
    let shape: Vec<usize> = (0..x.rank())
        .filter(|&d| keepdim || (d != a && d != b))
        .map(|d| if d == a || d == b { 1 } else { x.shape()[d] })
        .collect();
    reshape(out, &shape)
}

/// The singular values of the matrices in two dims, in the last dim.
fn values_of(x: &Tensor, [a, b]: [usize; 2]) -> Result<Tensor> {
    let order: Vec<usize> = (0..x.rank()).filter(|&d| d != a && d != b).chain([a, b]).collect();
    svdvals(&permute(x, &order)?)
}

/// The norm of the matrices in two dims: `None` is the Frobenius norm.
pub fn matrix(x: &Tensor, ord: Option<f64>, dims: &[i64], keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    let (x, [a, b]) = operand(x, dims, dtype)?;
    let Some(ord) = ord else { return vector_norm(&x, 2.0, &[a, b], keepdim, None) };
    // Sums along one dim, the extreme of them along the other.
    let (along, across) = match ord.abs() {
        1.0 => (a, b),
        f64::INFINITY => (b, a),
        2.0 => {
            let s = values_of(&x, [a, b])?;
            let last = [s.rank() - 1];
            let out = if ord > 0.0 { amax(&s, &last, false)? } else { amin(&s, &last, false)? };
            return placed(&out, &x, [a, b], keepdim);
        }
        _ => {
            return Err(Error::usage(format!(
                "order {ord} is no norm of matrices; the orders are 'fro', 'nuc', 1, -1, 2, -2, Infinity and -Infinity"
            )));
        }
    };
    let sums = sum_dims(&abs(&x)?, &[along], true)?;
    let out = if ord > 0.0 { amax(&sums, &[across], true)? } else { amin(&sums, &[across], true)? };
    placed(&out, &x, [a, b], keepdim)
}

/// The norm with the name at this index of [`WORDS`].
pub fn by_word_of(x: &Tensor, word: u8, dims: &[i64], keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    if word == 0 {
        return matrix(x, None, dims, keepdim, dtype);
    }
    let (x, dims) = operand(x, dims, dtype)?;
    let s = values_of(&x, dims)?;
    placed(&sum_dims(&s, &[s.rank() - 1], false)?, &x, dims, keepdim)
}

fn input<'a>(inputs: &[Option<&'a Tensor>]) -> Result<&'a Tensor> {
    inputs[0].ok_or_else(|| Error::usage("expected a tensor"))
}

#[allow(clippy::disallowed_methods, reason = "the call has asked for it")]
fn last_two(attrs: &Attrs) -> Vec<i64> {
    attrs.opt_ints(1).unwrap_or(&[-2, -1]).to_vec()
}

fn by_number(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let ord = attrs.opt_float(0);
    Ok(smallvec![matrix(input(inputs)?, ord, &last_two(attrs), attrs.get_bool(2), attrs.opt_dtype(3))?])
}

fn by_word(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let word = attrs.get_choice(0);
    Ok(smallvec![by_word_of(input(inputs)?, word, &last_two(attrs), attrs.get_bool(2), attrs.opt_dtype(3))?])
}

fn norm(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = input(inputs)?;
    let (ord, dims, keepdim, dtype) = (attrs.opt_float(0), attrs.opt_ints(1), attrs.get_bool(2), attrs.opt_dtype(3));
    let is_matrix = match dims {
        Some(dims) if ord.is_some() => {
            if dims.len() > 2 {
                return Err(Error::usage(format!("dim must be one or two dims where ord is given, got {dims:?}")));
            }
            dims.len() == 2
        }
        Some(_) => false,
        None if ord.is_some() => {
            if x.rank() != 1 && x.rank() != 2 {
                return Err(Error::shape(format!(
                    "input must be 1D or 2D if dim is not specified and ord is, got shape {:?}",
                    x.shape()
                )));
            }
            x.rank() == 2
        }
        None => false,
    };
    if is_matrix {
        return Ok(smallvec![matrix(x, ord, dims.unwrap_or(&[-2, -1]), keepdim, dtype)?]);
    }
    let dims = dims.unwrap_or(&[]).iter().map(|&d| wrap_dim(d, x.rank())).collect::<Result<Vec<_>>>()?;
    Ok(smallvec![vector_norm(x, ord.unwrap_or(2.0), &dims, keepdim, dtype)?])
}

fn norm_by_word(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = input(inputs)?;
    if attrs.opt_ints(1).map_or(x.rank() != 2, |d| d.len() != 2) {
        let dims = attrs.opt_ints(1).map_or("null".to_string(), |dims| format!("{dims:?}"));
        return Err(Error::shape(format!(
            "order '{}' is a norm of matrices, dim must name two dims or input have two, got dim {dims} and shape {:?}",
            WORDS[usize::from(attrs.get_choice(0))],
            x.shape()
        )));
    }
    by_word(inputs, attrs)
}

const DIM: Arg = Arg::optional("dim", Kind::Ints, Default::None);
const KEEPDIM: Arg = Arg::optional("keepdim", Kind::Bool, Default::Bool(false));
const DTYPE: Arg = Arg::optional("dtype", Kind::DType, Default::None);
const BASE: OpDef = OpDef { surface: &[Api::Linalg], half: Half::Once, ..OpDef::COMPOSITE };

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[
    &OpDef {
        name: "matrix_norm",
        doc: "Returns the norm of the matrices in the two dims `dim` of `A`.\n\n\
              `ord` 'fro' is the Frobenius norm, 1 the greatest sum of absolute values of a column, −1 the smallest, ±Infinity those of a row; \
              2 and −2 are the greatest and the smallest singular value, 'nuc' is their sum. Source: PyTorch, `torch.linalg.matrix_norm`.",
        args: &[Arg::tensor("A"), Arg::required("ord", Kind::Factor), Arg::optional("dim", Kind::Ints, Default::Ints(&[-2, -1])), KEEPDIM, DTYPE],
        body: Body::Composite(by_number),
        samples: || {
            let s = |label: &str, ord: f64| call(label, &[2, 3, 4], [Attr::Scalar(Scalar::Float(ord))]);
            vec![
                s("columns", 1.0),
                s("rows", f64::INFINITY),
                s("the smallest row", f64::NEG_INFINITY),
                s("the greatest singular value", 2.0),
            ]
        },
        errors: || vec![fails(call("a vector", &[3], [Attr::Scalar(Scalar::Float(1.0))]), Code::Shape, "at least 2")],
        ..BASE
    }.shipped(),
    &OpDef {
        name: "matrix_norm.word",
        args: &[
            Arg::tensor("A"),
            Arg::optional("ord", Kind::Choice(WORDS), Default::Word("fro")),
            Arg::optional("dim", Kind::Ints, Default::Ints(&[-2, -1])),
            KEEPDIM,
            DTYPE,
        ],
        body: Body::Composite(by_word),
        samples: || vec![call("the Frobenius norm", &[2, 3], []), call("the nuclear norm", &[2, 3], [Attr::Choice(1)])],
        ..BASE
    }.shipped(),
    &OpDef {
        name: "linalg_norm",
        doc: "Returns the norm of `A`: of vectors where `dim` is one dim, of matrices where `dim` is two dims and `ord` is given.\n\n\
              Without `ord` and `dim`, the euclidean norm of all elements. See `vectorNorm` and `matrixNorm`. Source: PyTorch, `torch.linalg.norm`.",
        args: &[Arg::tensor("A"), Arg::optional("ord", Kind::Factor, Default::None), DIM, KEEPDIM, DTYPE],
        body: Body::Composite(norm),
        samples: || vec![call("of everything", &[2, 3], []), call("of columns", &[2, 3], [Attr::Scalar(Scalar::Int(1))])],
        ..BASE
    }.shipped(),
    &OpDef {
        name: "linalg_norm.word",
        args: &[Arg::tensor("A"), Arg::required("ord", Kind::Choice(WORDS)), DIM, KEEPDIM, DTYPE],
        body: Body::Composite(norm_by_word),
        samples: || vec![call("the Frobenius norm", &[2, 3], [Attr::Choice(0)])],
        ..BASE
    }.shipped(),
];
