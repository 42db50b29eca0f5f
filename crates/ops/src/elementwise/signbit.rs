//! Whether the sign bit is set.

use crate::shared::samples;
use adjoint_autograd::{Arg, Body, Call, OpDef, Spec, Vjp};
use adjoint_tensor::{Array, DType, Result};

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let values = call.input(0).to_vec_f64()?;
    for (out, x) in outs[0].bool_bytes_mut().iter_mut().zip(values) {
        *out = u8::from(x.is_sign_negative());
    }
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "signbit",
    doc: "Returns a bool tensor that says where the sign bit of `input` is set: of negative numbers and of −0.\n\n\
          Every dtype. Source: PyTorch, `torch.signbit`.",
    args: &[Arg::tensor("input")],
    body: Body::Kernel { rule: |call| Ok(Spec::one(call.input(0).shape(), DType::Bool)), run },
    vjp: Vjp::None("the result is bool"),
    samples: samples::unary,
    ..OpDef::BASE
}
.shipped();
