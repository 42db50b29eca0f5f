//! Every step-th index of start to end of dim written.

use crate::elementwise::copy::copy_;
use crate::shared::view::samples::{fails, int};
use crate::view::clone::clone;
use crate::view::slice::slice;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn slice_at(x: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    let dim = wrap_dim(attrs.opt_int(0).unwrap_or(0), x.rank())?;
    let n = x.shape().get(dim).copied().unwrap_or(0) as i64;
    let step = attrs.opt_int(3).unwrap_or(1);
    if step <= 0 {
        return Err(Error::usage(format!("step must be greater than zero, got {step}")));
    }
    let place = |v: i64| (if v < 0 { v.saturating_add(n) } else { v }).clamp(0, n);
    let start = place(attrs.opt_int(1).unwrap_or(0));
    let end = place(attrs.opt_int(2).unwrap_or(n)).max(start);
    slice(x, dim, start as usize, end as usize, step as usize)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, src] = [0, 1].map(|i| required(inputs, i));
    let out = clone(x)?;
    let view = slice_at(&out, attrs)?;
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
    name: "slice_scatter",
    doc: "Returns a copy of `input` with `src` written at every `step`-th index of `start` to `end` of `dim`.\n\n\
          Source: PyTorch, `torch.slice_scatter`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("src"),
        Arg::optional("dim", Kind::Int, Default::Int(0)),
        Arg::optional("start", Kind::Int, Default::None),
        Arg::optional("end", Kind::Int, Default::None),
        Arg::optional("step", Kind::Int, Default::Int(1)),
    ],
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("rows", &[4, 2], &[2, 2], [int(0), int(1), int(3)]),
            sample("a step", &[2, 5], &[2, 3], [int(1), int(0), Attr::None, int(2)]),
        ]
    },
    errors: || vec![fails(sample("another shape", &[3, 3], &[2], [int(0), int(1)]), Code::Shape, "equal to the slice")],
    ..OpDef::COMPOSITE
}
.shipped();
