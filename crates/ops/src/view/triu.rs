//! What lies above a diagonal.

use super::cases::{call, fails, int};
use crate::invoke;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Default, Facts, Grads, Half, Jvp, Kind, OpDef, Spec, Specs, Tensor, Vjp,
};
use adjoint_tensor::bits::Bits;
use adjoint_tensor::{Array, Code, Error, Result, by_size};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    if x.rank() < 2 {
        return Err(Error::shape(format!("input tensor must have at least 2 dimensions, got shape {:?}", x.shape())));
    }
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    outs[0].assign(x)?;
    if x.numel() == 0 {
        return Ok(());
    }
    let (rows, columns) = (x.shape()[x.rank() - 2], x.shape()[x.rank() - 1]);
    // Further than that is no different, and cannot overflow.
    let diagonal = call.attrs.opt_int(0).unwrap_or(0).clamp(-(rows as i64), columns as i64);
    by_size!(x.dtype(), T => {
        for (i, line) in outs[0].as_mut_bits::<T>().chunks_exact_mut(columns).enumerate() {
            let row = (i % rows) as i64;
            for (y, column) in line.iter_mut().zip(0i64..) {
                if column < row + diagonal {
                    *y = T::ZERO;
                }
            }
        }
    });
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g())], b.attrs().clone())?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "triu",
    doc: "Returns a copy of the matrices `input` with zeros except on and above the diagonal.\n\n\
          `diagonal` counts diagonals above the main one, or below it where negative. Source: PyTorch, `torch.triu`.",
    args: &[Arg::tensor("input"), Arg::optional("diagonal", Kind::Int, Default::Int(0))],
    class: Class::Index,
    node: "TriuBackward0",
    in_place: true,
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("a square", &[3, 3], [int(0)]),
            call("above, batched", &[2, 2, 4], [int(1)]),
            call("below", &[4, 2], [int(-1)]),
            call("an empty tensor", &[0, 2], [int(0)]),
        ]
    },
    errors: || vec![fails(call("a vector", &[3], [int(0)]), Code::Shape, "at least 2 dimensions")],
    ..OpDef::BASE
}
.shipped();

/// `x` with zeros except on and above the diagonal.
pub fn triu(x: &Tensor, diagonal: i64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(diagonal))
}
