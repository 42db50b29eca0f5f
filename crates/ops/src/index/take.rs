//! Elements by their place in row-major order.

use super::index;
use crate::invoke;
use crate::shared::checks;
use crate::shared::view::samples::fails;
use crate::view::reshape;
use adjoint_autograd::{Arg, Attrs, Body, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::{Code, DType, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let [x, places] = [0, 1].map(|i| required(inputs, i));
    if places.dtype() != DType::Int64 {
        return Err(checks::wrong_integers("an index", "int64", places.dtype()));
    }
    Ok(smallvec![index::index(&reshape::reshape(x, &[x.numel()])?, &[Some(places)])?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "take",
    doc: "Returns the elements of `input`, seen as a vector in row-major order, at the given places, in the shape of `index`.\n\n\
          Negative places count from the end. The gradient of an element is summed over its copies. \
          Source: PyTorch, `torch.take`.",
    args: &[Arg::tensor("input"), Arg::tensor("index")],
    body: Body::Composite(body),
    samples: || {
        let s = |label, shape: &[usize], index: &[usize], n: i64| {
            Sample::new(label, vec![SampleTensor::new(shape).into(), SampleTensor::ints(index, -n, n - 1).into()])
        };
        vec![s("a matrix", &[3, 4], &[2, 2], 12), s("a 0-dim index", &[3], &[], 3), s("no indices", &[3], &[0], 3)]
    },
    errors: || {
        let with = |index: SampleTensor| Sample::new("a call", vec![SampleTensor::new(&[3]).into(), index.into()]);
        vec![
            fails(with(SampleTensor::ints(&[1], 3, 3)), Code::Index, "index 3 is out of bounds"),
            fails(with(SampleTensor::new(&[1])), Code::DType, "an index of dtype int64"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();

/// The elements of `x` at positions in row-major order.
pub fn take(x: &Tensor, places: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, places)
}
