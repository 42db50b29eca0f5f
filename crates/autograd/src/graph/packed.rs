//! What a pack hook on saved tensors returned, and what its unpack hook must give back.
//!
//! Kernels of derivatives rely on what the forward pass checked: sizes, dtypes, indices. What a
//! hook of the user's gives back is therefore brought into that form where PyTorch's derivatives
//! would take it, and refused where it does not fit.

use crate::graph::hooks::SavedHooks;
use crate::graph::tensor::Tensor;
use adjoint_tensor::{Array, DType, Error, Result, by_size};
use smallvec::SmallVec;
use std::fmt;
use std::rc::Rc;

/// What a pack hook returned for a tensor.
pub(crate) struct Packed {
    hooks: Rc<dyn SavedHooks>,
    key: u32,
    shape: SmallVec<[usize; 6]>,
    dtype: DType,
    /// Stands for the values of integers and bools: they are indices, classes and masks.
    fingerprint: Option<u64>,
}

impl Packed {
    /// What the hooks packed under `key`, where it was `t`.
    pub fn new(hooks: Rc<dyn SavedHooks>, key: u32, t: &Tensor) -> Result<Self> {
        let array = t.array();
        let mut packed = Packed { hooks, key, shape: array.shape().into(), dtype: array.dtype(), fingerprint: None };
        // Dropped if this fails, which has the hooks forget the key.
        packed.fingerprint = if packed.dtype.is_float() { None } else { Some(fingerprint(array)?) };
        Ok(packed)
    }

    /// What the unpack hook gives, in the form of what was packed.
    pub fn unpack(&self) -> Result<Tensor> {
        let t = self.hooks.unpack(self.key)?;
        let array = t.array();
        if array.dtype() == self.dtype && array.shape() == self.shape.as_slice() && self.fingerprint.is_none() {
            return Ok(t);
        }
        self.fit(array).map(Tensor::from_array)
    }

    fn fit(&self, given: &Array) -> Result<Array> {
        let refused = |what: &str| {
            let (shape, dtype) = (self.shape.as_slice(), self.dtype.name());
            Error::autograd(format!(
                "savedTensorsHooks: the unpack hook gave {what} ({:?} of {}, packed was {shape:?} of {dtype}); return the values that \
                 were packed, in their shape and dtype",
                given.shape(),
                given.dtype().name()
            ))
        };
        if given.dtype() != self.dtype && !(given.dtype().is_float() && self.dtype.is_float()) {
            return Err(refused("another dtype"));
        }
        let array = given.cast(self.dtype)?;
        let layout = array.layout().expand(&self.shape).map_err(|_| refused("another shape"))?;
        let array = array.with_layout(layout)?;
        match self.fingerprint {
            Some(before) if fingerprint(&array)? != before => Err(refused("other integers or bools")),
            _ => Ok(array),
        }
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        self.hooks.forget(self.key);
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packed {}", self.key)
    }
}

/// A number that tells the values of arrays apart (FNV-1a over the elements' bits, in row-major
/// order).
#[allow(clippy::useless_conversion, reason = "the bits of one of the widths are a u64 already")]
fn fingerprint(array: &Array) -> Result<u64> {
    let dense = array.physical(array.batch(), 0)?.contiguous()?;
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    by_size!(dense.dtype(), T => {
        for &bits in dense.as_bits::<T>() {
            hash = (hash ^ u64::from(bits)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    });
    Ok(hash)
}
