//! Sums of products by Einstein's convention.
//!
//! Each operand is brought to the order of all its labels: repeated labels of one operand become
//! diagonals, labels it lacks dims of size 1. Operands are then contracted from left to right, each
//! pair as one batched matrix product whose summed labels are those nothing needs afterwards.

use super::bmm::bmm;
use crate::elementwise::mul::mul;
use crate::reduce::sum::sum_dims;
use crate::shared::view::samples::fails;
use crate::view::{diagonal::diagonal, permute::permute, reshape::reshape};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor};
use adjoint_tensor::{Code, Dims, Error, Result, memory};
use smallvec::smallvec;
use std::fmt;

/// A label: a letter, or dim `i` of those an ellipsis stands for, counted from the end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Label {
    Dots(usize),
    Letter(char),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Letter(letter) => write!(f, "'{letter}'"),
            Label::Dots(i) => write!(f, "dim {} of '...'", -1 - *i as i64),
        }
    }
}

/// A tensor and the label of each of its dims, which are all different.
struct Term {
    tensor: Tensor,
    labels: Vec<Label>,
}

/// The labels of one subscript for a tensor with `rank` dims; without a rank, an ellipsis stands
/// for `dots` dims.
fn labels(text: &str, rank: Option<usize>, dots: usize) -> Result<Vec<Label>> {
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    if text.chars().any(|c| !c.is_ascii_alphabetic() && c != '.') {
        return Err(Error::usage(format!("invalid subscript in '{text}', subscripts must be letters or '...'")));
    }
    let parts: Vec<&str> = text.split("...").collect();
    if parts.len() > 2 || parts.iter().any(|p| p.contains('.')) {
        return Err(Error::usage(format!("found '.' in '{text}' that is not part of one ellipsis")));
    }
    let hidden = match rank {
        Some(rank) if parts.len() == 2 && letters <= rank => rank - letters,
        Some(rank) if letters != rank || parts.len() == 2 => {
            return Err(Error::shape(format!(
                "the number of subscripts in '{text}' does not match the number of dims of its operand, {rank}"
            )));
        }
        Some(_) => 0,
        None => dots,
    };
    let letter = |part: &str| part.chars().map(Label::Letter).collect::<Vec<_>>();
    let mut out = letter(parts[0]);
    if parts.len() == 2 {
        out.extend((0..hidden).rev().map(Label::Dots));
        out.extend(letter(parts[1]));
    }
    Ok(out)
}

/// Takes the diagonal of dims with the same label, until there are none.
fn without_repeats(mut term: Term) -> Result<Term> {
    while let Some((i, j)) = (0..term.labels.len())
        .flat_map(|i| (i + 1..term.labels.len()).map(move |j| (i, j)))
        .find(|&(i, j)| term.labels[i] == term.labels[j])
    {
        let shape = term.tensor.shape();
        if shape[i] != shape[j] {
            return Err(Error::shape(format!(
                "subscript {} is repeated for an operand of shape {shape:?} but the sizes don't match, {} and {}",
                term.labels[i], shape[i], shape[j]
            )));
        }
        term.tensor = diagonal(&term.tensor, 0, i, j)?;
        let label = term.labels[i];
        term.labels.remove(j);
        term.labels.remove(i);
        term.labels.push(label);
    }
    Ok(term)
}

/// Sums out the labels that `keep` does not want.
fn summed(term: Term, keep: impl Fn(Label) -> bool) -> Result<Term> {
    let dims: Vec<usize> = (0..term.labels.len()).filter(|&i| !keep(term.labels[i])).collect();
    if dims.is_empty() {
        return Ok(term);
    }
    let labels = term.labels.iter().copied().filter(|&l| keep(l)).collect();
    Ok(Term { tensor: sum_dims(&term.tensor, &dims, false)?, labels })
}

