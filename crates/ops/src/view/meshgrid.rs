//! The coordinates of a grid.

use super::expand::expand;
use super::reshape::reshape;
use crate::shared::view::count;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor,
};
use adjoint_tensor::{Code, Dims, Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let tensors: Vec<&Tensor> = inputs.iter().flatten().copied().collect();
    let Some(first) = tensors.first() else {
        return Err(Error::usage("expects a non-empty list of tensors"));
    };
    if let Some(x) = tensors.iter().find(|x| x.rank() > 1) {
        return Err(Error::shape(format!("expected vectors or 0-dim tensors, got shape {:?}", x.shape())));
    }
    if let Some(x) = tensors.iter().find(|x| x.dtype() != first.dtype()) {
        return Err(Error::dtype(format!(
            "expects all tensors to have the same dtype, got {} and {}",
            first.dtype().name(),
            x.dtype().name()
        )));
    }
    // Each result has as many dims as there are tensors.
    count::room(tensors.len() as i64, tensors.len())?;
    // "xy" exchanges the first two dims of the inputs, and those of the results back.
    let swapped = attrs.get_choice(0) == 1 && tensors.len() > 1;
    let place = |i: usize| if swapped && i < 2 { 1 - i } else { i };
    let mut shape = Dims::from_elem(1, tensors.len());
    for (i, x) in tensors.iter().enumerate() {
        shape[place(i)] = x.numel();
    }
    tensors
        .iter()
        .enumerate()
        .map(|(i, x)| {
            let mut along = Dims::from_elem(1, shape.len());
            along[place(i)] = x.numel();
            expand(&reshape(x, &along)?, &shape)
        })
        .collect()
}

fn sample(label: &str, shapes: &[&[usize]], indexing: u8) -> Sample {
    let list = shapes.iter().map(|s| Some(SampleTensor::new(s))).collect();
    Sample::new(label, vec![SampleArg::Tensors(list), Attr::Choice(indexing).into()])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "meshgrid",
    doc: "Returns, for each of the given vectors, a view with its elements along a dim of its own and stretched over those of the \
          others: the coordinates of a grid.\n\n\
          With `indexing` \"ij\" vector i lies along dim i, with \"xy\" the first two are exchanged, as for an image. \
          Source: PyTorch, `torch.meshgrid`.",
    args: &[
        Arg::required("tensors", Kind::TensorsSpread),
        Arg::optional("indexing", Kind::Choice(&["ij", "xy"]), Default::Word("ij")),
    ],
    outputs: &[],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("two vectors", &[&[2], &[3]], 0),
            sample("as for an image", &[&[2], &[3]], 1),
            sample("a 0-dim tensor among them", &[&[], &[3], &[2]], 0),
        ]
    },
    errors: || {
        vec![
            fails(sample("a matrix", &[&[2, 2]], 0), Code::Shape, "expected vectors"),
            fails(sample("none", &[], 0), Code::Usage, "non-empty list"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
