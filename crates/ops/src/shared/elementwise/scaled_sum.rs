//! Sums with a factor in float16 and bfloat16, rounded as PyTorch's loops round them.

use crate::elementwise::{mul::mul, to::to, where_::where_};
use crate::invoke::{self, number};
use adjoint_autograd::{Attrs, OpDef, Tensor};
use adjoint_tensor::promotion::{Operand, result_type};
use adjoint_tensor::{Array, DType, Dims, Layout, Result, dims, order};

/// Elements of an iteration of PyTorch's loop over halves: two vectors of sixteen. Source: PyTorch,
/// `vectorized_loop` in `aten/src/ATen/native/cpu/Loops.h`, with vectors of 256 bits.
const AT_ONCE: usize = 32;

/// The value of `op`, `input ± alpha · other`, where `alpha` is not 1: PyTorch's vector code rounds
/// it once, and what the loop does element by element, the product first. `None` where both are the
/// same.
///
/// **Cost**: two or three sums.
pub fn rounded(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Tensor>> {
    let [Some(a), Some(b)] = *inputs else { return Ok(None) };
    let dtype = result_type([a, b].map(|t| Operand {
        dtype: t.dtype(),
        zero_dim: t.rank() == 0,
        wrapped: t.is_wrapped_number(),
    }));
    let alpha = dtype.nearest(attrs.opt_float(0).unwrap_or(1.0));
    if alpha == 1.0 || !dtype.is_half() {
        return Ok(None);
    }
    let (a, b) = (to(a, dtype)?, to(b, dtype)?);
    let shape = dims::broadcast(a.shape(), b.shape())?;
    let layout = order::of_result(&shape, &[a.array(), b.array()], dtype, 0);
    let (row, whole) = inner_loop(&layout, [a.array(), b.array()]);
    let twice = || invoke::with(op, &[Some(&a), Some(&mul(&b, &number(alpha)?)?)], Attrs::new().scalar(1.0));
    if whole == 0 {
        return twice().map(Some);
    }
    // Products of halves are exact in float32.
    let (wide_a, wide_b) = (to(&a, DType::Float32)?, to(&b, DType::Float32)?);
    let once = to(&invoke::with(op, &[Some(&wide_a), Some(&wide_b)], Attrs::new().scalar(alpha))?, dtype)?;
    if whole == row {
        return Ok(Some(once));
    }
    let mut by_vectors = Array::empty(&[layout.numel()], DType::Bool)?;
    for (at, byte) in by_vectors.bool_bytes_mut().iter_mut().enumerate() {
        *byte = u8::from(at % row < whole);
    }
    where_(&Tensor::from_array(by_vectors.with_layout(layout)?), &once, &twice()?).map(Some)
}

/// The elements of PyTorch's innermost loop over a result of this layout and two operands, and how
/// many of them its vector code takes: none unless elements are neighbours, or those of one operand
/// the same.
fn inner_loop(layout: &Layout, operands: [&Array; 2]) -> (usize, usize) {
    let lead = |x: &Array| layout.rank() - x.rank();
    let stride = |x: &Array, d: usize| match d.checked_sub(lead(x)) {
        Some(at) if x.shape()[at] == layout.shape[d] => x.strides()[at],
        _ => 0,
    };
    let strides = |d: usize| [layout.strides[d], stride(operands[0], d), stride(operands[1], d)];
    let mut order: Dims = (0..layout.rank()).filter(|&d| layout.shape[d] != 1).collect();
    order.sort_by_key(|&d| layout.strides[d]);
    let Some((&first, outer)) = order.split_first() else { return (1, 0) };
    let inner = strides(first);
    let mut row = layout.shape[first];
    for &d in outer {
        // Dims that lie behind one another in all three are one loop.
        if strides(d) != inner.map(|stride| stride * row as isize) {
            break;
        }
        row *= layout.shape[d];
    }
    let by_vectors = matches!(inner, [1, 1, 1] | [1, 0, 1] | [1, 1, 0]);
    (row, if by_vectors { row - row % AT_ONCE } else { 0 })
}