/// The product of two terms, summed over the labels that `keep` does not want.
#[allow(clippy::disallowed_methods, reason = "labels are letters")]
fn contracted(a: Term, b: Term, keep: impl Fn(Label) -> bool) -> Result<Term> {
    // What only one of them has and nothing needs is summed first.
    let a = {
        let other = b.labels.clone();
        summed(a, |l| keep(l) || other.contains(&l))?
    };
    let b = {
        let other = a.labels.clone();
        summed(b, |l| keep(l) || other.contains(&l))?
    };
    let size = |t: &Term, l: Label| t.labels.iter().position(|&m| m == l).map_or(1, |i| t.tensor.shape()[i]);
    let mut all: Vec<Label> = a.labels.clone();
    all.extend(b.labels.iter().copied().filter(|l| !a.labels.contains(l)));
    let (mut batch, mut left, mut right, mut inner) = (vec![], vec![], vec![], vec![]);
    for &l in &all {
        // A size of 1 beside another is broadcast: the dim belongs to the other term alone.
        let (n, m) = (size(&a, l), size(&b, l));
        if n != m && n != 1 && m != 1 {
            return Err(Error::shape(format!("operands do not broadcast: {l} has sizes {n} and {m}")));
        }
        match (keep(l), n, m) {
            (true, n, m) if n == m => batch.push(l),
            (true, n, _) if n != 1 => left.push(l),
            (true, ..) => right.push(l),
            (false, ..) => inner.push(l),
        }
    }
    // A summed label that is broadcast has its own sum in one term.
    if inner.iter().any(|&l| size(&a, l) != size(&b, l)) {
        let wide: Vec<Label> = inner.iter().copied().filter(|&l| size(&a, l) != size(&b, l)).collect();
        let narrow = |t: Term| -> Result<Term> {
            let dims: Vec<usize> = (0..t.labels.len()).filter(|&i| wide.contains(&t.labels[i])).collect();
            let labels = t.labels.iter().copied().filter(|l| !wide.contains(l)).collect();
            Ok(Term { tensor: if dims.is_empty() { t.tensor } else { sum_dims(&t.tensor, &dims, false)? }, labels })
        };
        return contracted(narrow(a)?, narrow(b)?, keep);
    }
    let ordered = |t: &Term, labels: &[Label]| -> Result<Tensor> {
        let present: Vec<usize> = labels.iter().filter_map(|l| t.labels.iter().position(|m| m == l)).collect();
        let rest = (0..t.labels.len()).filter(|i| !present.contains(i));
        permute(&t.tensor, &present.iter().copied().chain(rest).collect::<Vec<_>>())
    };
    let product = |t: &Term, labels: &[Label]| labels.iter().map(|&l| size(t, l)).product::<usize>();
    let shape: Dims = batch
        .iter()
        .map(|&l| size(&a, l))
        .chain(left.iter().map(|&l| size(&a, l)))
        .chain(right.iter().map(|&l| size(&b, l)))
        .collect();
    let (nb, nl, nr, nk) = (product(&a, &batch), product(&a, &left), product(&b, &right), product(&a, &inner));
    let lhs = reshape(&ordered(&a, &[&batch[..], &left, &inner].concat())?, &[nb, nl, nk])?;
    let rhs = reshape(&ordered(&b, &[&batch[..], &inner, &right].concat())?, &[nb, nk, nr])?;
    // Without a sum a plain product is exact for every dtype, and cheaper.
    let out = if inner.is_empty() { mul(&lhs, &rhs)? } else { bmm(&lhs, &rhs)? };
    Ok(Term { tensor: reshape(&out, &shape)?, labels: [batch, left, right].concat() })
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    // Its letters go through lists, each some bytes a letter.
    memory::ensure(attrs.get_text(0).len().saturating_mul(64))?;
    let equation: String = attrs.get_text(0).chars().filter(|c| !c.is_whitespace()).collect();
    let operands: Vec<&Tensor> = inputs.iter().flatten().copied().collect();
    let (lhs, rhs) = match equation.split_once("->") {
        Some((lhs, rhs)) => (lhs, Some(rhs)),
        None => (equation.as_str(), None),
    };
    let subscripts: Vec<&str> = lhs.split(',').collect();
    if operands.is_empty() || subscripts.len() != operands.len() {
        return Err(Error::usage(format!(
            "the equation '{equation}' has {} subscript(s) for {} operand(s)",
            subscripts.len(),
            operands.len()
        )));
    }
    let mut terms = Vec::new();
    for (text, &tensor) in subscripts.iter().zip(&operands) {
        terms.push(without_repeats(Term { tensor: tensor.clone(), labels: labels(text, Some(tensor.rank()), 0)? })?);
    }
    let used = |l: Label| terms.iter().any(|t| t.labels.contains(&l));
    let dots = terms
        .iter()
        .flat_map(|t| &t.labels)
        .filter_map(|l| match l {
            Label::Dots(i) => Some(i + 1),
            Label::Letter(_) => None,
        })
        .max()
        .unwrap_or(0);
    let wanted = match rhs {
        Some(text) => labels(text, None, dots)?,
        None => {
            // Letters that appear once, in alphabetical order, behind what ellipses stand for.
            let mut letters: Vec<char> =
                lhs.chars().filter(|&c| c.is_ascii_alphabetic() && lhs.matches(c).count() == 1).collect();
            letters.sort_unstable();
            (0..dots).rev().map(Label::Dots).chain(letters.into_iter().map(Label::Letter)).collect()
        }
    };
    for (i, &l) in wanted.iter().enumerate() {
        if wanted[..i].contains(&l) {
            return Err(Error::usage(format!("output subscript {l:?} appears more than once in '{equation}'")));
        }
        if !used(l) {
            return Err(Error::usage(format!("output subscript {l:?} does not appear in the inputs of '{equation}'")));
        }
    }
    let mut rest = terms.into_iter();
    let mut acc = rest.next().expect("there is an operand");
    let mut rest: std::collections::VecDeque<Term> = rest.collect();
    while let Some(next) = rest.pop_front() {
        acc = contracted(acc, next, |l| wanted.contains(&l) || rest.iter().any(|t| t.labels.contains(&l)))?;
    }
    let out = summed(acc, |l| wanted.contains(&l))?;
    let order: Vec<usize> =
        wanted.iter().map(|l| out.labels.iter().position(|m| m == l).expect("kept until the end")).collect();
    Ok(smallvec![permute(&out.tensor, &order)?])
}

