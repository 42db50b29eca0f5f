//! Products with a product of reflections.

use super::householder_product::block;
use crate::contract::matmul::matmul;
use crate::elementwise::sub::sub;
use crate::shared::linalg::{COMPOSITE, floating, lead, matmul3, mt, sizes};
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required,
};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (input, tau, other) = (required(inputs, 0), required(inputs, 1), required(inputs, 2));
    let is_left = !matches!(attrs.get(0), Attr::Bool(false));
    let [m, n] = sizes("input", input.shape())?;
    let [rows, columns] = sizes("other", other.shape())?;
    let side = if is_left { rows } else { columns };
    let k = tau.shape().last().copied().unwrap_or(0);
    let fits = tau.rank() + 1 == input.rank()
        && tau.shape()[..tau.rank() - 1] == *lead(input.shape())
        && lead(other.shape()) == lead(input.shape());
    if !fits || side != m || k > m.min(n) {
        return Err(Error::shape(format!(
            "expected input [*, {side}, k] for other {:?} with left {is_left}, and at most k elements in tau, got input {:?} and \
             tau {:?}",
            other.shape(),
            input.shape(),
            tau.shape()
        )));
    }
    floating("input", input.dtype())?;
    let [v, t] = block(input, tau)?;
    let t = if attrs.get_bool(1) { mt(&t)? } else { t };
    let part = if is_left {
        matmul(&v, &matmul(&t, &matmul(&mt(&v)?, other)?)?)?
    } else {
        matmul3(&matmul(other, &v)?, &t, &mt(&v)?)?
    };
    Ok(smallvec![sub(other, &part)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ormqr",
    doc: "Returns `Q other`, or without `left` `other Q`, or with `transpose` the same with Qᵀ, Q being the whole product of the reflections \
          in `input` and `tau`, see `linalg.householderProduct`.\n\n\
          **Shapes**: `other` is `[*, m, n]`; `input` is `[*, m, k]`, or without `left` `[*, n, k]`; `tau` is `[*, k]` or shorter. Q \
          itself is not made. Source: PyTorch, `torch.ormqr`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("tau"),
        Arg::tensor("other"),
        Arg::optional("left", Kind::Bool, Default::Bool(true)),
        Arg::optional("transpose", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(body),
    samples: || {
        let s = |label: &str, shapes: [&[usize]; 3], left, transpose| {
            let flags = [Attr::Bool(left).into(), Attr::Bool(transpose).into()];
            Sample::new(label, shapes.iter().map(|s| SampleTensor::new(s).into()).chain(flags).collect())
        };
        vec![
            s("from the left", [&[3, 2], &[2], &[3, 2]], true, false),
            s("a batch from the right, transposed", [&[2, 3, 2], &[2, 2], &[2, 1, 3]], false, true),
        ]
    },
    errors: || {
        let parts: [&[usize]; 3] = [&[3, 2], &[2], &[2, 3]];
        let sample = Sample::new("other rows", parts.iter().map(|s| SampleTensor::new(s).into()).collect());
        vec![fails(sample, Code::Shape, "expected input [*, 2, k]")]
    },
    ..COMPOSITE
}
.shipped();
