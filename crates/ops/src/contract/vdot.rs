//! The product of two vectors.

use super::dot::DEF as DOT;
use super::dot::dot;
use adjoint_autograd::{Arg, Body, Class, Jvp, OpDef, Saves, Vjp, required};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "vdot",
    doc: "Returns `Σ input_i · other_i` of two vectors, as `dot` does: the two differ for complex numbers only. \
          Source: PyTorch, `torch.vdot`.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    class: Class::Composite,
    node: "",
    body: Body::Composite(|inputs, _| {
        let [x, y] = [0, 1].map(|i| required(inputs, i));
        Ok(smallvec![dot(x, y)?])
    }),
    vjp: Vjp::Composite,
    jvp: Jvp::Transposed,
    saves: Saves::NOTHING,
    ..DOT
}
.shipped();
