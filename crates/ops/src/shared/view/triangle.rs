//! What lies on one side of a diagonal.

use super::samples::{call, fails, int};
use adjoint_autograd::{Arg, Call, Class, Default, Facts, Half, Jvp, Kind, OpDef, Spec, Specs};
use adjoint_tensor::bits::Bits;
use adjoint_tensor::{Array, Code, Error, Result, by_size};

/// What both ops have.
pub const TRIANGLE: OpDef = OpDef {
    args: &[Arg::tensor("input"), Arg::optional("diagonal", Kind::Int, Default::Int(0))],
    class: Class::Index,
    in_place: true,
    half: Half::Native,
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
};

/// Copies that keep dtype and shape of matrices.
pub fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    if x.rank() < 2 {
        return Err(Error::shape(format!("input tensor must have at least 2 dimensions, got shape {:?}", x.shape())));
    }
    Ok(Spec::one(x.shape(), x.dtype()))
}

/// Copies the input with zeros where a column lies on the other side of the diagonal.
pub fn run(call: &Call, outs: &mut [Array], lower: bool) -> Result<()> {
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
                if if lower { column > row + diagonal } else { column < row + diagonal } {
                    *y = T::ZERO;
                }
            }
        }
    });
    Ok(())
}
