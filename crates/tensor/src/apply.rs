//! Block kernels over arrays: the safe way from tensors to [`adjoint_kernels::elementwise`].

use crate::{Array, DType, Dims, Error, Result, dims};
use adjoint_kernels::elementwise::{self, Operand};
use smallvec::SmallVec;

pub use adjoint_kernels::elementwise::Blocks;

/// The shape all inputs broadcast to.
pub fn broadcast_shape<'a>(inputs: impl IntoIterator<Item = &'a Array>) -> Result<Dims> {
    let mut shape: Option<Dims> = None;
    for x in inputs {
        shape = Some(match shape {
            None => Dims::from_slice(x.shape()),
            Some(s) if s.as_slice() == x.shape() => s,
            Some(s) => dims::broadcast(&s, x.shape())?,
        });
    }
    Ok(shape.unwrap_or_default())
}

/// Computes `blocks` in `dtype` over inputs broadcast to `out`'s shape, casting on the way in and out.
///
/// An input that shares storage with `out` under another layout would be read while it is written: it is copied first.
pub fn elementwise(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) -> Result<()> {
    if !blocks.supports(dtype) {
        return Err(Error::dtype(format!("not implemented for {}; cast with to() first", dtype.name()))
            .with("dtype", dtype.name()));
    }
    let mut separate: SmallVec<[Array; 4]> = SmallVec::with_capacity(inputs.len());
    for x in inputs {
        let overlaps = x.shares_storage(out) && x.layout() != out.layout() && x.numel() > 0;
        separate.push(if overlaps { x.copy(x.dtype())? } else { (*x).clone() });
    }
    let strides: SmallVec<[SmallVec<[isize; 6]>; 4]> =
        separate.iter().map(|x| x.broadcast_strides(out.shape())).collect();
    let operands: SmallVec<[Operand<'_>; 4]> = separate
        .iter()
        .zip(&strides)
        .map(|(x, strides)| Operand { ptr: x.as_ptr(), dtype: x.dtype(), strides })
        .collect();
    // SAFETY: every layout lies inside its storage (an invariant of `Array`), the inputs broadcast to `out`'s shape, and
    // inputs that share storage with `out` have the very same layout, so each element is read before it is written.
    unsafe { elementwise::run(blocks, dtype, out.shape(), &operands, params, out.operand_mut()) };
    Ok(())
}
