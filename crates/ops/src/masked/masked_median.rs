//! The middle of the elements that a mask holds.

use crate::elementwise::to::to;
use crate::invoke;
use crate::reduce::nanmedian;
use crate::shared::masked::{DTYPE, Identity, KEEPDIM, MASK, REDUCTION, filled, one, sample};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, given, required};
use adjoint_tensor::Result;
use adjoint_tensor::promotion::to_float;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let lanes = filled(&to(x, to_float(x.dtype()))?, given(inputs, 1), Identity::Nan)?;
    let along = Attrs::new().int(attrs.opt_int(0).unwrap_or(-1)).bool(attrs.get_bool(1));
    let middle = invoke::many(nanmedian::DEFS[1], &[Some(&lanes)], along)?.swap_remove(0);
    one(to(&middle, attrs.opt_dtype(2).unwrap_or(x.dtype()))?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_median",
    doc: "Returns the middle of the elements of `input` along `dim` where `mask` holds, the lower of two.\n\n\
          NaN where none count. `mask` broadcasts to `input`; without one all count. \
          Source: PyTorch, `torch.masked.median`.",
    args: &[Arg::tensor("input"), Arg::optional("dim", Kind::Int, Default::Int(-1)), KEEPDIM, DTYPE, MASK],
    body: Body::Composite(body),
    samples: || {
        let mut rows = sample("rows", &[], &[], true);
        rows.args[1] = Attr::Int(1).into();
        vec![rows]
    },
    ..REDUCTION
}
.shipped();
