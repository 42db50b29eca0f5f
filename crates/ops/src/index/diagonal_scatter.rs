//! The diagonals over dims dim1 and dim2 written.

use crate::elementwise::copy::copy_;
use crate::shared::view::samples::{fails, int};
use crate::view::clone::clone;
use crate::view::diagonal::diagonal;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, src] = [0, 1].map(|i| required(inputs, i));
    let out = clone(x)?;
    let view = diagonal(
        &out,
        attrs.opt_int(0).unwrap_or(0),
        wrap_dim(attrs.opt_int(1).unwrap_or(0), x.rank())?,
        wrap_dim(attrs.opt_int(2).unwrap_or(1), x.rank())?,
    )?;
    if view.shape() != src.shape() {
        return Err(adjoint_tensor::Error::shape(format!(
            "expected src to have a size equal to the slice of self, got {:?} and {:?}",
            src.shape(),
            view.shape()
        )));
    }
    copy_(&view, src)?;
    Ok(smallvec![out])
}

fn sample(label: &str, x: &[usize], src: &[usize], attrs: impl IntoIterator<Item = Attr>) -> Sample {
    let mut args = vec![SampleTensor::new(x).into(), SampleTensor::new(src).into()];
    args.extend(attrs.into_iter().map(Into::into));
    Sample::new(label, args)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "diagonal_scatter",
    doc: "Returns a copy of `input` with `src` written at the diagonals over dims `dim1` and `dim2`.\n\n\
          Source: PyTorch, `torch.diagonal_scatter`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("src"),
        Arg::optional("offset", Kind::Int, Default::Int(0)),
        Arg::optional("dim1", Kind::Int, Default::Int(0)),
        Arg::optional("dim2", Kind::Int, Default::Int(1)),
    ],
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("the main diagonal", &[3, 4], &[3], []),
            sample("below, other dims", &[2, 3, 3], &[2, 2], [int(-1), int(1), int(2)]),
        ]
    },
    errors: || vec![fails(sample("another shape", &[3, 3], &[2], [int(0)]), Code::Shape, "equal to the slice")],
    ..OpDef::COMPOSITE
}
.shipped();
