//! Index index of dim written.

use crate::elementwise::copy::copy_;
use crate::shared::view::samples::{fails, int};
use crate::view::clone::clone;
use crate::view::select::select;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn select_at(x: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    let (dim, index) = (wrap_dim(attrs.get_int(0)?, x.rank())?, attrs.get_int(1)?);
    let n = x.shape().get(dim).copied().unwrap_or(0) as i64;
    if index < -n || index >= n {
        return Err(Error::index(format!("index {index} is out of range for dim {dim} of size {n}")));
    }
    select(x, dim, index.rem_euclid(n) as usize)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, src] = [0, 1].map(|i| required(inputs, i));
    let out = clone(x)?;
    let view = select_at(&out, attrs)?;
    if view.shape() != src.shape() {
        return Err(Error::shape(format!(
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
    name: "select_scatter",
    doc: "Returns a copy of `input` with `src` written at index `index` of `dim`.\n\n\
          Source: PyTorch, `torch.select_scatter`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("src"),
        Arg::required("dim", Kind::Int),
        Arg::required("index", Kind::Int),
    ],
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("a row", &[3, 4], &[4], [int(0), int(1)]),
            sample("a negative index", &[2, 3], &[2], [int(-1), int(-1)]),
        ]
    },
    errors: || vec![fails(sample("another shape", &[3, 3], &[2], [int(0), int(1)]), Code::Shape, "equal to the slice")],
    ..OpDef::COMPOSITE
}
.shipped();
