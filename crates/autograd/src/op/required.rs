//! The ops the engine itself needs, handed in by crate `ops` at start so that this crate knows
//! none.

use crate::graph::tensor::Tensor;
use crate::op::OpDef;
use adjoint_tensor::{DType, Layout, Result};
use std::cell::Cell;

/// Differentiable functions the engine calls.
#[derive(Clone, Copy)]
pub struct Required {
    /// `a + b`.
    pub add: fn(&Tensor, &Tensor) -> Result<Tensor>,
    /// `a += b`.
    pub add_in_place: fn(&Tensor, &Tensor) -> Result<()>,
    /// `a · b`.
    pub mul: fn(&Tensor, &Tensor) -> Result<Tensor>,
    /// Sums the dims a broadcast added or expanded, so that the result has this shape.
    pub sum_to: fn(&Tensor, &[usize]) -> Result<Tensor>,
    /// The sum of all elements.
    pub sum: fn(&Tensor) -> Result<Tensor>,
    /// Casts.
    pub cast: fn(&Tensor, DType) -> Result<Tensor>,
    /// A contiguous copy.
    pub clone: fn(&Tensor) -> Result<Tensor>,
    /// A view with this layout, whose offset counts from the start of the storage.
    pub as_strided: fn(&Tensor, &Layout) -> Result<Tensor>,
    /// Writes the second into the first.
    pub copy_in_place: fn(&Tensor, &Tensor) -> Result<()>,
    /// Its first tensor as a function of the second, by which the derivative is zero.
    pub flat: fn() -> &'static OpDef,
    /// The index of an element that is NaN, or `None`.
    pub find_nan: fn(&Tensor) -> Result<Option<usize>>,
}

thread_local! {
    static REQUIRED: Cell<Option<&'static Required>> = const { Cell::new(None) };
}

/// Hands the ops in.
pub fn install(ops: &'static Required) {
    REQUIRED.set(Some(ops));
}

/// The ops.
///
/// # Panics
/// If [`install`] was not called on this thread.
#[inline]
pub fn get() -> &'static Required {
    REQUIRED.get().expect("adjoint_ops::install() runs before the first operation")
}
