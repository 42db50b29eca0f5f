//! Handles: the numbers by which JavaScript names tensors and nodes.
//!
//! A handle is a positive `i32` below 2^30: 24 bits of slot and 6 bits of generation, which is never 0. A slot that is
//! given out again gets the next generation, so a handle that was released names nothing instead of another tensor.

use adjoint_autograd::{Node, Tensor};
use adjoint_tensor::{Code, Error, Result};
use std::cell::RefCell;
use std::rc::Rc;

const SLOT_BITS: u32 = 24;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;
const GENERATIONS: u32 = 63;
const END: u32 = u32::MAX;

struct Slot<T> {
    /// 1 to 63, of the present value or of the one that comes next.
    generation: u32,
    /// The next free slot, for free ones.
    next: u32,
    value: Option<T>,
}

/// Values by handle.
pub struct Table<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    live: usize,
    first_generation: u32,
}

impl<T> Table<T> {
    const fn new() -> Self {
        Table { slots: Vec::new(), free: END, live: 0, first_generation: 1 }
    }

    /// How many handles are out.
    pub fn live(&self) -> usize {
        self.live
    }

    /// The value of `handle`, unless it was released or never given.
    #[inline]
    pub fn get(&self, handle: i32) -> Option<&T> {
        let handle = handle as u32;
        let slot = self.slots.get((handle & SLOT_MASK) as usize)?;
        if slot.generation == handle >> SLOT_BITS { slot.value.as_ref() } else { None }
    }

    #[inline]
    fn insert(&mut self, value: T) -> Result<i32> {
        if self.free == END {
            self.add_slot()?;
        }
        let index = self.free;
        let slot = &mut self.slots[index as usize];
        self.free = slot.next;
        slot.value = Some(value);
        self.live += 1;
        Ok(((slot.generation << SLOT_BITS) | index) as i32)
    }

    #[cold]
    #[inline(never)]
    fn add_slot(&mut self) -> Result<()> {
        let index = self.slots.len() as u32;
        if index > SLOT_MASK {
            return Err(Error::new(
                Code::OutOfMemory,
                format!(
                    "{index} tensors are alive at once, more than there are handles; release some with scope() or dispose()"
                ),
            ));
        }
        self.slots.push(Slot { generation: self.first_generation, next: END, value: None });
        self.free = index;
        Ok(())
    }

    /// Takes the value out; the caller drops it when the table is no longer borrowed.
    #[inline]
    fn remove(&mut self, handle: i32) -> Option<T> {
        let handle = handle as u32;
        let index = handle & SLOT_MASK;
        let slot = self.slots.get_mut(index as usize)?;
        if slot.generation != handle >> SLOT_BITS {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = slot.generation % GENERATIONS + 1;
        slot.next = self.free;
        self.free = index;
        self.live -= 1;
        Some(value)
    }
}

thread_local! {
    static TENSORS: RefCell<Table<Tensor>> = const { RefCell::new(Table::new()) };
    static NODES: RefCell<Table<Rc<Node>>> = const { RefCell::new(Table::new()) };
}

/// Gives out handles from this generation on, so that those of an instance that died name nothing in its successor.
pub fn start_at_generation(generation: u32) {
    let first = generation % GENERATIONS + 1;
    TENSORS.with_borrow_mut(|t| t.first_generation = first);
    NODES.with_borrow_mut(|t| t.first_generation = first);
}

/// How many tensors JavaScript holds.
pub fn live_tensors() -> usize {
    TENSORS.with_borrow(Table::live)
}

/// All tensors JavaScript holds.
pub fn all_tensors() -> Vec<Tensor> {
    TENSORS.with_borrow(|table| table.slots.iter().filter_map(|slot| slot.value.clone()).collect())
}

/// The tensor of `handle`. The clone shares it; no borrow is left behind, so JavaScript may run.
#[inline]
pub fn tensor(handle: i32) -> Result<Tensor> {
    TENSORS.with_borrow(|t| t.get(handle).cloned()).ok_or_else(disposed)
}

/// Runs `f` on the tensors of these handles, which must not call JavaScript nor give handles out or back; `None` where one of
/// them names nothing.
#[inline]
pub fn with<const N: usize, R>(handles: [i32; N], f: impl FnOnce([&Tensor; N]) -> Option<R>) -> Option<R> {
    TENSORS.with_borrow(|table| {
        let first = table.get(*handles.first()?)?;
        let mut tensors = [first; N];
        for i in 1..N {
            tensors[i] = table.get(handles[i])?;
        }
        f(tensors)
    })
}

/// A new handle for `t`.
#[inline]
pub fn new_handle(t: Tensor) -> Result<i32> {
    TENSORS.with_borrow_mut(|table| table.insert(t))
}

/// Lets `handle` name another tensor.
pub fn replace(handle: i32, t: Tensor) {
    let old = TENSORS.with_borrow_mut(|table| {
        table.get(handle)?;
        table.slots[(handle as u32 & SLOT_MASK) as usize].value.replace(t)
    });
    drop(old);
}

/// Gives a handle back. One that is not out is ignored: disposing twice is harmless.
#[inline]
pub fn release(handle: i32) {
    let t = TENSORS.with_borrow_mut(|table| table.remove(handle));
    drop(t);
}

/// The node of `handle`.
pub fn node(handle: i32) -> Result<Rc<Node>> {
    NODES.with_borrow(|t| t.get(handle).cloned()).ok_or_else(disposed)
}

/// A new handle for `node`.
pub fn new_node_handle(node: Rc<Node>) -> Result<i32> {
    NODES.with_borrow_mut(|table| table.insert(node))
}

/// Gives the handle of a node back.
pub fn release_node(handle: i32) {
    let node = NODES.with_borrow_mut(|table| table.remove(handle));
    drop(node);
}

#[cold]
fn disposed() -> Error {
    Error::new(Code::Disposed, "a tensor was used after it was disposed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_handle_names_nothing_though_its_slot_is_used_again() {
        let mut table = Table::new();
        let a = table.insert('a').unwrap();
        assert_eq!(table.remove(a), Some('a'));
        let b = table.insert('b').unwrap();
        assert_eq!((a as u32 & SLOT_MASK, table.get(a)), (b as u32 & SLOT_MASK, None));
        assert_eq!(table.get(b), Some(&'b'));
        assert_eq!(table.remove(a), None);
        assert_eq!(table.live(), 1);
    }

    #[test]
    fn handles_are_positive_and_zero_names_nothing() {
        let mut table = Table::new();
        for _ in 0..200 {
            let h = table.insert(()).unwrap();
            assert!(h > 0 && h < 1 << 30);
            assert!(table.get(0).is_none() && table.get(-1).is_none());
            table.remove(h);
        }
    }
}
