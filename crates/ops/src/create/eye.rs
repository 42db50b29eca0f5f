//! The identity matrix.

use crate::invoke;
use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Default, Facts, Kind, OpDef, Sample, Spec, Specs, Tensor};
use adjoint_tensor::array::held;
use adjoint_tensor::{Array, Code, DType, Error, Layout, Result, Scalar, promotion};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let n = call.attrs.get_int(0)?;
    let size =
        |name: &str, v: i64| held(v, name, || Error::usage(format!("{name} must be greater or equal to 0, got {v}")));
    let shape = [size("n", n)?, size("m", call.attrs.opt_int(1).unwrap_or(n))?];
    Ok(Spec::one(shape, call.attrs.opt_dtype(2).unwrap_or(promotion::DEFAULT_FLOAT)))
}

fn run(_: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].fill(Scalar::Int(0));
    let (n, m) = (outs[0].shape()[0], outs[0].shape()[1]);
    let diagonal = Layout { shape: smallvec![n.min(m)], strides: smallvec![(m as isize).saturating_add(1)], offset: 0 };
    outs[0].with_layout(diagonal)?.fill(Scalar::Int(1));
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "eye",
    doc: "Returns an `n` × `m` matrix with ones on the diagonal and zeros elsewhere; `m` is `n` where it is left out.\n\n\
          The dtype is float32 where none is given. Source: PyTorch, `torch.eye`.",
    args: &[Arg::required("n", Kind::Int), Arg::optional("m", Kind::Int, Default::None), DTYPE],
    body: Body::Kernel { rule, run },
    samples: || {
        vec![
            Sample::new("a square", vec![int(3).into()]),
            Sample::new("more columns", vec![int(2).into(), int(4).into(), Attr::DType(DType::Int64).into()]),
            Sample::new("no rows", vec![int(0).into(), int(2).into()]),
        ]
    },
    errors: || {
        vec![fails(
            Sample::new("a negative size", vec![int(-1).into()]),
            Code::Usage,
            "n must be greater or equal to 0",
        )]
    },
    ..factory::factory()
}
.shipped();

/// The `n` × `n` identity matrix.
pub fn eye(n: usize, dtype: DType) -> Result<Tensor> {
    invoke::with(&DEF, &[], Attrs::new().int(n as i64).none().dtype(dtype))
}
