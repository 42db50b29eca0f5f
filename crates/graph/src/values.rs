//! Which value of a record a tensor holds.
//!
//! A value is known by where it is stored (storage, offset, strides) and by the storage's version,
//! which is that after the last recorded write. Tensors that share a place may differ in history:
//! an alias without history is another value.

use adjoint_autograd::Tensor;
use adjoint_tensor::{Array, DType};
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};

use crate::program::ValueId;

/// The address of a storage, which is held while it is known.
type StorageId = usize;

/// Where a value is stored.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    storage: StorageId,
    offset: usize,
    shape: SmallVec<[usize; 6]>,
    strides: SmallVec<[isize; 6]>,
    dtype: DType,
}

/// A storage of which values are known.
struct Known {
    /// The version after the last recorded write.
    version: u32,
    constants: SmallVec<[ValueId; 1]>,
    /// Whether it holds nothing but constants that were not written.
    is_constant: bool,
}

/// What is known of a tensor.
pub(crate) enum Found {
    /// It holds this value.
    Value(ValueId),
    /// It is an alias of this value without its history, made while the function ran.
    Detached(ValueId),
    /// Nothing, or only that its storage holds constants.
    Constant,
    /// Its storage was written by something that was not recorded.
    Written,
    /// Its storage holds computed values, and what made it was not recorded.
    Unknown,
}

/// The values known so far.
#[derive(Default)]
pub(crate) struct Values {
    /// By value. Held, so that no storage or tensor they are known by is freed.
    tensors: Vec<Tensor>,
    by_place: HashMap<Place, SmallVec<[ValueId; 1]>>,
    storages: HashMap<StorageId, Known>,
    /// The tensors that were made while the function ran, by object, and the storages among them.
    made: HashSet<usize>,
    made_storages: HashSet<StorageId>,
    held: Vec<Tensor>,
}

fn storage_of(array: &Array) -> StorageId {
    array.storage().as_ptr() as usize
}

/// Where `array` is stored.
pub(crate) fn place_of(array: &Array) -> Place {
    Place {
        storage: storage_of(array),
        offset: array.layout().offset,
        shape: array.shape().into(),
        strides: array.strides().into(),
        dtype: array.dtype(),
    }
}

fn same_history(a: &Tensor, b: &Tensor) -> bool {
    match (a.known_grad_fn(), b.known_grad_fn()) {
        (Some(a), Some(b)) => a.same(&b),
        _ => false,
    }
}

impl Values {
    /// Notes a new value, the next one.
    pub fn add(&mut self, t: &Tensor, is_constant: bool) -> ValueId {
        let value = self.tensors.len() as ValueId;
        self.tensors.push(t.clone());
        self.by_place.entry(place_of(t.array())).or_default().push(value);
        let first = || Known { version: t.version(), constants: SmallVec::new(), is_constant };
        let known = self.storages.entry(storage_of(t.array())).or_insert_with(first);
        if is_constant {
            known.constants.push(value);
        }
        known.is_constant &= is_constant;
        value
    }

    /// Notes a tensor that was made while the function ran.
    pub fn note_made(&mut self, t: &Tensor) {
        self.made.insert(t.address());
        if t.array().storage().is_unshared() {
            self.made_storages.insert(storage_of(t.array()));
        }
        self.held.push(t.clone());
    }

    /// The value that a tensor holds now.
    pub fn find(&self, t: &Tensor) -> Found {
        let Some(known) = self.storages.get(&storage_of(t.array())) else { return Found::Constant };
        if known.version != t.version() {
            return Found::Written;
        }
        let here = self.by_place.get(&place_of(t.array())).map_or(&[][..], |values| values);
        let newest = |is_it: &dyn Fn(&Tensor) -> bool| {
            here.iter().rev().copied().find(|&value| is_it(&self.tensors[value as usize]))
        };
        let same = newest(&|known| known.ptr_eq(t)).or_else(|| newest(&|known| same_history(known, t)));
        match (same, here.last()) {
            (Some(value), _) => Found::Value(value),
            (None, Some(&from)) if !t.requires_grad() && self.made.contains(&t.address()) => Found::Detached(from),
            _ if known.is_constant => Found::Constant,
            _ => Found::Unknown,
        }
    }

    /// The newest value in this place, whatever its history; `None` where there is none, or its
    /// storage was written by something that was not recorded.
    pub fn in_place(&self, array: &Array) -> Option<ValueId> {
        let known = self.storages.get(&storage_of(array))?;
        if known.version != array.storage().version() {
            return None;
        }
        self.by_place.get(&place_of(array))?.last().copied()
    }

    /// The value of this tensor object, whatever was written since.
    pub fn of_object(&self, t: &Tensor) -> Option<ValueId> {
        let here = self.by_place.get(&place_of(t.array()))?;
        here.iter().rev().copied().find(|&value| self.tensors[value as usize].ptr_eq(t))
    }

    /// Whether the storage of `t` holds nothing but constants.
    pub fn is_constant(&self, t: &Tensor) -> bool {
        self.storages.get(&storage_of(t.array())).is_some_and(|known| known.is_constant)
    }

    /// Notes that the storage of `t` is about to be written. The constants it holds, where it was
    /// made while the function ran.
    pub fn will_write(&mut self, t: &Tensor) -> &[ValueId] {
        let Some(known) = self.storages.get_mut(&storage_of(t.array())) else { return &[] };
        known.is_constant = false;
        if self.made_storages.contains(&storage_of(t.array())) { &known.constants } else { &[] }
    }

    /// Notes that a recorded step wrote the storage of `t`.
    pub fn note_written(&mut self, t: &Tensor) {
        if let Some(known) = self.storages.get_mut(&storage_of(t.array())) {
            known.version = t.version();
        }
    }
}
