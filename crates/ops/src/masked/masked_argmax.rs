//! Where the greatest and the least of the elements are that a mask holds.

use crate::elementwise::to::to;
use crate::reduce::{argmax::argmax, argmin::argmin};
use crate::shared::masked::{DTYPE, Identity, KEEPDIM, MASK, REDUCTION, filled, one, sample};
use crate::view::reshape::reshape;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, Vjp, given, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Dims, Result};

fn body(
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
    identity: Identity,
    find: fn(&Tensor, usize, bool) -> Result<Tensor>,
) -> Result<Outputs> {
    let x = required(inputs, 0);
    let lanes = filled(x, given(inputs, 1), identity)?;
    let found = match attrs.opt_int(0) {
        Some(dim) => find(&lanes, wrap_dim(dim, x.rank())?, attrs.get_bool(1))?,
        None => {
            let found = find(&reshape(&lanes, &[x.numel()])?, 0, false)?;
            if attrs.get_bool(1) { reshape(&found, &Dims::from_elem(1, x.rank()))? } else { found }
        }
    };
    one(to(&found, attrs.opt_dtype(2).unwrap_or(x.dtype()))?)
}

const COMMON: OpDef = OpDef {
    args: &[Arg::tensor("input"), Arg::optional("dim", Kind::Int, Default::None), KEEPDIM, DTYPE, MASK],
    vjp: Vjp::None("returns indices"),
    samples: || {
        let mut rows = sample("rows", &[], &[], true);
        rows.args[1] = Attr::Int(1).into();
        let mut all = sample("all", &[], &[], false);
        all.args[1] = Attr::None.into();
        vec![rows, all]
    },
    ..REDUCTION
};

/// The ops.
pub static DEFS: &[&OpDef] = &[&ARGMAX, &ARGMIN];

static ARGMAX: OpDef = OpDef {
    name: "masked_argmax",
    doc: "Returns where the greatest element of `input` is where `mask` holds: in row-major order, or along `dim`.\n\n\
          In the dtype of `input`, as PyTorch gives it, or `dtype`. `mask` broadcasts to `input`; without one all count. \
          Source: PyTorch, `torch.masked.argmax`.",
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, Identity::Least, argmax)),
    ..COMMON
}
.shipped();

static ARGMIN: OpDef = OpDef {
    name: "masked_argmin",
    doc: "Returns where the least element of `input` is where `mask` holds, as `masked.argmax` does. \
          Source: PyTorch, `torch.masked.argmin`.",
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, Identity::Greatest, argmin)),
    ..COMMON
}
.shipped();