fn sample(label: &str, equation: &str, shapes: &[&[usize]]) -> Sample {
    let list = shapes.iter().map(|s| Some(SampleTensor::new(s))).collect();
    Sample::new(label, vec![Attr::Text(equation.into()).into(), SampleArg::Tensors(list)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "einsum",
    doc: "Returns the sum of products that `equation` describes by Einstein's convention: `einsum('ij,jk->ik', a, b)` is a product of \
          matrices.\n\n\
          Each letter names a dim; dims with one letter are multiplied element by element, and summed where the letter is missing behind \
          `->`. A letter repeated within a subscript takes a diagonal, `...` stands for leading dims, which broadcast. Without `->` the \
          letters that appear once are kept, in alphabetical order. Operands are contracted from left to right, each pair as one batched \
          matrix product. Source: PyTorch, `torch.einsum`.",
    args: &[Arg::required("equation", Kind::Text), Arg::required("operands", Kind::TensorsSpread)],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("a product of matrices", "ij,jk->ik", &[&[2, 3], &[3, 4]]),
            sample("an outer product", "i,j", &[&[2], &[3]]),
            sample("the diagonal", "ii->i", &[&[3, 3]]),
            sample("batches", "...ij,...jk->...ik", &[&[2, 2, 3], &[3, 2]]),
            sample("three operands", "ij,jk,kl->il", &[&[2, 3], &[3, 2], &[2, 4]]),
            sample("everything summed", "ij->", &[&[2, 3]]),
        ]
    },
    errors: || {
        vec![
            fails(sample("sizes that differ", "ij,jk", &[&[2, 3], &[4, 5]]), Code::Shape, "3 and 4"),
            fails(sample("a label too few", "i", &[&[2, 3]]), Code::Shape, "does not match"),
            fails(sample("an unknown output", "i->j", &[&[2]]), Code::Usage, "does not appear"),
        ]
    },
    ..OpDef::COMPOSITE
}.shipped();
