//! Block kernels over arrays: the safe way from tensors to [`adjoint_kernels::elementwise`].

use crate::{Array, DType, Dims, Error, Layout, Result, Strides, dims};
use adjoint_kernels::elementwise::{self, MAX_INPUTS, Operand};
use smallvec::SmallVec;
use std::rc::Rc;

pub use adjoint_kernels::elementwise::Blocks;

/// The contiguous layout all inputs broadcast to; that of an input where it is the same.
pub fn broadcast_layout<'a>(inputs: impl IntoIterator<Item = &'a Array> + Clone) -> Result<Rc<Layout>> {
    let mut shape: Option<Dims> = None;
    let mut first: Option<&Array> = None;
    for x in inputs.clone() {
        match (first, &shape) {
            (None, _) => first = Some(x),
            (Some(f), None) if f.shape() == x.shape() => {}
            (Some(f), None) => shape = Some(dims::broadcast(f.shape(), x.shape())?),
            (Some(_), Some(s)) => shape = Some(dims::broadcast(s, x.shape())?),
        }
    }
    let wanted: &[usize] = shape.as_deref().or(first.map(Array::shape)).unwrap_or(&[]);
    for x in inputs {
        if x.shape() == wanted && x.layout().offset == 0 && x.is_contiguous() {
            return Ok(x.shared_layout().clone());
        }
    }
    Ok(Rc::new(Layout::contiguous(wanted)))
}

/// Computes `blocks` in `dtype` over inputs broadcast to `out`'s shape, casting on the way in and out.
///
/// An input that shares storage with `out` under another layout would be read while it is written: it is copied first.
pub fn elementwise(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) -> Result<()> {
    if !blocks.supports(dtype) {
        return Err(Error::dtype(format!("not implemented for {}; cast with to() first", dtype.name()))
            .with("dtype", dtype.name()));
    }
    let dense = out.is_contiguous() && blocks.loop_dtype(dtype) == dtype;
    if dense && inputs.iter().all(|x| x.dtype() == dtype && x.is_contiguous() && x.shape() == out.shape()) {
        let direct = !inputs.iter().any(|x| overlaps(x, out));
        if direct && out.dtype() == blocks.result_dtype(dtype) {
            let mut pointers = [std::ptr::null(); MAX_INPUTS];
            for (pointer, x) in pointers.iter_mut().zip(inputs) {
                *pointer = x.as_ptr();
            }
            // SAFETY: all are contiguous, of the block's dtypes and of one shape; what shares storage has one layout.
            unsafe {
                elementwise::run_dense(blocks, dtype, &pointers[..inputs.len()], params, out.as_mut_ptr(), out.numel());
            };
            return Ok(());
        }
    }
    if inputs.iter().any(|x| overlaps(x, out)) {
        let separate: SmallVec<[Array; 4]> = inputs
            .iter()
            .map(|x| if overlaps(x, out) { x.copy(x.dtype()) } else { Ok((*x).clone()) })
            .collect::<Result<_>>()?;
        let separate: SmallVec<[&Array; 4]> = separate.iter().collect();
        run(blocks, dtype, &separate, params, out);
    } else {
        run(blocks, dtype, inputs, params, out);
    }
    Ok(())
}

/// Whether `x` looks at bytes of `out` in another order.
fn overlaps(x: &Array, out: &Array) -> bool {
    x.shares_storage(out) && (x.layout() != out.layout() || x.dtype() != out.dtype()) && x.numel() > 0
}

fn run(blocks: &Blocks, dtype: DType, inputs: &[&Array], params: &[f64], out: &Array) {
    let shape = out.shape();
    let mut broadcast: SmallVec<[Strides; 2]> = SmallVec::new();
    for x in inputs.iter().filter(|x| x.shape() != shape) {
        broadcast.push(x.broadcast_strides(shape));
    }
    let mut broadcast = broadcast.iter();
    let mut operands: SmallVec<[Operand<'_>; 5]> = SmallVec::new();
    for x in inputs {
        let strides = if x.shape() == shape { x.strides() } else { broadcast.next().expect("one for each such input") };
        operands.push(Operand { ptr: x.as_ptr(), dtype: x.dtype(), strides });
    }
    // SAFETY: every layout lies inside its storage (an invariant of `Array`), the inputs broadcast to `out`'s shape, and
    // inputs that share storage with `out` have the very same layout, so each element is read before it is written.
    unsafe { elementwise::run(blocks, dtype, shape, &operands, params, out.operand_mut()) };
}
