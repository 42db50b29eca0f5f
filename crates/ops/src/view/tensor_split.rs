//! A dim cut at positions, or into a number of nearly equal pieces.

use super::slice::slice;
use crate::shared::checks;
use crate::shared::view::count;
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, DType, Error, Result};

/// The pieces of `x` between the given positions.
fn at(x: &Tensor, places: &[i64], dim: usize) -> Result<Outputs> {
    count::room(places.len() as i64, x.rank())?;
    let n = x.shape()[dim] as i64;
    let place = |v: i64| (if v < 0 { v.saturating_add(n) } else { v }).clamp(0, n) as usize;
    let mut start = 0;
    let ends = places.iter().map(|&v| place(v)).chain([n as usize]);
    ends.map(|end| {
        let piece = slice(x, dim, start, end.max(start), 1);
        start = end;
        piece
    })
    .collect()
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    cut(x, attrs.get(0), attrs.opt_int(1).unwrap_or(0))
}

/// Views of `x` cut along `dim`, by a number of pieces or at places.
pub(crate) fn cut(x: &Tensor, how: &Attr, dim: i64) -> Result<Outputs> {
    if x.rank() == 0 {
        return Err(Error::index("expected at least a 1-dimensional tensor, but got a 0-dim tensor"));
    }
    let dim = wrap_dim(dim, x.rank())?;
    match how {
        Attr::Ints(places) => at(x, places, dim),
        Attr::Int(sections) if *sections > 0 => {
            let (n, sections) = (x.shape()[dim] as i64, *sections);
            // The first pieces are one longer where the dim does not divide.
            count::room(sections, x.rank())?;
            let places: Vec<i64> = (1..sections).map(|i| i * (n / sections) + i.min(n % sections)).collect();
            at(x, &places, dim)
        }
        Attr::Int(sections) => Err(Error::usage(format!("number of sections must be larger than 0, got {sections}"))),
        _ => Err(Error::usage("expected a number of sections or a list of indices")),
    }
}

fn tensor_body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, how] = [0, 1].map(|i| required(inputs, i));
    if how.dtype() != DType::Int64 {
        return Err(checks::wrong_integers("tensorIndicesOrSections", "int64", how.dtype()));
    }
    if how.rank() > 1 {
        return Err(Error::usage(format!(
            "tensorIndicesOrSections must be a vector or a 0-dim tensor, got shape {:?}",
            how.shape()
        )));
    }
    let places = how.read_values()?;
    // Before the list is copied, where there being no memory could not be an error.
    count::room(places.len() as i64, x.rank())?;
    let how = if how.rank() == 0 { Attr::Int(places[0]) } else { Attr::Ints(places[..].into()) };
    cut(x, &how, attrs.opt_int(0).unwrap_or(0))
}

const DIM: Arg = Arg::optional("dim", Kind::Int, Default::Int(0));

const DOC: &str = "Returns views of `input` cut along `dim`: into `sections` nearly equal pieces, the first of which may be one longer, or \
                   at the given indices.\n\nSource: PyTorch, `torch.tensor_split`.";

static SECTIONS: OpDef = OpDef {
    name: "tensor_split",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("sections", Kind::Int), DIM],
    outputs: &[],
    body: Body::Composite(body),
    samples: || {
        vec![call("pieces that differ", &[7, 2], [int(3)]), call("more than there are", &[2, 3], [int(4), int(-1)])]
    },
    errors: || vec![fails(call("no pieces", &[3], [int(0)]), Code::Usage, "larger than 0")],
    ..OpDef::COMPOSITE
}
.shipped();

static INDICES: OpDef = OpDef {
    name: "tensor_split.indices",
    args: &[Arg::tensor("input"), Arg::required("indices", Kind::Ints), DIM],
    samples: || {
        vec![
            call("places", &[2, 6], [ints(&[1, 4]), int(1)]),
            call("places outside and reversed", &[4], [ints(&[-1, 2, 9])]),
        ]
    },
    errors: || vec![fails(call("a 0-dim tensor", &[], [ints(&[1])]), Code::Index, "1-dimensional")],
    ..SECTIONS
}
.shipped();

static TENSOR: OpDef = OpDef {
    name: "tensor_split.tensor",
    args: &[Arg::tensor("input"), Arg::tensor("tensor_indices_or_sections"), DIM],
    body: Body::Composite(tensor_body),
    by_values: true,
    samples: || {
        let places = SampleTensor::ints(&[2], 1, 3);
        vec![Sample::new("places", vec![SampleTensor::new(&[4]).into(), places.into()])]
    },
    errors: Vec::new,
    ..SECTIONS
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&SECTIONS, &INDICES, &TENSOR];
